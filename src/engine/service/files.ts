import { type Cache, idKey, records } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { EngineFile } from '../client.ts';
import type { Owner } from '../protocol.ts';

/** What was drawn, by id. Previews live in memory only, and the oldest of too many go. */
export interface Files {
  keep(owner: Owner, id: string, file: EngineFile): Promise<void>;
  /** @throws LikewiseError `FILE_UNKNOWN` */
  get(owner: Owner, id: string): Promise<EngineFile>;
  /** @returns its id */
  preview(owner: Owner, job: string, png: Uint8Array): string;
  /** Previews of an owner. */
  forget(owner: Owner): void;
  keyOf(tenant: string, id: string): string;
}

/** Previews in memory, of all jobs together. */
const mostPreviews = 64;

export function createFiles(cache: Cache): Files {
  const previews = new Map<string, { readonly owner: Owner; readonly bytes: Uint8Array }>();
  let last = 0;
  const keyOf = (tenant: string, id: string) => idKey(tenant, 'cell', id);
  return {
    keyOf,
    async keep({ tenant, user }, id, { type, bytes }) {
      await records(cache, { owner: user }).set(keyOf(tenant, id), { type, bytes });
    },
    async get({ tenant }, id) {
      const preview = previews.get(id);
      if (preview?.owner.tenant === tenant) return { type: 'image/png', bytes: preview.bytes };
      const file = await records(cache, { owner: null }).get(keyOf(tenant, id));
      if (file === undefined) throw new LikewiseError('FILE_UNKNOWN', { file: id });
      return file as unknown as EngineFile;
    },
    preview(owner, job, bytes) {
      const id = `preview.${job}.${++last}`;
      previews.set(id, { owner, bytes });
      for (const oldest of previews.keys()) {
        if (previews.size <= mostPreviews) break;
        previews.delete(oldest);
      }
      return id;
    },
    forget({ tenant, user }) {
      for (const [id, { owner }] of previews) {
        if (owner.tenant === tenant && owner.user === user) previews.delete(id);
      }
    },
  };
}
