import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { watchDisk } from '../../../src/engine/jobs/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-disk-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a reserve is held while there is room, given up when there is none, and held again', () => {
  const path = join(dir, 'data', 'reserve');
  let free = 20e6;
  const disk = watchDisk({ path, freeMegabytes: 10, reserveMegabytes: 2, freeBytes: () => free });
  expect(disk.hasRoom()).toBe(true);
  expect(statSync(path).size).toBe(2e6);
  free = 9e6;
  expect(disk.hasRoom()).toBe(false);
  expect(disk.release()).toBe(true);
  expect(existsSync(path)).toBe(false);
  expect(disk.release()).toBe(false);
  // The reserve has to fit again as well.
  free = 11e6;
  expect(disk.hasRoom()).toBe(false);
  free = 13e6;
  expect(disk.hasRoom()).toBe(true);
  expect(existsSync(path)).toBe(true);
});

test('folders on other disks need room as well, but no reserve', () => {
  const path = join(dir, 'first', 'reserve');
  const free = new Map([
    [join(dir, 'first'), 20e6],
    ['cache', 11e6],
  ]);
  const freeBytes = (folder: string) => free.get(folder) ?? 0;
  const others = ['cache'];
  const disk = watchDisk({ path, freeMegabytes: 10, reserveMegabytes: 2, others, freeBytes });
  expect(disk.hasRoom()).toBe(true);
  free.set('cache', 9e6);
  expect(disk.hasRoom()).toBe(false);
  free.set('cache', 10e6);
  expect(disk.hasRoom()).toBe(true);
});

test('what the system says of the disk is asked for', () => {
  const path = join(dir, 'reserve');
  const some = watchDisk({ path, freeMegabytes: 0, reserveMegabytes: 0 });
  const all = watchDisk({ path, freeMegabytes: 1e12, reserveMegabytes: 0 });
  expect([some.hasRoom(), all.hasRoom()]).toEqual([true, false]);
});
