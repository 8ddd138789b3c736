/**
 * What the rest of the program asks of a cache: bytes under a key, nothing more. What the bytes
 * mean, and whether they are still whole, is `codec.ts`'s business.
 *
 * A cache is allowed to forget anything at any time. It is never allowed to return bytes under a
 * key that they were not stored under.
 */
export interface Cache {
  /** The bytes stored under `key`, or undefined. The caller may keep and change them. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Stores a copy of `bytes`, replacing what was there. */
  set(key: string, bytes: Uint8Array, options?: { ttlMs?: number }): Promise<void>;
  /** @returns whether there was something to delete */
  delete(key: string): Promise<boolean>;
  /** Deletes every key that starts with `prefix`; how a tenant is forgotten. Costs one scan. */
  deletePrefix(prefix: string): Promise<number>;
  /** Releases files and connections; calls after it fail. */
  close(): Promise<void>;
}
