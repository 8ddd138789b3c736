import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder, beside a model's parts, of what is kept of it from one start to the next. */
export const keptFolder = 'prepared';

/** Our own files that were never renamed: their writer was ended in between. */
const leftover = /^(?:[a-z_]+-[0-9a-f]{24}\.onnx|digests\.json)\.[0-9a-f-]{36}\.tmp$/;
/** No writer takes as long. */
const leftoverMs = 24 * 3600 * 1000;

/**
 * Writes a file whole or not at all. Where it cannot be written (a folder that is read-only, a full disk),
 * the next start does the work again.
 */
export function writeKept(path: string, bytes: () => string | Uint8Array): void {
  const folder = dirname(path);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, bytes());
    renameSync(temporary, path);
  } catch {
    removeKept(temporary);
    return;
  }
  for (const { path: old, usedMs } of filesLike(folder, leftover)) {
    if (usedMs < Date.now() - leftoverMs) removeKept(old);
  }
}

/** Removes all files of these names but `path` and those used last, `most` in all. */
export function pruneKept(path: string, names: RegExp, most: number): void {
  const others = filesLike(dirname(path), names).filter((file) => file.path !== path);
  others.sort((a, b) => b.usedMs - a.usedMs || (a.path < b.path ? -1 : 1));
  for (const other of others.slice(most - 1)) removeKept(other.path);
}

/** Whoever has it open goes on with it; where the system refuses that, it stays. */
export function removeKept(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // In use, or in a folder that is read-only or none.
  }
}

/** Plain files only: links, and whatever else has such a name, are not ours. */
function filesLike(folder: string, names: RegExp): { path: string; usedMs: number }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && names.test(entry.name))
      .flatMap(({ name }) => {
        const path = join(folder, name);
        // Another process may have removed it meanwhile.
        const found = statSync(path, { throwIfNoEntry: false });
        return found ? [{ path, usedMs: found.mtimeMs }] : [];
      });
  } catch {
    return [];
  }
}
