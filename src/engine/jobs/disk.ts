import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** How much room there is, and what is done before there is none. */
export interface Disk {
  /** Whether there is room enough to accept something new. Holds the reserve again if it can. */
  hasRoom(): boolean;
  /** Gives the reserve up. @returns whether there was one */
  release(): boolean;
}

export interface DiskOptions {
  /** The file whose room is the reserve; in the folder that is watched. */
  readonly path: string;
  /** MB below which there is no room for something new. */
  readonly freeMegabytes: number;
  readonly reserveMegabytes: number;
  /** Folders, perhaps on other disks, that need room as well. @default none */
  readonly others?: readonly string[];
  /** Bytes that are free where a folder lies. @default what the system says */
  readonly freeBytes?: (folder: string) => number;
}

/**
 * Watches the disks of folders. SQLite needs room even to delete, so a disk that is full would keep jobs
 * from ending and users from being forgotten: some room is therefore held in a file that can go.
 */
export function watchDisk(options: DiskOptions): Disk {
  const { path, freeMegabytes, reserveMegabytes, others = [], freeBytes = bytesFree } = options;
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let held = false;

  const hold = (): boolean => {
    try {
      fill(path, reserveMegabytes * 1e6);
      return true;
    } catch {
      rmSync(path, { force: true });
      return false;
    }
  };
  return {
    hasRoom() {
      const needed = freeMegabytes + (held ? 0 : reserveMegabytes);
      if (freeBytes(folder) < needed * 1e6) return false;
      if (others.some((other) => freeBytes(other) < freeMegabytes * 1e6)) return false;
      held ||= hold();
      return held;
    },
    release() {
      // One that an earlier process held counts too.
      const was = held || existsSync(path);
      rmSync(path, { force: true });
      held = false;
      return was;
    },
  };
}

function bytesFree(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Real bytes, not a hole: a hole reserves nothing. */
function fill(path: string, bytes: number): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const block = Buffer.alloc(1 << 20, 0xa5);
    for (let written = 0; written < bytes; ) {
      written += writeSync(file, block, 0, Math.min(block.length, bytes - written));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
