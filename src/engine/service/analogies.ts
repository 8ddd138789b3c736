import { type Cache, idKey, type Packable, records } from '../../cache/index.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import type { Library, NamedAnalogy, StoredAnalogy } from '../library/index.ts';
import type { Analogy, Owner, Reference } from '../protocol.ts';

/** Ids of two pictures that show what an analogy does. */
export interface Example {
  readonly a: string;
  readonly aPrime: string;
}

export interface KeptAnalogy {
  readonly about: Analogy;
  readonly stored: StoredAnalogy;
  /** Of one that was made here, as long as the cache remembers it. */
  readonly example?: Example | undefined;
}

/** Analogies of a tenant by id or name: named ones are in the library, others in the cache. */
export interface Analogies {
  /** @throws LikewiseError `ANALOGY_UNKNOWN`, `ANALOGY_DAMAGED` */
  get(owner: Owner, which: Reference): Promise<KeptAnalogy>;
  /** Keeps one that nobody named, as its owner's. */
  keep(owner: Owner, id: string, stored: StoredAnalogy, example?: Example): Promise<void>;
  keyOf(tenant: string, id: string): string;
}

export function createAnalogies(cache: Cache, library: Library): Analogies {
  const keyOf = (tenant: string, id: string) => idKey(tenant, 'analogy', id);
  const named = (tenant: string, which: Reference): KeptAnalogy | undefined => {
    try {
      const found = library.get(tenant, which);
      return { about: aboutOf(found), stored: found.stored };
    } catch (error) {
      if (isLikewiseError(error) && error.code === 'ANALOGY_UNKNOWN') return undefined;
      throw error;
    }
  };
  /** What the cache holds; whose it is does not change by reading it. */
  const cached = async (tenant: string, id: string) => {
    const found = await records(cache, { owner: null }).get(keyOf(tenant, id));
    return found as unknown as Cached | undefined;
  };
  return {
    keyOf,
    async get({ tenant }, which) {
      const found = named(tenant, which);
      if (found) {
        const { example } = (await cached(tenant, found.about.analogy)) ?? {};
        return { ...found, example };
      }
      const id = 'analogy' in which ? which.analogy : undefined;
      const kept = id === undefined ? undefined : await cached(tenant, id);
      if (id === undefined || kept === undefined) {
        const name = 'name' in which ? which.name : which.analogy;
        throw new LikewiseError('ANALOGY_UNKNOWN', { name: name.slice(0, 80) });
      }
      const { owner, stored, example } = kept;
      return { about: { analogy: id, owner, createdAt: stored.createdAt }, stored, example };
    },
    async keep({ tenant, user }, id, stored, example) {
      const value = { owner: user, stored, ...(example && { example: { ...example } }) };
      await records(cache, { owner: user }).set(keyOf(tenant, id), value as unknown as Packable);
    },
  };
}

interface Cached {
  readonly owner: string;
  readonly stored: StoredAnalogy;
  readonly example?: Example;
}

/** What others are told of a named analogy. */
export function aboutOf(named: NamedAnalogy): Analogy {
  const { analogy, name, description, owner, createdAt } = named;
  return { analogy, name, owner, createdAt, ...(description !== undefined && { description }) };
}
