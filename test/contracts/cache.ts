import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../src/cache/port.ts';

/** What every `Cache` must do. `open` gives a new, empty one. */
export function cacheContract(name: string, open: () => Promise<Cache> | Cache): void {
  describe(`${name} keeps the cache contract`, () => {
    let cache: Cache;
    beforeEach(async () => {
      cache = await open();
    });
    afterEach(() => cache.close());

    const bytes = (...values: number[]) => Uint8Array.from(values);

    it('knows nothing at first', async () => {
      expect(await cache.get('a/b')).toBeUndefined();
      expect(await cache.delete('a/b')).toBe(false);
    });

    it('gives back the bytes, every value of a byte and none at all', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await cache.set('all', all);
      await cache.set('none', bytes());
      expect(await cache.get('all')).toEqual(all);
      expect(await cache.get('none')).toEqual(bytes());
    });

    it('replaces, and keeps keys apart', async () => {
      await cache.set('a/1', bytes(1));
      await cache.set('a/2', bytes(2));
      await cache.set('a/1', bytes(3, 4));
      expect(await cache.get('a/1')).toEqual(bytes(3, 4));
      expect(await cache.get('a/2')).toEqual(bytes(2));
    });

    it('keeps its own copy', async () => {
      const mine = bytes(1, 2);
      await cache.set('a', mine);
      mine[0] = 9;
      const first = await cache.get('a');
      expect(first).toEqual(bytes(1, 2));
      if (first) first[1] = 9;
      expect(await cache.get('a')).toEqual(bytes(1, 2));
    });

    it('deletes one', async () => {
      await cache.set('a', bytes(1));
      await cache.set('b', bytes(2));
      expect(await cache.delete('a')).toBe(true);
      expect(await cache.get('a')).toBeUndefined();
      expect(await cache.get('b')).toEqual(bytes(2));
    });

    it('deletes by prefix, and only that', async () => {
      for (const key of ['t1/x', 't1/y', 't10/x', 't_/x', 'u/t1/x']) await cache.set(key, bytes(1));
      expect(await cache.deletePrefix('t1/')).toBe(2);
      expect(await cache.get('t1/x')).toBeUndefined();
      for (const key of ['t10/x', 't_/x', 'u/t1/x']) expect(await cache.get(key)).toBeDefined();
    });

    it('forgets what has expired', async () => {
      await cache.set('short', bytes(1), { ttlMs: 20 });
      await cache.set('long', bytes(2), { ttlMs: 60_000 });
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(await cache.get('short')).toBeUndefined();
      expect(await cache.get('long')).toEqual(bytes(2));
    });
  });
}
