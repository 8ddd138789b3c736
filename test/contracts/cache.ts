import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cache, type CacheOptions, idKey, records } from '../../src/cache/index.ts';

/** What every `Cache` must do. `open` gives a new, empty one. */
export function cacheContract(
  name: string,
  open: (options: CacheOptions) => Promise<Cache> | Cache,
): void {
  describe(`${name} keeps the cache contract`, () => {
    const began = Date.now();
    let now = began;
    const needed = new Set<string>();
    let cache: Cache;
    beforeEach(async () => {
      now = began;
      needed.clear();
      cache = await open({
        retention: { embeddings: 10 * minute, pictures: 5 * minute },
        maxBytes: 1000,
        needed: (key) => needed.has(key),
        now: () => now,
      });
    });
    afterEach(() => cache.close());

    const bytes = (...values: number[]) => Uint8Array.from(values);
    const minute = 60_000;
    const tokens = (id: string, scope = 't') => idKey(scope, 'tokens', id);
    const noise = (id: string, scope = 't') => idKey(scope, 'noise', id);
    const kept = async (keys: readonly string[]) => {
      const found = await Promise.all(keys.map((key) => cache.get(key, 'looker')));
      return keys.filter((_, i) => found[i] !== undefined);
    };

    it('knows nothing at first', async () => {
      expect(await cache.get(tokens('a'))).toBeUndefined();
      expect(await cache.delete(tokens('a'))).toBe(false);
      expect(await cache.sweep()).toEqual({ expired: 0, evicted: 0, orphans: 0 });
    });

    it('gives back the bytes, every value of a byte and none at all', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await cache.set(tokens('all'), all);
      await cache.set(tokens('none'), bytes());
      expect(await cache.get(tokens('all'))).toEqual(all);
      expect(await cache.get(tokens('none'))).toEqual(bytes());
    });

    it('replaces, and keeps keys apart', async () => {
      await cache.set(tokens('1'), bytes(1));
      await cache.set(noise('1'), bytes(2));
      await cache.set(tokens('1', 'u'), bytes(5));
      await cache.set(tokens('1'), bytes(3, 4));
      expect(await cache.get(tokens('1'))).toEqual(bytes(3, 4));
      expect(await cache.get(noise('1'))).toEqual(bytes(2));
      expect(await cache.get(tokens('1', 'u'))).toEqual(bytes(5));
    });

    it('keeps its own copy', async () => {
      const mine = bytes(1, 2);
      await cache.set(tokens('a'), mine);
      mine[0] = 9;
      const first = await cache.get(tokens('a'));
      expect(first).toEqual(bytes(1, 2));
      if (first) first[1] = 9;
      expect(await cache.get(tokens('a'))).toEqual(bytes(1, 2));
    });

    it('deletes one', async () => {
      await cache.set(tokens('a'), bytes(1));
      await cache.set(tokens('b'), bytes(2));
      expect(await cache.delete(tokens('a'))).toBe(true);
      expect(await kept([tokens('a'), tokens('b')])).toEqual([tokens('b')]);
    });

    it('takes a record from one of its owners, and removes the last one’s', async () => {
      await cache.set(tokens('a'), bytes(1), ['ann', 'bob']);
      expect(await cache.disown(tokens('a'), 'cay')).toBe(false);
      expect(await cache.disown(tokens('a'), 'ann')).toBe(true);
      expect(await cache.ownersOf(tokens('a'))).toEqual(['bob']);
      expect(await cache.get(tokens('a'), null)).toEqual(bytes(1));
      expect(await cache.disown(tokens('a'), 'bob')).toBe(true);
      expect(await cache.get(tokens('a'), null)).toBeUndefined();
      expect((await cache.kept('t', 'ann')).tenant.bytes).toBe(0);
    });

    it('forgets what of a tenant is old, but for what is needed', async () => {
      const old = [tokens('x', 't1'), noise('y', 't1'), noise('z', 't1')] as const;
      const others = [tokens('x', 't10'), tokens('x', 't_'), tokens('t1/x', 'u')];
      for (const key of [...old, ...others]) await cache.set(key, bytes(1));
      needed.add(old[2]);
      now += minute;
      const young = tokens('young', 't1');
      await cache.set(young, bytes(1));
      const counts = await cache.forgetBefore('t1', now);
      expect(counts).toMatchObject({ embeddings: 1, noises: 1, pictures: 0 });
      expect(await kept([...old, ...others, young])).toEqual([old[2], ...others, young]);
      expect(sum(await cache.forgetBefore('t1', now))).toBe(0);
    });

    it('refuses a key of its own making', async () => {
      await expect(cache.set('a/b', bytes(1))).rejects.toThrow(TypeError);
    });

    it('forgets a user of a tenant: what is theirs alone', async () => {
      await cache.set(tokens('hers'), bytes(1), 'ann');
      await cache.set(tokens('both'), bytes(2), 'ann');
      await cache.set(tokens('his'), bytes(3), 'bob');
      await cache.set(tokens('hers', 'u'), bytes(4), 'ann');
      expect(await cache.get(tokens('both'), 'bob')).toEqual(bytes(2));
      expect(sum(await cache.forget('t', 'ann'))).toBe(2);
      const all = [tokens('hers'), tokens('both'), tokens('his'), tokens('hers', 'u')];
      expect(await kept(all)).toEqual(all.slice(1));
      expect(sum(await cache.forget('t', 'ann'))).toBe(0);
    });

    it('forgets what several share once all of them are forgotten', async () => {
      await cache.set(tokens('a'), bytes(1), 'ann');
      await cache.set(tokens('a'), bytes(1), 'bob');
      await cache.get(tokens('a'), 'cay');
      for (const user of ['bob', 'ann']) expect(sum(await cache.forget('t', user))).toBe(1);
      expect((await cache.usage()).embeddings).toEqual({ entries: 1, bytes: 1 });
      await cache.forget('t', 'cay');
      expect(await cache.get(tokens('a'))).toBeUndefined();
    });

    it('does not bring back what is forgotten while it is read and written', async () => {
      const calls = [
        cache.set(tokens('a'), bytes(1), 'ann'),
        cache.get(tokens('a'), 'ann'),
        cache.forget('t', 'ann'),
        cache.get(tokens('a'), 'bob'),
      ];
      expect((await Promise.all(calls)).slice(1)).toEqual([
        bytes(1),
        expect.objectContaining({ embeddings: 1, noises: 0 }),
        undefined,
      ]);
      expect((await cache.usage()).embeddings.entries).toBe(0);
    });

    it('keeps each kind as long as it is told', async () => {
      const [picture, embedding, analogy] = [
        idKey('t', 'picture', 'a'),
        tokens('a'),
        idKey('t', 'analogy', 'a'),
      ];
      for (const key of [picture, embedding, analogy]) await cache.set(key, bytes(1));
      now += 5 * minute - 1;
      expect(await cache.get(picture)).toEqual(bytes(1));
      now += 1;
      expect(await cache.get(picture)).toBeUndefined();
      now += 5 * minute;
      expect(await cache.sweep()).toMatchObject({ expired: 1 });
      now += 1e6 * minute;
      expect(await cache.get(analogy)).toEqual(bytes(1));
      const { pictures, embeddings, analogies } = cache.statistics.read();
      expect([pictures.expired, embeddings.expired, analogies.expired]).toEqual([1, 1, 0]);
    });

    it('drops the least recently used beyond the cap', async () => {
      const keys = ['a', 'b', 'c', 'd', 'e'].map((id) => noise(id));
      for (const key of keys.slice(0, 4)) {
        await cache.set(key, new Uint8Array(240));
        now += minute;
      }
      await cache.get(keys[0] as string);
      now += minute;
      await cache.set(keys[4] as string, new Uint8Array(240));
      expect(await kept(keys)).toEqual([keys[0], keys[3], keys[4]]);
      expect(cache.statistics.read().noises.evictions).toBe(2);
      expect((await cache.usage()).noises).toEqual({ entries: 3, bytes: 720 });
    });

    it('replaces under the cap without dropping others, and keeps nothing beyond it', async () => {
      await cache.set(noise('a'), new Uint8Array(500));
      await cache.set(noise('b'), new Uint8Array(400));
      await cache.set(noise('b'), new Uint8Array(500));
      expect(await kept([noise('a'), noise('b')])).toEqual([noise('a'), noise('b')]);
      await cache.set(noise('b'), new Uint8Array(1001));
      expect(await kept([noise('a'), noise('b')])).toEqual([noise('a')]);
    });

    it('keeps what is needed, whatever its age and the cap', async () => {
      needed.add(tokens('a')).add(noise('b'));
      await cache.set(tokens('a'), new Uint8Array(600));
      await cache.set(noise('b'), new Uint8Array(300));
      now += 20 * minute;
      await cache.set(noise('c'), new Uint8Array(200));
      await cache.sweep();
      const keys = [tokens('a'), noise('b'), noise('c')];
      expect(await kept(keys)).toEqual(keys.slice(0, 2));
      needed.clear();
      await cache.sweep();
      expect(await kept(keys)).toEqual([noise('b')]);
    });

    it('counts what each keeps: shared for each of them, and once for the tenant', async () => {
      const of = async (user: string, scope = 't') => {
        const kept = await cache.kept(scope, user);
        return [kept.user.bytes, kept.tenant.bytes];
      };
      expect(await of('ann')).toEqual([0, 0]);
      await cache.set(noise('hers'), new Uint8Array(100), 'ann');
      await cache.set(noise('both'), new Uint8Array(20), ['ann', 'bob']);
      await cache.set(noise('hers', 'u'), new Uint8Array(3), 'ann');
      expect([await of('ann'), await of('bob'), await of('ann', 'u')]).toEqual([
        [120, 120],
        [20, 120],
        [3, 3],
      ]);
      // The same again counts once, another length as it is, and who asks has it too.
      await cache.set(noise('hers'), new Uint8Array(100), 'ann');
      await cache.set(noise('both'), new Uint8Array(30), 'ann');
      await cache.get(noise('hers'), 'bob');
      await cache.get(noise('hers'), null);
      expect([await of('ann'), await of('bob')]).toEqual([
        [130, 130],
        [130, 130],
      ]);
      await cache.delete(noise('both'));
      expect([await of('ann'), await of('bob')]).toEqual([
        [100, 100],
        [100, 100],
      ]);
      await cache.forget('t', 'ann');
      expect([await of('ann'), await of('bob')]).toEqual([
        [0, 100],
        [100, 100],
      ]);
    });

    it('counts no more what was dropped beyond the cap, or outlived its retention', async () => {
      for (const id of ['a', 'b', 'c']) {
        await cache.set(noise(id), new Uint8Array(300), id);
        now += minute;
      }
      await cache.set(noise('d'), new Uint8Array(300), 'd');
      expect((await cache.kept('t', 'a')).user.bytes).toBe(0);
      const all = (await cache.usage()).noises.bytes;
      expect((await cache.kept('t', 'd')).tenant.bytes).toBe(all);
      await cache.set(tokens('e'), new Uint8Array(7), 'e');
      const { user } = await cache.kept('t', 'e');
      expect(user).toEqual({ bytes: 7, firstEnd: now + 10 * minute });
      now += 10 * minute;
      // Nobody swept.
      expect((await cache.kept('t', 'e')).user).toEqual({ bytes: 0, firstEnd: undefined });
      expect((await cache.kept('t', 'd')).tenant.bytes).toBe(all);
    });

    it('says whether there is room by taking it, and leaves nothing', async () => {
      await cache.probe(5000);
      expect(await cache.sweep()).toEqual({ expired: 0, evicted: 0, orphans: 0 });
    });

    it('counts hits, misses and what is damaged', async () => {
      const dropped: string[] = [];
      const kept = records(cache, { onCorrupt: (key) => dropped.push(key) });
      const value = { x: Float32Array.of(1.5, Number.NaN), y: 'z' };
      expect(await kept.get(tokens('a'))).toBeUndefined();
      await kept.set(tokens('a'), value);
      expect(await kept.get(tokens('a'))).toEqual(value);
      const damaged = (await cache.get(tokens('a'))) ?? bytes();
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      await cache.set(tokens('a'), damaged);
      expect(await kept.get(tokens('a'))).toBeUndefined();
      expect(await cache.get(tokens('a'))).toBeUndefined();
      expect(dropped).toEqual([tokens('a')]);
      const counts = { hits: 1, misses: 2, evictions: 0, expired: 0, corrupt: 1 };
      expect(cache.statistics.read().embeddings).toEqual(counts);
    });
  });
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
