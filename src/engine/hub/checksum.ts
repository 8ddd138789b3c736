import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What a file's content has to be: SHA-256 of it, or the id that git gives it. Hex. */
export type Checksum = { readonly kind: 'sha256' | 'git'; readonly hex: string };

/**
 * A hash that takes the file's bytes in order.
 * @param size bytes of the whole file: git's id begins with it
 */
export function startHash({ kind }: Checksum, size: number): Hash {
  // Git's ids are SHA-1, of the content behind a short header.
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

/** Adds a file, from its beginning. */
export async function hashFile(hash: Hash, path: string, signal?: AbortSignal): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk);
  }
}
