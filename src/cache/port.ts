import type { Kind } from './keys.ts';
import type { Statistics } from './statistics.ts';

/**
 * What the rest of the program asks of a cache: bytes under a key of `keys.ts`, by whom they were
 * wanted, and for how long they are kept. What the bytes mean, and whether they are still whole, is
 * the business of `records.ts`.
 *
 * A cache is allowed to forget anything at any time, but for what `CacheOptions.needed` names: what
 * must not be lost, such as a named analogy, is in the library and not here. A cache is never allowed
 * to return bytes under a key that they were not stored under.
 */
export interface Cache {
  /**
   * The bytes stored under `key`, or undefined. The caller may keep and change them.
   * @param owner who asks: from now on what is kept is theirs too; null: whose it is stays as it is
   */
  get(key: string, owner?: string | null): Promise<Uint8Array | undefined>;
  /** Stores a copy of `bytes`, replacing what was there. @param owner whose it is, one or several */
  set(key: string, bytes: Uint8Array, owner?: string | readonly string[]): Promise<void>;
  /** Whose it is; nobody's where there is nothing under the key. */
  ownersOf(key: string): Promise<readonly string[]>;
  /** @returns whether there was something to delete */
  delete(key: string): Promise<boolean>;
  /**
   * Strikes a user from the owners of a record, and removes it where it is nobody else's.
   * @returns whether it was theirs
   */
  disown(key: string, owner: string): Promise<boolean>;
  /**
   * Forgets a user of a tenant: removes what is theirs alone, and strikes their name from what others
   * of the tenant have asked for as well. Once it returns, what was removed is in no file any more.
   * @returns of how many records of each kind
   */
  forget(scope: string, owner: string): Promise<Record<Kind, number>>;
  /**
   * Removes what of a tenant was stored before `before` (milliseconds since 1970), from every file,
   * but for what is needed.
   * @returns of how many records of each kind
   */
  forgetBefore(scope: string, before: number): Promise<Record<Kind, number>>;
  /** Removes what has outlived its retention, then the least recently used beyond the cap. */
  sweep(): Promise<Swept>;
  /** What is there now. Costs one scan. */
  usage(): Promise<Usage>;
  /**
   * What a user keeps, and all users of the tenant together: what several have counts for each of
   * them, and once for the tenant. Counted as it comes and goes, so it costs a scan when it is asked
   * for the first time, and at most once a minute while something has outlived its retention. What
   * another process stores counts from the next sweep on.
   */
  kept(scope: string, owner: string): Promise<{ readonly user: Kept; readonly tenant: Kept }>;
  /**
   * Whether so many bytes can be written where values are kept: they are written, and removed.
   * @throws Error what the store throws, for want of room as well
   */
  probe(bytes: number): Promise<void>;
  readonly statistics: Statistics;
  /** Releases files and connections; calls after it fail. */
  close(): Promise<void>;
}

export interface CacheOptions {
  /** How long each kind is kept from when it was stored, in ms. @default for ever */
  retention?: Partial<Record<Kind, number>>;
  /** Most bytes of all values together; beyond it the least recently used go. @default no cap */
  maxBytes?: number;
  /** Whether an accepted job needs it still: then neither age nor cap removes it. @default none */
  needed?: (key: string) => boolean;
  /**
   * Whether what is stored survives a loss of power too, and not only a crash, once a call returns.
   * Costs some milliseconds a record. For a folder; a server has settings of its own. @default false
   */
  durable?: boolean;
  /** Milliseconds since 1970. @default the computer's clock */
  now?: () => number;
}

/** How many records went, and why; `orphans` are values of a write that never ended. */
export interface Swept {
  expired: number;
  evicted: number;
  orphans: number;
}

export interface Kept {
  readonly bytes: number;
  /** No later than when the first of it outlives its retention, in ms since 1970. */
  readonly firstEnd: number | undefined;
}

export type Usage = Record<Kind, { entries: number; bytes: number }>;

/** The owner of what nobody in particular asked for, such as the command line. */
export const nobody = 'local';
