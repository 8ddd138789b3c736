import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import { afterAll, expect, it } from 'vitest';
import { keyvCache, memoryCache, openCache } from '../../src/cache/index.ts';
import { cacheContract } from '../contracts/cache.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-cache-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let folders = 0;

cacheContract('the cache in a folder', () => openCache(join(dir, `cache-${folders++}`)));
cacheContract('the cache in memory', memoryCache);
cacheContract("the cache on Keyv's own defaults", () =>
  keyvCache(new Keyv<Uint8Array>({ throwOnErrors: true })),
);

it('a folder outlives the process that filled it', async () => {
  const path = join(dir, 'kept');
  const first = openCache(path);
  await first.set('a', Uint8Array.of(1, 2, 3));
  await first.close();
  const second = openCache(path);
  expect(await second.get('a')).toEqual(Uint8Array.of(1, 2, 3));
  await second.close();
});

it('two may have one folder open', async () => {
  const path = join(dir, 'shared');
  const [first, second] = [openCache(path), openCache(path)];
  await first.set('a', Uint8Array.of(1));
  expect(await second.get('a')).toEqual(Uint8Array.of(1));
  await second.set('a', Uint8Array.of(2));
  expect(await first.get('a')).toEqual(Uint8Array.of(2));
  await Promise.all([first.close(), second.close()]);
});

it('a store that fails is not mistaken for an empty one', async () => {
  const cache = openCache(join(dir, 'closed'));
  await cache.close();
  await expect(cache.get('a')).rejects.toThrow();
  await expect(cache.set('a', Uint8Array.of(1))).rejects.toThrow();
});
