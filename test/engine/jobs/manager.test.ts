import { expect, test } from 'vitest';
import {
  expectedOf,
  inversionTask,
  pictureOf,
  renderTask,
} from '../../../bench/common/stand-in.ts';
import { type Journal, openJournal } from '../../../src/engine/jobs/index.ts';
import { endOf, openWorld, settings } from './helpers.ts';

const analogy = (picture: string, steps = 4) => [
  inversionTask(picture, steps, 0.5),
  renderTask(0.7),
];

test('a job goes through its tasks and ends with what its renders returned', async () => {
  const { jobs, submit, events } = await openWorld();
  const id = await submit('ann', analogy('cat'));
  const seen = await events(id);
  expect(seen[0]).toMatchObject({ kind: 'waiting', position: 1 });
  const steps = seen.flatMap((event) => (event.kind === 'progress' ? [event.step] : []));
  expect(steps.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(seen.at(-1)).toMatchObject({
    kind: 'done',
    results: [pictureOf([expectedOf('cat', 4)])],
  });
  const ids = seen.map((event) => event.id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(jobs.get(id)).toMatchObject({ state: 'done', request: { asked: 'ann' } });
});

test('the same key is the same job, also when it is over and the limits are reached', async () => {
  const { jobs, submit } = await openWorld({
    settings: { ...settings, user: { ...settings.user, waiting: 1 } },
  });
  const id = await submit('ann', analogy('cat'), { key: 'k' });
  expect(await submit('ann', analogy('dog'), { key: 'k' })).toBe(id);
  expect(await submit('bob', analogy('dog'), { key: 'k' })).not.toBe(id);
  await endOf(jobs, id);
  expect(await submit('ann', analogy('dog'), { key: 'k' })).toBe(id);
});

test('a render waits for one step at most, and inversions keep their share', async () => {
  const { jobs, submit, worked } = await openWorld();
  const long = await submit('ann', [inversionTask('long', 1000, 0.5)]);
  while (worked.length < 10) await new Promise(setImmediate);
  const before = worked.length;
  const render = await submit('bob', [renderTask(0.7)]);
  await endOf(jobs, render);
  expect(worked.slice(before)[0]).toBe(`${render}:0:0`);

  const from = worked.length;
  const flood = await Promise.all(
    Array.from({ length: 40 }, () => submit('bob', [renderTask(0.5)])),
  );
  await endOf(jobs, flood.at(-1) as string);
  const inverted = worked.slice(from).filter((work) => work.startsWith(`${long}:`)).length;
  // A fifth of the time that both wait.
  expect(inverted / (40 + inverted)).toBeCloseTo(settings.inversionShare, 2);
  jobs.cancel(long);
});

test('an inversion that several jobs want is made once, and goes on when one is cancelled', async () => {
  const { jobs, submit, worked } = await openWorld();
  const first = await submit('ann', analogy('cat', 20));
  const second = await submit('bob', analogy('cat', 20));
  while (worked.length < 5) await new Promise(setImmediate);
  expect(jobs.cancel(first)).toBe(true);
  expect(await endOf(jobs, second)).toMatchObject({
    kind: 'done',
    results: [pictureOf([expectedOf('cat', 20)])],
  });
  expect(jobs.get(first)?.state).toBe('cancelled');
  const steps = worked.filter((work) => !work.endsWith(':0')).map((work) => work.split(':')[2]);
  expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
});

test('cancel ends a waiting job at once and a running one within a step', async () => {
  const { jobs, submit, worked } = await openWorld();
  const running = await submit('ann', analogy('cat', 100));
  const waiting = await submit('bob', analogy('dog', 100));
  while (worked.length < 3) await new Promise(setImmediate);
  expect(jobs.cancel(waiting)).toBe(true);
  expect(jobs.cancel(running)).toBe(true);
  expect(jobs.cancel(running)).toBe(false);
  const made = worked.length;
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(worked.length - made).toBeLessThanOrEqual(1);
  expect(await endOf(jobs, running)).toMatchObject({ kind: 'cancelled' });
  expect(await endOf(jobs, waiting)).toMatchObject({ kind: 'cancelled' });
});

test('a job that fails says why, and the rest go on', async () => {
  const { jobs, submit } = await openWorld({
    onDevice: (order) => {
      if (order.owner.user === 'ann') throw new Error('/secret/path is no good');
    },
  });
  const bad = await submit('ann', analogy('cat'));
  const good = await submit('bob', analogy('dog'));
  const end = await endOf(jobs, bad);
  expect(end).toMatchObject({ kind: 'failed', problem: { code: 'JOB_FAILED' } });
  expect(JSON.stringify(end)).not.toContain('secret');
  expect(await endOf(jobs, good)).toMatchObject({ kind: 'done' });
});

test('a result that has gone is found again', async () => {
  let lost = false;
  const world = await openWorld({
    onDevice: (_, step) => {
      if (step > 0 || lost) return;
      lost = true;
      world.kept.clear();
    },
  });
  const id = await world.submit('ann', analogy('cat'));
  expect(await endOf(world.jobs, id)).toMatchObject({
    kind: 'done',
    results: [pictureOf([expectedOf('cat', 4)])],
  });
  expect(lost).toBe(true);
});

test('what is at hand is not looked for: such a job is a render', async () => {
  const kept = new Map([['guild/cat', 7]]);
  const { jobs, submit, worked } = await openWorld({ kept });
  const long = await submit('ann', [inversionTask('long', 100, 0.5)]);
  while (worked.length < 3) await new Promise(setImmediate);
  const before = worked.length;
  const id = await submit('bob', analogy('cat'));
  expect(await endOf(jobs, id)).toMatchObject({ results: [pictureOf([7])] });
  expect(worked.slice(before, before + 2)).toContain(`${id}:1:0`);
  jobs.cancel(long);
});

test('followers take up where they were, also after a restart', async () => {
  const world = await openWorld();
  const id = await world.submit('ann', analogy('cat', 50));
  const seen: number[] = [];
  for await (const event of world.jobs.follow(id)) {
    seen.push(event.id);
    if (seen.length === 5) break;
  }
  const last = seen.at(-1) as number;
  const again: number[] = [];
  for await (const event of world.jobs.follow(id, last)) again.push(event.id);
  expect(Math.min(...again)).toBeGreaterThan(last);
  // The same journal, another start.
  const next = await openWorld({ journal: world.journal });
  const after = await endOf(next.jobs, id, again.at(-1));
  expect(after).toMatchObject({ kind: 'done' });
  // The end is told again under the same id, which is the greatest.
  expect(after.id).toBe(again.at(-1));
  expect(() => next.jobs.follow('none')).toThrow(expect.objectContaining({ code: 'JOB_UNKNOWN' }));
});

test('previews come every few seconds to those who follow', async () => {
  const { submit, events } = await openWorld();
  const id = await submit('ann', [inversionTask('cat', 40, 0.5)]);
  const previews = (await events(id)).filter(({ kind }) => kind === 'preview');
  // 20 s of steps, one every 3 s at most.
  expect(previews.length).toBeGreaterThan(2);
  expect(previews.length).toBeLessThanOrEqual(7);
});

test('limits are answered with a code and when to try again', async () => {
  const limits = { waiting: 2, running: 1, deviceSeconds: 5, megabytes: 1 };
  const { jobs, submit } = await openWorld({ settings: { ...settings, user: limits } });
  await expect(submit('eve', analogy('cat'), { bytes: 2e6 })).rejects.toMatchObject({
    code: 'LIMIT_BYTES',
    details: { whose: 'user', retrySeconds: settings.retentionDays * 86_400 },
  });
  const ids = [await submit('ann', analogy('a', 20)), await submit('ann', analogy('b', 20))];
  await expect(submit('ann', analogy('c'))).rejects.toMatchObject({ code: 'LIMIT_WAITING' });
  for (const id of ids) await endOf(jobs, id);
  const refused = submit('ann', analogy('d'));
  await expect(refused).rejects.toMatchObject({ code: 'LIMIT_DEVICE' });
  const { details } = await refused.catch((error) => error);
  expect(details.retrySeconds).toBeGreaterThan(0);
  expect(details.retrySeconds).toBeLessThanOrEqual(86_400);
});

test('a full disk stops intake before anything is lost, and recovers', async () => {
  let room = true;
  const { jobs, submit } = await openWorld({
    disk: { hasRoom: () => room, release: () => false },
  });
  const id = await submit('ann', analogy('cat'));
  room = false;
  await expect(submit('ann', analogy('dog'))).rejects.toMatchObject({
    code: 'DISK_FULL',
    details: { retrySeconds: 60 },
  });
  expect(await endOf(jobs, id)).toMatchObject({ kind: 'done' });
  room = true;
  expect(await endOf(jobs, await submit('ann', analogy('dog')))).toMatchObject({ kind: 'done' });
});

test('a job that is over before its followers begin to read tells them its end', async () => {
  const { jobs, submit } = await openWorld();
  const id = await submit('ann', analogy('cat'));
  const late = jobs.follow(id);
  await endOf(jobs, id);
  const kinds: string[] = [];
  for await (const { kind } of late) kinds.push(kind);
  expect(kinds).toEqual(['done']);
});

test('a journal that is lost stops everything, and no job is to blame', async () => {
  const inner = openJournal(':memory:');
  const error = new Error('the disk is broken');
  let broken = false;
  const journal: Journal = {
    ...inner,
    accept(job, now) {
      if (broken) throw error;
      return inner.accept(job, now);
    },
  };
  const { jobs, submit, worked } = await openWorld({ journal });
  const id = await submit('ann', analogy('cat', 50));
  while (worked.length < 3) await new Promise(setImmediate);
  broken = true;
  await expect(submit('ann', analogy('dog'))).rejects.toThrow(error.message);
  expect((await jobs.lost).cause).toBe(error);
  const made = worked.length;
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(worked.length).toBeLessThanOrEqual(made + 1);
  await expect(submit('ann', analogy('dog'))).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
  expect(inner.get(id)?.state).toBe('running');
});

test('a job that the journal does not know any more is let go', async () => {
  const journal = openJournal(':memory:');
  const { jobs, submit } = await openWorld({ journal });
  const id = await submit('ann', analogy('cat'));
  journal.end(id, { state: 'cancelled' }, 0);
  const other = await submit('bob', analogy('dog'));
  expect(await endOf(jobs, other)).toMatchObject({ kind: 'done' });
  expect(jobs.cancel(id)).toBe(false);
});

test('a follower that leaves is followed no more', async () => {
  const { jobs, submit, worked } = await openWorld();
  const id = await submit('ann', analogy('cat', 30));
  const leaving = new AbortController();
  const read = (async () => {
    for await (const _ of jobs.follow(id, undefined, leaving.signal));
  })();
  while (worked.length < 5) await new Promise(setImmediate);
  leaving.abort(new Error('gone'));
  await expect(read).rejects.toThrow('gone');
  expect(await endOf(jobs, id)).toMatchObject({ kind: 'done' });
});

test('of what is tried nothing is kept: it is refused for no bytes, and goes a minute after its end', async () => {
  const { jobs, submit, clock } = await openWorld({
    settings: { ...settings, user: { ...settings.user, megabytes: 0.000001 } },
  });
  const kept = submit('ann', [renderTask(0.1)], { bytes: 100 });
  await expect(kept).rejects.toMatchObject({ code: 'LIMIT_BYTES' });
  const id = await submit('ann', [renderTask(0.1)], { bytes: 100, transient: true });
  expect((await endOf(jobs, id)).kind).toBe('done');
  expect(jobs.list('guild')).toEqual([]);
  clock.pass(50_000);
  expect(jobs.get(id)?.state).toBe('done');
  clock.pass(30_000);
  expect(jobs.get(id)).toBeUndefined();
  await jobs.close();
});
