import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it, vi } from 'vitest';
import { idOf } from '../../../src/cache/keyv-cache.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Owner } from '../../../src/engine/protocol.ts';
import {
  analogyOf,
  engineFolder,
  eventsOf,
  open,
  openTiny,
  resultOf,
  settingsFor,
  stripes,
} from './world.ts';

// A model is opened several times, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const owner: Owner = { tenant: 'guild', user: 'ada' };
const folders: ReturnType<typeof engineFolder>[] = [];
const newFolder = () => {
  const made = engineFolder();
  folders.push(made);
  return made.folder;
};
afterEach(() => {
  for (const { remove } of folders.splice(0)) remove();
});

/** Every cell of a job's result, as bytes. */
async function cellsOf(engine: Engine, job: string, who = owner): Promise<Buffer[]> {
  const { cells } = await resultOf(engine, who, job);
  const files = cells.map(async ({ file }) => (await engine.file(who, file)).bytes);
  return (await Promise.all(files)).map((bytes) => Buffer.from(bytes));
}

it('goes on after it was stopped in the middle, to the same bytes', async () => {
  const folder = newFolder();
  let engine = (await open(folder)).engine;
  const { job } = await engine.submit(owner, 'key', await analogyOf(engine, owner, 4));
  // Stopped twice, each time once something more has been done.
  let reached = 0;
  for (let stop = 0; stop < 2; stop++) {
    for await (const event of engine.follow(owner, job)) {
      if (event.kind === 'done') break;
      if (event.kind !== 'progress' || event.fraction <= reached || event.step < 2) continue;
      reached = event.fraction;
      break;
    }
    await engine.close();
    engine = (await open(folder)).engine;
  }
  const cells = await cellsOf(engine, job);
  // Of another tenant, with whom nothing is shared: in one go.
  const stranger: Owner = { tenant: 'other', user: 'ada' };
  const whole = await engine.submit(stranger, 'key', await analogyOf(engine, stranger, 4));
  expect(cells).toEqual(await cellsOf(engine, whole.job, stranger));
  // Known by its key, and its result is there, after the restart as before.
  const again = await engine.submit(owner, 'key', await analogyOf(engine, owner, 4));
  expect(again).toMatchObject({ job, state: 'done' });
  await engine.close();
});

it('finds damaged records again: a corrupt inversion is dropped and made anew', async () => {
  const folder = newFolder();
  let engine = (await openTiny(folder)).engine;
  const asked = await analogyOf(engine, owner, 5);
  const before = await cellsOf(engine, (await engine.submit(owner, 'one', asked)).job);
  await engine.close();
  expect(damage(settingsFor(folder).cache, '/noise/')).toBe(1);
  const worked: string[] = [];
  const opened = await openTiny(folder, { onWork: ({ label }) => void worked.push(label) });
  engine = opened.engine;
  const { job } = await engine.submit(owner, 'two', asked);
  expect(await cellsOf(engine, job)).toEqual(before);
  expect(worked).toContain('noise');
  expect(opened.cache.statistics.read().noises.corrupt).toBeGreaterThan(0);
  await engine.close();
});

it('forgets a user: running and waiting jobs stop, and no file holds anything of theirs', async () => {
  const folder = newFolder();
  const { engine, cache } = await open(folder, { checkpointSeconds: 0 });
  const bob: Owner = { tenant: 'guild', user: 'bob' };
  const kept = await analogyOf(engine, bob, 7);
  const bobs = await engine.submit(bob, 'key', kept);
  await resultOf(engine, bob, bobs.job);

  const done = await engine.submit(owner, 'done', await analogyOf(engine, owner, 8));
  const { analogy, cells, grid } = await resultOf(engine, owner, done.job);
  await engine.saveAnalogy(owner, { analogy, name: 'of ada', description: 'a secret word' });
  const files = [...cells.map(({ file }) => file), grid ?? ''];
  const bytes = await Promise.all(files.map(async (id) => (await engine.file(owner, id)).bytes));
  const direction = Buffer.from(await engine.exportAnalogy(owner, analogy)).subarray(-4000, -3900);
  // One that runs, and one that waits, when they are forgotten.
  const running = await engine.submit(owner, 'running', await analogyOf(engine, owner, 9));
  const waiting = await engine.submit(owner, 'waiting', await analogyOf(engine, owner, 10));
  const ends = [running, waiting].map(({ job }) => eventsOf(engine, owner, job));
  for await (const event of engine.follow(owner, running.job)) {
    if (event.kind === 'progress' && event.step > 0) break;
  }
  const needles = [
    // From the middle: files of one kind begin alike.
    ...bytes.map((file) => Buffer.from(file).subarray(file.length >> 1, (file.length >> 1) + 40)),
    direction,
    ...['of ada', 'a secret word', done.job, running.job].map((text) => Buffer.from(text)),
  ];
  expect(needles.filter((needle) => holds(folder, needle)).length).toBeGreaterThan(4);

  const gone = await engine.forget(owner);
  expect(gone).toMatchObject({ analogies: 1, pictures: 9, jobs: 2 });
  for (const events of await Promise.all(ends)) expect(events.at(-1)?.kind).toBe('cancelled');
  expect(needles.filter((needle) => holds(folder, needle)).map(String)).toEqual([]);
  for (const file of files) {
    await expect(engine.file(owner, file)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
  }
  await expect(engine.analogy(owner, { name: 'of ada' })).rejects.toMatchObject({
    code: 'ANALOGY_UNKNOWN',
  });
  // Bob's is as it was.
  expect((await engine.job(bob, bobs.job)).state).toBe('done');
  expect((await cache.usage()).embeddings.entries).toBe(3);
  expect((await engine.jobs(owner)).map(({ user }) => user)).toEqual(['bob']);
  await engine.close();
  for (const needle of needles) expect(holds(folder, needle)).toBe(false);
});

it('leaves nothing in any file of what has outlived its time, once it was swept', async () => {
  const real = Date.now;
  let ahead = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead);
  try {
    const folder = newFolder();
    const { engine, cache, jobs } = await open(folder, { checkpointSeconds: 0 });
    const who: Owner = { tenant: 'guild-canary', user: 'user-canary' };
    const { job } = await engine.submit(who, 'key-canary', await analogyOf(engine, who, 21));
    const { analogy } = await resultOf(engine, who, job);
    await engine.importAnalogy(who, await engine.exportAnalogy(who, analogy));
    // Cancelled in the middle of an inversion, whose checkpoints have been written.
    const other = await engine.submit(who, 'other-canary', await analogyOf(engine, who, 22));
    for await (const event of engine.follow(who, other.job)) {
      if (event.kind === 'progress' && event.step > 2) break;
    }
    await engine.cancel(who, other.job);
    const usage = Object.entries(await cache.usage());
    for (const [kind, { entries }] of usage) expect(entries, kind).toBeGreaterThan(0);
    const needles = [
      ...valuesIn(settingsFor(folder).cache),
      ...['guild-canary', 'user-canary', 'key-canary', job, other.job].map((it) => Buffer.from(it)),
    ];
    expect(needles.length).toBeGreaterThan(10);
    for (const needle of needles) expect(holds(folder, needle), String(needle)).toBe(true);

    ahead = 31 * 86_400_000;
    expect(jobs.sweep()).toEqual([job, other.job]);
    const { expired, evicted } = await cache.sweep();
    expect([expired, evicted]).toEqual([usage.reduce((sum, [, of]) => sum + of.entries, 0), 0]);
    expect(needles.filter((needle) => holds(folder, needle)).map(String)).toEqual([]);
    await engine.close();
    expect(needles.filter((needle) => holds(folder, needle)).map(String)).toEqual([]);
  } finally {
    clock.mockRestore();
  }
});

it('shares what is found within a tenant, never across', async () => {
  const folder = newFolder();
  const worked: string[] = [];
  const { engine } = await openTiny(folder, { onWork: ({ label }) => void worked.push(label) });
  const first = await engine.submit(owner, 'one', await analogyOf(engine, owner, 11));
  await resultOf(engine, owner, first.job);
  const bob: Owner = { tenant: 'guild', user: 'bob' };
  const stranger: Owner = { tenant: 'other', user: 'ada' };
  const inversions = async (who: Owner) => {
    worked.length = 0;
    const { job } = await engine.submit(who, 'same', await analogyOf(engine, who, 11));
    await resultOf(engine, who, job);
    return worked.filter((label) => !label.startsWith('render')).length;
  };
  expect(await inversions(bob)).toBe(0);
  expect(await inversions(stranger)).toBeGreaterThan(0);
  const picture = (await engine.putPicture(owner, await stripes(1))).picture;
  await expect(engine.file(stranger, picture)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
  await engine.close();
});

/** Whether a file of the folder holds these bytes. */
function holds(folder: string, needle: Buffer): boolean {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .some((path) => readFileSync(path).includes(needle));
}

/** Some bytes from the end of each value of a cache: of its arrays, whatever it is. */
function valuesIn(cache: string): Buffer[] {
  const values = new DatabaseSync(join(cache, 'cache.sqlite'), { readOnly: true });
  const all = values.prepare('SELECT value FROM records').all();
  values.close();
  return all.map(({ value }) => Buffer.from(value as Uint8Array).subarray(-24));
}

/** Changes a bit of each record whose key holds this. @returns how many there were */
function damage(cache: string, what: string): number {
  const catalogue = new DatabaseSync(join(cache, 'catalogue.sqlite'));
  const keys = catalogue
    .prepare('SELECT value FROM records')
    .all()
    .map(({ value }) => (JSON.parse(String(value)) as { key: string }).key)
    .filter((key) => key.includes(what));
  catalogue.close();
  const values = new DatabaseSync(join(cache, 'cache.sqlite'));
  for (const key of keys) {
    const row = values.prepare('SELECT value FROM records WHERE key = ?').get(idOf(key));
    const bytes = Buffer.from(row?.value as Uint8Array);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 4;
    values.prepare('UPDATE records SET value = ? WHERE key = ?').run(bytes, idOf(key));
  }
  values.close();
  return keys.length;
}
