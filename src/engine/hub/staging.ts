import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';
import type { HubFile } from './client.ts';

/**
 * What is known of a pull, in the folder that it fills: which commit of what it is, and which files
 * it is made of.
 */
export interface PullRecord {
  hub: string;
  repo: string;
  /** As it was asked for. */
  revision: string;
  commit: string;
  /** Paths in the model's folder. */
  files: HubFile[];
}

const recordSchema: z.ZodType<PullRecord> = z.object({
  hub: z.string(),
  repo: z.string(),
  revision: z.string(),
  commit: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      size: z.number(),
      checksum: z.object({ kind: z.enum(['sha256', 'git']), hex: z.string() }),
    }),
  ),
});

const recordName = '.pull.json';
const suffix = '.partial';

/** A folder for a pull, and the folder in it that becomes the model's. */
export interface Staging {
  readonly folder: string;
  readonly files: string;
}

/**
 * Where a model is put together: beside its place, under another name and one folder deeper, so that
 * nothing takes a part of it for the model.
 */
export function stagingOf(out: string): Staging {
  const folder = `${out}${suffix}`;
  return { folder, files: join(folder, 'files') };
}

/** Whether a folder is an unfinished pull, by its name and its record. */
export function isUnfinished(folder: string): boolean {
  return folder.endsWith(suffix) && existsSync(join(folder, recordName));
}

/** The record of a folder; undefined where there is none that can be read. */
export function readRecord(folder: string): PullRecord | undefined {
  try {
    const text = readFileSync(join(folder, recordName), 'utf8');
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: PullRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, recordName);
  await writeFile(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}

/**
 * Removes what an earlier pull left that is of no use to this one: files that differ by now.
 * @throws LikewiseError `OUTPUT_UNWRITABLE` where the folder is something else
 */
export async function keepWhatFits(
  { folder, files }: Staging,
  wanted: readonly HubFile[],
): Promise<void> {
  const before = readRecord(folder);
  if (!before) {
    const others = existsSync(folder) ? readdirSync(folder) : [];
    if (others.every((name) => name.startsWith(recordName))) return;
    const reason = 'something that was not made by this command is in the way';
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path: folder, reason });
  }
  const checksums = new Map(wanted.map(({ path, checksum }) => [path, checksum.hex]));
  for (const { path, checksum } of before.files) {
    if (checksums.get(path) !== checksum.hex) await rm(join(files, path), { force: true });
  }
}

/** The model takes its place, whole. */
export async function finish(staging: Staging, out: string, record: PullRecord): Promise<void> {
  await writeRecord(staging.files, record);
  await rename(staging.files, out);
  await clear(staging);
}

/** Removes a place where a model was put together. */
export async function clear({ folder }: Staging): Promise<void> {
  if (isUnfinished(folder)) await rm(folder, { recursive: true, force: true });
}
