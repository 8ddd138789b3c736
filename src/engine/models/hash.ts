import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DigestOptions, keptDigests } from './digests.ts';

/** Folders whose files decide what a model computes. */
const parts = [
  'scheduler',
  'text_encoder',
  'token_encoder',
  'tokenizer',
  'unet',
  'vae_decoder',
  'vae_encoder',
];

/**
 * SHA-256 over names and contents of a model's files, hex. Where the folder lies and when it was
 * written plays no part. Costs one read of everything at first, two seconds per gigabyte or so; from then
 * on of small files, and of large ones that have changed: see `keptDigests`.
 */
export async function modelHash(dir: string, options?: DigestOptions): Promise<string> {
  const total = createHash('sha256');
  const digests = keptDigests(dir, options);
  for (const part of parts) {
    for (const name of await filesIn(join(dir, part))) {
      total.update(`${part}/${name}\0${await digests.of(`${part}/${name}`)}\n`);
    }
  }
  digests.save();
  return total.digest('hex');
}

async function filesIn(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const seen = entries.filter((entry) => !entry.name.startsWith('.'));
    const files: string[] = [];
    for (const entry of seen) {
      // Caches of hubs hold links to files.
      const linked = entry.isSymbolicLink() && (await stat(join(dir, entry.name))).isFile();
      if (entry.isFile() || linked) files.push(entry.name);
    }
    return files.sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
