import { type Cache, idKey, records } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import type { EngineFile } from '../client.ts';
import { ownerKey } from '../jobs/index.ts';
import type { Owner } from '../protocol.ts';

/**
 * What was drawn, by id. Previews live in memory only; of too many, the oldest go of whoever has most.
 */
export interface Files {
  keep(owner: Owner, id: string, file: EngineFile): Promise<void>;
  /** @throws LikewiseError `FILE_UNKNOWN` */
  get(owner: Owner, id: string): Promise<EngineFile>;
  /** @returns its id */
  preview(owner: Owner, job: string, png: Uint8Array): string;
  /** Bytes of the previews of a user, and of all users of the tenant. */
  previewBytes(owner: Owner): { readonly user: number; readonly tenant: number };
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
  const oldestOfMost = (): string => {
    const byOwner = new Map<string, string[]>();
    for (const [id, { owner }] of previews) {
      const ids = byOwner.get(ownerKey(owner));
      if (ids) ids.push(id);
      else byOwner.set(ownerKey(owner), [id]);
    }
    const [most = []] = [...byOwner.values()].sort((a, b) => b.length - a.length);
    return most[0] ?? '';
  };
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
      while (previews.size > mostPreviews) previews.delete(oldestOfMost());
      return id;
    },
    previewBytes({ tenant, user }) {
      const bytes = { user: 0, tenant: 0 };
      for (const preview of previews.values()) {
        if (preview.owner.tenant !== tenant) continue;
        bytes.tenant += preview.bytes.length;
        if (preview.owner.user === user) bytes.user += preview.bytes.length;
      }
      return bytes;
    },
    forget({ tenant, user }) {
      for (const [id, { owner }] of previews) {
        if (owner.tenant === tenant && owner.user === user) previews.delete(id);
      }
    },
  };
}
