import { CorruptRecordError, type Packable, pack, unpack } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { StoredAnalogy } from './analogy.ts';
import { digestOf, type LibraryRow, openTable } from './database.ts';
import { checkDescription, checkName, foldName } from './names.ts';
import type { Caller, Library, LibraryLimits, NamedAnalogy, Reference } from './port.ts';

/**
 * The library in a file.
 * @param path of the file, which is made where it is not there
 * @throws Error where it cannot be used
 */
export function openLibrary(path: string, limits: LibraryLimits): Library {
  const table = openTable(path);

  const find = (tenant: string, which: Reference): LibraryRow | undefined =>
    'name' in which
      ? table.byName(digestOf(tenant, 'name', foldName(which.name)))
      : table.byId(digestOf(tenant, 'id', which.analogy));

  const need = (tenant: string, which: Reference): { row: LibraryRow; named: NamedAnalogy } => {
    const row = find(tenant, which);
    const name = 'name' in which ? which.name : which.analogy;
    if (!row) throw new LikewiseError('ANALOGY_UNKNOWN', { name: name.slice(0, 80) });
    return { row, named: whole(name, () => unpack(row.about) as unknown as NamedAnalogy) };
  };

  const needOwn = ({ tenant, user, moderator }: Caller, which: Reference) => {
    const found = need(tenant, which);
    const { owner, name } = found.named;
    if (owner !== user && !moderator) throw new LikewiseError('ANALOGY_NOT_YOURS', { name });
    return found;
  };

  /** All of a tenant, by name; what is damaged is left out, and told to whoever asks for it. */
  const all = (tenant: string): NamedAnalogy[] =>
    table
      .abouts(digestOf(tenant))
      .flatMap(({ about }) => readable(about))
      .sort((a, b) => compare(foldName(a.name), foldName(b.name)));

  const checkFree = (tenant: string, name: string, except?: string) => {
    const taken = find(tenant, { name });
    if (taken && taken.id !== except) throw new LikewiseError('ANALOGY_NAME_TAKEN', { name });
  };

  const checkRoom = ({ tenant, user }: Caller) => {
    const present = all(tenant);
    const own = present.filter(({ owner }) => owner === user).length;
    if (own >= limits.user) {
      throw new LikewiseError('LIBRARY_FULL', { whose: 'one member', most: limits.user });
    }
    if (present.length >= limits.tenant) {
      throw new LikewiseError('LIBRARY_FULL', { whose: 'all together', most: limits.tenant });
    }
  };

  const change = (tenant: string, { id }: LibraryRow, named: NamedAnalogy): NamedAnalogy => {
    const name = digestOf(tenant, 'name', foldName(named.name));
    table.update(id, { name, about: packed(named) });
    return named;
  };

  /** For what takes something away. */
  const erase = <Result>(erasure: () => Result): Result => {
    const result = table.transaction(erasure);
    table.scrub();
    return result;
  };

  const removeAll = (tenant: string, which: (named: NamedAnalogy | undefined) => boolean) =>
    erase(() => {
      const gone = table.abouts(digestOf(tenant)).filter(({ about }) => which(readable(about)[0]));
      for (const { id } of gone) table.delete(id);
      return gone.length;
    });

  return {
    save: (caller, request, stored) =>
      table.transaction(() => {
        const { tenant, user: owner } = caller;
        const { analogy } = request;
        const name = checkName(request.name);
        const description = checkDescription(request.description);
        checkFree(tenant, name);
        const known = find(tenant, { analogy });
        if (known) {
          throw new LikewiseError('ANALOGY_NAMED', {
            name: readable(known.about)[0]?.name ?? name,
          });
        }
        checkRoom(caller);
        const { model, createdAt } = stored;
        const about = { analogy, name, owner, model: { ...model }, createdAt };
        const named: NamedAnalogy = description === undefined ? about : { ...about, description };
        table.insert({
          id: digestOf(tenant, 'id', analogy),
          tenant: digestOf(tenant),
          name: digestOf(tenant, 'name', foldName(name)),
          about: packed(named),
          stored: packed(stored),
        });
        return named;
      }),

    get(tenant, which) {
      const { row, named } = need(tenant, which);
      const stored = whole(named.name, () => unpack(row.stored) as unknown as StoredAnalogy);
      return { ...named, stored };
    },

    list(tenant, { owner, after, limit = 50 } = {}) {
      const rest = all(tenant)
        .filter((named) => owner === undefined || named.owner === owner)
        .filter(({ name }) => after === undefined || compare(foldName(name), after) > 0);
      const analogies = rest.slice(0, Math.max(1, limit));
      const last = analogies.at(-1);
      if (!last || rest.length === analogies.length) return { analogies };
      return { analogies, next: foldName(last.name) };
    },

    find(tenant, text, limit = 25) {
      const wanted = foldName(text);
      const present = all(tenant);
      const begin = present.filter(({ name }) => foldName(name).startsWith(wanted));
      const hold = present.filter(({ name }) => foldName(name).indexOf(wanted) > 0);
      return [...begin, ...hold].slice(0, limit);
    },

    describe: (caller, which, text) =>
      erase(() => {
        const { row, named } = needOwn(caller, which);
        const { description: _before, ...rest } = named;
        const description = checkDescription(text);
        return change(
          caller.tenant,
          row,
          description === undefined ? rest : { ...rest, description },
        );
      }),

    rename: (caller, which, text) =>
      erase(() => {
        const { row, named } = needOwn(caller, which);
        const name = checkName(text);
        checkFree(caller.tenant, name, row.id);
        return change(caller.tenant, row, { ...named, name });
      }),

    delete: (caller, which) =>
      erase(() => {
        const row = find(caller.tenant, which);
        // What is damaged has no owner to be read any more: whoever stumbles over it may remove it.
        if (row && readable(row.about).length === 0) table.delete(row.id);
        else table.delete(needOwn(caller, which).row.id);
      }),

    // What is damaged may be theirs.
    forget: (tenant, user) =>
      removeAll(tenant, (named) => named === undefined || named.owner === user),
    close: () => table.close(),
  };
}

function packed(value: NamedAnalogy | StoredAnalogy): Uint8Array {
  return pack(value as unknown as Packable);
}

/** @throws LikewiseError `ANALOGY_DAMAGED` where the bytes are not as they were written */
function whole<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CorruptRecordError)) throw cause;
    throw new LikewiseError('ANALOGY_DAMAGED', { name: name.slice(0, 80) }, { cause });
  }
}

/** What a row says, or nothing where it is damaged. */
function readable(about: Uint8Array): NamedAnalogy[] {
  try {
    return [unpack(about) as unknown as NamedAnalogy];
  } catch (error) {
    if (error instanceof CorruptRecordError) return [];
    throw error;
  }
}

/** By code unit: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
