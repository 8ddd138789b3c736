import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inversionTask, renderTask } from '../../../bench/common/stand-in.ts';
import {
  ExecutorLostError,
  type Journal,
  openJournal,
  watchDisk,
} from '../../../src/engine/jobs/index.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { endOf, openWorld, settings } from './helpers.ts';

const full = () => new LikewiseError('DISK_FULL', { retrySeconds: 60 });
const ada = { tenant: 'guild', user: 'ada' };

it('stops what a user had begun even where there is no room to write that they are forgotten', async () => {
  const journal = openJournal(':memory:');
  let fails = true;
  const narrow: Journal = {
    ...journal,
    forget(owner, now) {
      // As a disk that is full when the file is to be written anew, after what is in it is gone.
      const ids = journal.forget(owner, now);
      if (fails) throw full();
      return ids;
    },
  };
  let steps = 0;
  const world = await openWorld({ journal: narrow, onDevice: () => void steps++ });
  const id = await world.submit('ada', [inversionTask('a', 1000, 1), renderTask(1)]);
  const end = endOf(world.jobs, id);
  while (steps < 3) await new Promise(setImmediate);
  await expect(world.jobs.forget(ada)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect((await end).kind).toBe('cancelled');
  // Nothing new of theirs until they are forgotten; then all is as ever.
  await expect(world.submit('ada', [renderTask(1)])).rejects.toMatchObject({ code: 'DISK_FULL' });
  fails = false;
  await world.jobs.forget(ada);
  const before = steps;
  const next = await world.submit('ada', [renderTask(1)]);
  expect((await endOf(world.jobs, next)).kind).toBe('done');
  expect(steps).toBe(before + 1);
  expect(world.kept.has('guild/a')).toBe(false);
});

it('tells followers that the queue is closed before their jobs are over', async () => {
  let steps = 0;
  const world = await openWorld({ onDevice: () => void steps++ });
  const id = await world.submit('ada', [inversionTask('a', 1000, 1), renderTask(1)]);
  const kinds: string[] = [];
  const following = (async () => {
    for await (const { kind } of world.jobs.follow(id)) kinds.push(kind);
  })();
  const told = expect(following).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
  while (steps < 3) await new Promise(setImmediate);
  await world.jobs.close();
  await told;
  expect(kinds).toContain('progress');
  // Whoever asks then is told the same, and the queue is not lost for it.
  expect(() => world.jobs.follow(id)).toThrow(/about to stop/);
  expect(() => world.jobs.get(id)).toThrow(/about to stop/);
  const elsewhere = { bytes: 0, firstEnd: undefined };
  const both = { user: elsewhere, tenant: elsewhere };
  expect(() => world.jobs.admitBytes(ada, 1, both)).toThrow(/about to stop/);
  const late = world.submit('ada', [renderTask(1)]);
  await expect(late).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
  await expect(world.jobs.forget(ada)).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
});

it('tells followers when it is lost', async () => {
  const onDevice = (_: unknown, step: number) => {
    if (step === 3) throw new ExecutorLostError('the device is gone');
  };
  const world = await openWorld({ onDevice });
  const id = await world.submit('ada', [inversionTask('a', 1000, 1), renderTask(1)]);
  await expect(endOf(world.jobs, id)).rejects.toMatchObject({ code: 'ENGINE_STOPPING' });
});

it('refuses what would go beyond what may be kept, with what is kept elsewhere', async () => {
  const limits = { ...settings.user, megabytes: 1 };
  const world = await openWorld({ settings: { ...settings, user: limits } });
  const kept = (bytes: number, firstEnd?: number) => ({
    user: { bytes, firstEnd },
    tenant: { bytes, firstEnd: undefined },
  });
  world.jobs.admitBytes(ada, 1e5, kept(9e5));
  const soon = world.clock.now() + 90_000;
  const details = { whose: 'user', limit: 1, retrySeconds: 90 };
  const refused = { code: 'LIMIT_BYTES', details: expect.objectContaining(details) };
  const beyond = () => world.jobs.admitBytes(ada, 1e5 + 1, kept(9e5, soon));
  expect(beyond).toThrow(expect.objectContaining(refused));
  // What a job may draw counts until it is over.
  const id = await world.submit('ada', [renderTask(1)], { bytes: 5e5, elsewhere: kept(1e5) });
  const more = { bytes: 4.01e5, elsewhere: kept(1e5, soon) };
  await expect(world.submit('ada', [renderTask(1)], more)).rejects.toMatchObject(refused);
  expect((await endOf(world.jobs, id)).kind).toBe('done');
  const next = await world.submit('ada', [renderTask(1)], more);
  expect((await endOf(world.jobs, next)).kind).toBe('done');
});

it('fails no job for want of room when an inversion is done', async () => {
  const journal = openJournal(':memory:');
  let times = 0;
  const narrow: Journal = {
    ...journal,
    settle(key) {
      if (times++ === 0) throw full();
      journal.settle(key);
    },
  };
  const world = await openWorld({ journal: narrow });
  const id = await world.submit('ada', [inversionTask('a', 3, 1), renderTask(1)]);
  const end = endOf(world.jobs, id);
  while (times === 0) await new Promise(setImmediate);
  // Looked at each second: there is room again.
  for (let tick = 0; tick < 5; tick++) {
    world.clock.pass(1000);
    await new Promise(setImmediate);
  }
  expect((await end).kind).toBe('done');
});

it('holds no render back because others’ inversions run', async () => {
  const one = { ...settings.user, running: 1 };
  let drawn: Promise<unknown> | undefined;
  let steps = 0;
  const world = await openWorld({
    settings: { ...settings, turnSeconds: 1e6, user: one, tenant: one },
    async onDevice(_order, step) {
      if (step > 0) steps++;
      if (step === 3) drawn ??= world.submit('bob', [renderTask(1)]).then(endSteps);
    },
  });
  const endSteps = async (id: string) => {
    await endOf(world.jobs, id);
    return steps;
  };
  const long = await world.submit('ada', [inversionTask('a', 500, 1), renderTask(1)]);
  await endOf(world.jobs, long);
  expect(await drawn).toBeLessThan(20);
});

it('remembers whom to blame when the device is lost, though the process is told to stop', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-blame-'));
  const path = join(folder, 'journal.sqlite');
  let closing: Promise<void> | undefined;
  const world = await openWorld({
    journal: openJournal(path),
    onDevice(_order, step) {
      if (step !== 3) return;
      closing = world.jobs.close();
      throw new ExecutorLostError('the thread ended');
    },
  });
  const id = await world.submit('ada', [inversionTask('a', 10, 1), renderTask(1)]);
  while (!closing) await new Promise(setImmediate);
  await closing;
  const journal = openJournal(path);
  expect(journal.recover(1).crashed).toBe(id);
  journal.close();
  rmSync(folder, { recursive: true });
});

it('gives up a reserve that an earlier process held', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-reserve-'));
  const options = { path: join(folder, 'reserve'), freeMegabytes: 0, reserveMegabytes: 1 };
  expect(watchDisk(options).hasRoom()).toBe(true);
  const next = watchDisk(options);
  expect(next.release()).toBe(true);
  expect(next.release()).toBe(false);
  rmSync(folder, { recursive: true });
});
