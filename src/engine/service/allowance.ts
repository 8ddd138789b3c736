import PQueue from 'p-queue';
import { type Cache, type Packable, pack } from '../../cache/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Owner } from '../protocol.ts';
import type { Files } from './files.ts';

type Kept = Awaited<ReturnType<Cache['kept']>>;

/** How much of a user, and of a tenant, is kept outside the journal: `jobs.user`, `jobs.tenant`. */
export interface Allowance {
  /** What is in the cache, and previews. */
  kept(owner: Owner): Promise<Kept>;
  /**
   * Calls `write`, which keeps a value under a key, if there is room for it; what the user has under
   * that key already takes none.
   * @throws LikewiseError `LIMIT_BYTES`
   */
  within<Result>(
    owner: Owner,
    key: string,
    value: unknown,
    write: () => Promise<Result>,
  ): Promise<Result>;
}

export interface AllowanceOptions {
  readonly cache: Cache;
  readonly files: Pick<Files, 'previewBytes'>;
  readonly admitBytes: Jobs['admitBytes'];
}

export function createAllowance({ cache, files, admitBytes }: AllowanceOptions): Allowance {
  // One after the other: of two for which there is room, there may not be room for both.
  const turns = new PQueue({ concurrency: 1 });
  const kept = async (owner: Owner): Promise<Kept> => {
    const { user, tenant } = await cache.kept(owner.tenant, owner.user);
    const previews = files.previewBytes(owner);
    return {
      user: { ...user, bytes: user.bytes + previews.user },
      tenant: { ...tenant, bytes: tenant.bytes + previews.tenant },
    };
  };
  return {
    kept,
    within: (owner, key, value, write) =>
      turns.add(async () => {
        if (!(await cache.ownersOf(key)).includes(owner.user)) {
          admitBytes(owner, pack(value as Packable).length, await kept(owner));
        }
        return write();
      }),
  };
}
