import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, one by one: Node's own recursive `mkdir` never returns where
 * the disk says of a folder's parent that it is there and cannot hold it, as /proc does.
 *
 * @param made is told each folder that had to be made, outermost first
 */
export async function makeFolder(
  path: string,
  made: (dir: string) => void = () => {},
): Promise<void> {
  const missing = [];
  for (let dir = resolve(path); !(await exists(dir)); dir = dirname(dir)) missing.unshift(dir);
  for (const dir of missing) {
    await mkdir(dir);
    made(dir);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => path === dirname(path),
  );
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'a file is in the way',
  ENOTDIR: 'a file is in the way',
  EISDIR: 'it is a folder',
  ENOENT: 'there can be no such folder',
  ENAMETOOLONG: 'the name is too long',
};

/** Why something could not be written, in words; the system's own where there are none better. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
