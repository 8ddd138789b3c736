import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Keyv } from 'keyv';
import { afterAll, expect, it } from 'vitest';
import {
  idKey,
  keyvCache,
  memoryCache,
  openCache,
  openCacheAt,
  pack,
  records,
} from '../../src/cache/index.ts';
import { cacheContract } from '../contracts/cache.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-cache-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let folders = 0;
const key = idKey('t', 'tokens', 'a');

cacheContract('the cache in a folder', (options) =>
  openCache(join(dir, `cache-${folders++}`), options),
);
cacheContract('the cache in memory', memoryCache);
cacheContract("the cache on Keyv's own defaults", (options) =>
  keyvCache(
    {
      values: new Keyv<Uint8Array>({ throwOnErrors: true }),
      catalogue: new Keyv<string>({ throwOnErrors: true }),
    },
    options,
  ),
);

it('a folder outlives the process that filled it', async () => {
  const path = join(dir, 'kept');
  const first = await openCacheAt(path);
  await first.set(key, Uint8Array.of(1, 2, 3));
  await first.close();
  const second = openCache(path);
  expect(await second.get(key)).toEqual(Uint8Array.of(1, 2, 3));
  await second.close();
});

it('two may have one folder open', async () => {
  const path = join(dir, 'shared');
  const [first, second] = [openCache(path), openCache(path)];
  await first.set(key, Uint8Array.of(1));
  expect(await second.get(key)).toEqual(Uint8Array.of(1));
  await second.set(key, Uint8Array.of(2));
  expect(await first.get(key)).toEqual(Uint8Array.of(2));
  await second.sweep();
  expect(sum(await second.forget('t', 'local'))).toBe(1);
  expect(await first.get(key)).toBeUndefined();
  await Promise.all([first.close(), second.close()]);
});

it('a store that fails is not mistaken for an empty one', async () => {
  const cache = openCache(join(dir, 'closed'));
  await cache.close();
  await expect(cache.get(key)).rejects.toThrow();
  await expect(cache.set(key, Uint8Array.of(1))).rejects.toThrow();
});

it('a full disk does not keep what is there from being read', async () => {
  const path = join(dir, 'full');
  let now = Date.now();
  const cache = openCache(path, { now: () => now });
  await cache.set(key, Uint8Array.of(1), 'ann');
  const catalogue = new DatabaseSync(join(path, 'catalogue.sqlite'));
  const full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
  catalogue.exec(`CREATE TRIGGER full BEFORE UPDATE ON records ${full}`);
  catalogue.close();
  now += 600_000;
  expect(await cache.get(key, 'ann')).toEqual(Uint8Array.of(1));
  // Whose it is has to be noted, or they could not have it forgotten.
  await expect(cache.get(key, 'bob')).rejects.toThrow('disk is full');
  await cache.close();
});

it('what was counted of each is counted again after a restart', async () => {
  const path = join(dir, 'counted');
  const first = openCache(path);
  await first.set(key, new Uint8Array(10), ['ann', 'bob']);
  await first.close();
  const second = openCache(path);
  expect((await second.kept('t', 'bob')).user.bytes).toBe(10);
  await second.close();
});

it('a write for which there is no room leaves what was there, and counts for nobody', async () => {
  const path = join(dir, 'narrow');
  const cache = openCache(path);
  await cache.set(key, Uint8Array.of(1), 'ann');
  const values = new DatabaseSync(join(path, 'cache.sqlite'));
  const full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
  values.exec(`CREATE TRIGGER full BEFORE INSERT ON records ${full}`);
  values.exec(`CREATE TRIGGER full2 BEFORE UPDATE ON records ${full}`);
  const other = idKey('t', 'tokens', 'b');
  for (const name of [key, other]) {
    await expect(cache.set(name, new Uint8Array(100), 'ann')).rejects.toThrow('disk is full');
  }
  await expect(cache.probe(10)).rejects.toThrow('disk is full');
  expect((await cache.kept('t', 'ann')).user.bytes).toBe(1);
  expect((await cache.usage()).embeddings).toEqual({ entries: 1, bytes: 1 });
  expect(await cache.get(key, 'ann')).toEqual(Uint8Array.of(1));
  values.exec('DROP TRIGGER full; DROP TRIGGER full2');
  values.close();
  await cache.probe(10);
  await cache.close();
});

it.skipIf(process.platform === 'win32')('is for its owner alone', async () => {
  const path = join(dir, 'above', 'private');
  const cache = openCache(path);
  await cache.set(key, Uint8Array.of(1));
  const modeOf = (name: string) => statSync(name).mode & 0o777;
  expect([modeOf(path), modeOf(join(dir, 'above'))]).toEqual([0o700, 0o700]);
  const names = readdirSync(path);
  expect(names).toContain('cache.sqlite-wal');
  expect(names.map((name) => [name, modeOf(join(path, name))])).toEqual(
    names.map((name) => [name, 0o600]),
  );
  await cache.close();
});

it('a write that never ended leaves nothing behind a sweep', async () => {
  const path = join(dir, 'orphans');
  const cache = openCache(path);
  await cache.set(key, Uint8Array.of(1));
  await cache.set(idKey('t', 'tokens', 'b'), Uint8Array.of(2));
  const catalogue = new DatabaseSync(join(path, 'catalogue.sqlite'));
  catalogue.prepare('DELETE FROM records WHERE value LIKE ?').run('%/b/tokens/%');
  // A row that cannot be read is no row.
  catalogue.prepare('UPDATE records SET value = ?').run('{"key":1');
  catalogue.close();
  expect(await cache.sweep()).toEqual({ expired: 0, evicted: 0, orphans: 2 });
  await cache.close();
  const values = new DatabaseSync(join(path, 'cache.sqlite'));
  expect(values.prepare('SELECT key FROM records').all()).toEqual([]);
  values.close();
});

it('takes over what an earlier version kept', async () => {
  const path = join(dir, 'earlier');
  openCache(path).close();
  const earlier = new DatabaseSync(join(path, 'cache.sqlite'));
  earlier.exec('CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER)');
  const insert = earlier.prepare('INSERT INTO entries (key, value) VALUES (?, ?)');
  const keys = Array.from({ length: 230 }, (_, i) => idKey('local', 'noise', `p${i}`));
  for (const [i, name] of keys.entries()) insert.run(name, pack({ i, x: Float32Array.of(i) }));
  insert.run(idKey('local', 'noise', 'damaged'), Uint8Array.of(1, 2, 3));
  insert.run('unknown', pack(1));
  earlier.close();

  const cache = openCache(path);
  const kept = records(cache);
  for (const [i, name] of keys.entries()) {
    expect(await kept.get(name)).toEqual({ i, x: Float32Array.of(i) });
  }
  expect((await cache.usage()).noises.entries).toBe(230);
  await cache.close();
  const after = new DatabaseSync(join(path, 'cache.sqlite'));
  const tables = after.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  expect(tables).toEqual([{ name: 'records' }]);
  after.close();
});

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
