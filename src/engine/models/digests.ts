import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { keptFolder, writeKept } from './kept.ts';

export interface DigestOptions {
  /** Bytes from which on a file's digest is kept; smaller ones are always read. @default 64 MB */
  least?: number;
  /** @default digestOf */
  digest?: (path: string) => Promise<string>;
  /** Milliseconds since 1970. @default the system's clock */
  now?: () => number;
}

/** SHA-256 of a model's files, those of large ones as they were found once. */
export interface Digests {
  /**
   * Of a file or of what a link leads to, hex. A file counts as unchanged as long as its size, times and
   * inode are, as for make and git; the time of change of the inode (ctime) cannot be put back.
   * @param name relative to the model's folder, with `/`
   */
  of(name: string): Promise<string>;
  /** Keeps those that were asked for, and no others, for the next start. */
  save(): void;
}

/** Times on file systems may be as coarse: FAT has 2 s. */
const coarsestMs = 2000;
const megabytes64 = 64e6;

/** As decimal digits, since nanoseconds and inodes of some systems are too large for JSON's numbers. */
const state = { size: z.string(), mtimeNs: z.string(), ctimeNs: z.string(), ino: z.string() };
const entrySchema = z.object({
  ...state,
  /** When the file was looked at, before it was read: milliseconds since 1970. */
  seenMs: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type Entry = z.output<typeof entrySchema>;
const fileSchema = z.object({ version: z.literal(1), files: z.record(z.string(), entrySchema) });

/** Digests in `prepared/digests.json` of a model's folder; a file there that is broken counts for nothing. */
export function keptDigests(dir: string, options: DigestOptions = {}): Digests {
  const { least = megabytes64, digest = digestOf, now = Date.now } = options;
  const path = join(dir, keptFolder, 'digests.json');
  const before = read(path);
  const after = new Map<string, Entry>();
  return {
    async of(name) {
      const file = join(dir, name);
      const seenMs = now();
      const found = await stat(file, { bigint: true });
      if (found.size < least) return digest(file);
      const known = before.get(name);
      if (known && isSame(known, found) && !isRacy(found, known.seenMs)) {
        after.set(name, known);
        return known.sha256;
      }
      const sha256 = await digest(file);
      // With the state from before it was read: one that was written to meanwhile has another by then.
      after.set(name, { ...stateOf(found), seenMs, sha256 });
      return sha256;
    },
    save() {
      const text = textOf(after);
      if (text !== textOf(before)) writeKept(path, () => text);
    },
  };
}

/** SHA-256 of a file's content, hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function read(path: string): Map<string, Entry> {
  try {
    return new Map(Object.entries(fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).files));
  } catch {
    // Not there, or not whole: the files are read.
    return new Map();
  }
}

function textOf(entries: ReadonlyMap<string, Entry>): string {
  return `${JSON.stringify({ version: 1, files: Object.fromEntries(entries) }, null, 2)}\n`;
}

function stateOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats) {
  return { size: `${size}`, mtimeNs: `${mtimeNs}`, ctimeNs: `${ctimeNs}`, ino: `${ino}` };
}

function isSame(known: Entry, found: BigIntStats): boolean {
  const current = stateOf(found);
  return (Object.keys(state) as (keyof typeof state)[]).every((key) => known[key] === current[key]);
}

/**
 * Whether a file was so new when it was looked at that another change of it could bear the same time: git's
 * "racily clean" entries, https://git-scm.com/docs/racy-git.
 */
function isRacy({ mtimeNs, ctimeNs }: BigIntStats, seenMs: number): boolean {
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return Number(changedNs / 1_000_000n) + coarsestMs >= seenMs;
}
