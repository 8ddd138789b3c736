import { type Cache, idKey, records } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { EngineFile } from '../client.ts';
import { ownerKey } from '../jobs/index.ts';
import type { Owner } from '../protocol.ts';

/**
 * What was drawn, by id. Previews, and what transient renders draw, live in memory only; of too many,
 * the oldest go of whoever has most.
 */
export interface Files {
  keep(owner: Owner, id: string, file: EngineFile): Promise<void>;
  /** @throws LikewiseError `FILE_UNKNOWN` */
  get(owner: Owner, id: string): Promise<EngineFile>;
  /** @returns its id */
  preview(owner: Owner, job: string, png: Uint8Array): string;
  /** Keeps a file of a transient render, in memory and for a while; it counts for nobody. */
  hold(owner: Owner, id: string, file: EngineFile): void;
  /** Bytes of the previews of a user, and of all users of the tenant. */
  previewBytes(owner: Owner): { readonly user: number; readonly tenant: number };
  /** Of an owner, what is in memory. */
  forget(owner: Owner): void;
  /** Of a tenant, what is in memory and older than `before`, in milliseconds since 1970. */
  forgetBefore(tenant: string, before: number): void;
  keyOf(tenant: string, id: string): string;
}

/** Files in memory, of all jobs together: previews, and those of transient renders. */
const [mostPreviews, mostHeld] = [64, 128];

export function createFiles(cache: Cache): Files {
  const previews = createShelf(mostPreviews);
  const held = createShelf(mostHeld);
  const shelves = [previews, held];
  let last = 0;
  const keyOf = (tenant: string, id: string) => idKey(tenant, 'cell', id);
  return {
    keyOf,
    async keep({ tenant, user }, id, { type, bytes }) {
      await records(cache, { owner: user }).set(keyOf(tenant, id), { type, bytes });
    },
    async get({ tenant }, id) {
      for (const { files } of shelves) {
        const there = files.get(id);
        if (there?.owner.tenant === tenant) return there.file;
      }
      const file = await records(cache, { owner: null }).get(keyOf(tenant, id));
      if (file === undefined) throw new LikewiseError('FILE_UNKNOWN', { file: id });
      return file as unknown as EngineFile;
    },
    preview(owner, job, bytes) {
      const id = `preview.${job}.${++last}`;
      previews.put(owner, id, { type: 'image/png', bytes });
      return id;
    },
    hold: held.put,
    previewBytes({ tenant, user }) {
      const total = { user: 0, tenant: 0 };
      for (const { owner, file } of previews.files.values()) {
        if (owner.tenant !== tenant) continue;
        total.tenant += file.bytes.length;
        if (owner.user === user) total.user += file.bytes.length;
      }
      return total;
    },
    forget({ tenant, user }) {
      for (const shelf of shelves) {
        shelf.drop(({ owner }) => owner.tenant === tenant && owner.user === user);
      }
    },
    forgetBefore(tenant, before) {
      for (const shelf of shelves) {
        shelf.drop(({ owner, at }) => owner.tenant === tenant && at < before);
      }
    },
  };
}

interface Placed {
  readonly owner: Owner;
  readonly file: EngineFile;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** So many files in memory, the oldest first. */
function createShelf(most: number) {
  const files = new Map<string, Placed>();
  const oldestOfMost = (): string => {
    const byOwner = new Map<string, string[]>();
    for (const [id, { owner }] of files) {
      const ids = byOwner.get(ownerKey(owner));
      if (ids) ids.push(id);
      else byOwner.set(ownerKey(owner), [id]);
    }
    const [longest = []] = [...byOwner.values()].sort((a, b) => b.length - a.length);
    return longest[0] ?? '';
  };
  return {
    files: files as ReadonlyMap<string, Placed>,
    put(owner: Owner, id: string, file: EngineFile) {
      files.set(id, { owner, file, at: Date.now() });
      while (files.size > most) files.delete(oldestOfMost());
    },
    drop(which: (placed: Placed) => boolean) {
      for (const [id, placed] of files) if (which(placed)) files.delete(id);
    },
  };
}
