import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LikewiseError } from '../errors.ts';
import { makeFolder, reasonOf } from './folders.ts';

/** Places to write to that were found good before the work began. */
export interface Outputs {
  /**
   * Writes all files or none: each under a temporary name beside its own, then all are renamed.
   *
   * @throws LikewiseError `OUTPUT_UNWRITABLE`; what was written is removed again, and what was
   *   replaced is put back
   */
  write(files: readonly OutputFile[]): Promise<void>;
  /** Removes the folders that were made for nothing; after `write` there are none. */
  release(): Promise<void>;
}

export interface OutputFile {
  path: string;
  bytes: Uint8Array | string;
}

/**
 * Makes the folders that files will be written to, and tries each by a temporary file: better to
 * hear of a full or read-only disk before minutes of work than after.
 *
 * @param places files to be written, and folders for several files
 * @throws LikewiseError `OUTPUT_UNWRITABLE`, leaving nothing behind
 */
export async function prepareOutputs(places: {
  files: readonly string[];
  folders: readonly string[];
}): Promise<Outputs> {
  const made: string[] = [];
  const release = async () => {
    for (const dir of made.splice(0).reverse()) await rmdir(dir).catch(() => {}); // not empty: kept
  };
  try {
    for (const path of places.files) await checkFile(path);
    for (const path of new Set([...places.files.map((file) => dirname(file)), ...places.folders])) {
      await attempt(path, async () => {
        await makeFolder(path, (dir) => made.push(dir));
        const probe = temporary(join(path, 'probe'));
        await writeFile(probe, 'x').finally(() => rm(probe, { force: true }));
      });
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { write: writeAll, release };
}

async function writeAll(files: readonly OutputFile[]): Promise<void> {
  const pending = files.map((file) => ({
    ...file,
    temp: temporary(file.path),
    older: temporary(file.path),
  }));
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const { path, bytes, temp } of pending) await attempt(path, () => writeFile(temp, bytes));
    for (const { path, temp, older } of pending) {
      await attempt(path, async () => {
        const replaces = (await stat(path).catch(() => undefined))?.isFile() ?? false;
        if (replaces) await copyFile(path, older);
        await rename(temp, path);
        undo.unshift(() => (replaces ? rename(older, path) : rm(path, { force: true })));
      });
    }
  } catch (error) {
    for (const action of undo) await action().catch(() => {}); // the first failure is what counts
    throw error;
  } finally {
    const left = pending.flatMap(({ temp, older }) => [temp, older]);
    await Promise.all(left.map((path) => rm(path, { force: true })));
  }
}

/** Only a plain file may be replaced: not a folder, and never a device. */
async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  const reason = found.isDirectory() ? 'it is a folder' : 'it is not a plain file';
  throw new LikewiseError('OUTPUT_UNWRITABLE', { path, reason });
}

function temporary(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

async function attempt(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    throw new LikewiseError('OUTPUT_UNWRITABLE', { path, reason: reasonOf(cause) }, { cause });
  }
}
