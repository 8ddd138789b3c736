import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
 * written plays no part. Costs one read of everything: a second per gigabyte or so.
 */
export async function modelHash(dir: string): Promise<string> {
  const total = createHash('sha256');
  for (const part of parts) {
    for (const name of await filesIn(join(dir, part))) {
      const file = createHash('sha256');
      for await (const chunk of createReadStream(join(dir, part, name))) file.update(chunk);
      total.update(`${part}/${name}\0${file.digest('hex')}\n`);
    }
  }
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
