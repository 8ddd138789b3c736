import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  expectedOf,
  inversionTask,
  pictureOf,
  renderTask,
} from '../../../bench/common/stand-in.ts';
import { ExecutorLostError, type Journal, openJournal } from '../../../src/engine/jobs/index.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { endOf, openWorld, settings, type World } from './helpers.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-jobs-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const newPath = () => join(dir, `${files++}`, 'journal.sqlite');

const analogy = (picture: string, steps: number) => [
  inversionTask(picture, steps, 0.5),
  renderTask(0.7),
];
/** A device that is gone once it is told so: what a crash is to the journal. */
function crashing() {
  let crashed = false;
  return {
    onDevice: () => {
      if (crashed) throw new ExecutorLostError('crashed');
    },
    async crash({ jobs }: World) {
      crashed = true;
      await jobs.lost;
    },
  };
}
const turn = () => new Promise(setImmediate);
const stepsOf = ({ worked }: World) => worked.map((work) => Number(work.split(':')[2]));

describe('after a crash', () => {
  test('what was running waits again, and goes on from its checkpoint', async () => {
    const journal = openJournal(':memory:');
    const { onDevice, crash } = crashing();
    const first = await openWorld({ journal, onDevice });
    const id = await first.submit('ann', analogy('cat', 60));
    while (first.worked.length < 30) await turn();
    await crash(first);
    const saved = journal.checkpoints('guild/cat')[0]?.step as number;
    // 10 s of steps of 0.5 s.
    expect(saved).toBeGreaterThanOrEqual(19);
    const { jobs } = journal.recover(0);
    expect(jobs.map((job) => [job.id, job.state])).toEqual([[id, 'waiting']]);

    const second = await openWorld({ journal });
    expect(await endOf(second.jobs, id)).toMatchObject({
      kind: 'done',
      results: [pictureOf([expectedOf('cat', 60)])],
    });
    expect(stepsOf(second)[0]).toBeGreaterThan(saved);
  });

  test('a damaged checkpoint falls back to the one before, also when only its owner can tell', async () => {
    const journal = openJournal(':memory:');
    const { onDevice, crash } = crashing();
    const often = { ...settings, checkpointSeconds: 1.5 };
    const first = await openWorld({ journal, onDevice, settings: often });
    const id = await first.submit('ann', analogy('cat', 30));
    while (journal.checkpoints('guild/cat').length < 2) await turn();
    await crash(first);
    const [newest, older] = journal.checkpoints('guild/cat');
    const broken: Journal = {
      ...journal,
      checkpoints: (key) =>
        journal
          .checkpoints(key)
          .map((one) => (one.step === newest?.step ? { ...one, state: Uint8Array.of(1) } : one)),
    };
    const second = await openWorld({ journal: broken });
    await endOf(second.jobs, id);
    expect(stepsOf(second)[0]).toBe((older?.step as number) + 1);
    expect(second.warnings).toHaveLength(1);
  });

  test('a job that crashed the process three times is failed, and the rest go on', async () => {
    const journal = openJournal(':memory:');
    const poison = (order: { owner: { user: string } }, step: number) => {
      // As a crash would: this process does nothing any more.
      if (order.owner.user === 'eve' && step === 3) throw new ExecutorLostError('crashed');
    };
    let world = await openWorld({ journal, onDevice: poison });
    const bad = await world.submit('eve', analogy('bomb', 10));
    const good = await world.submit('ann', analogy('cat', 10));
    let lives = 1;
    for (; world.jobs.get(bad)?.state !== 'failed'; lives++) {
      await world.jobs.lost;
      await expect(world.submit('ann', analogy('new', 1))).rejects.toMatchObject({
        code: 'ENGINE_STOPPING',
      });
      world = await openWorld({ journal, onDevice: poison });
      expect(lives).toBeLessThan(10);
    }
    // Three crashes; the second life saved two steps, and so had got further.
    expect(lives).toBeLessThanOrEqual(5);
    expect(world.jobs.get(bad)?.problem).toMatchObject({
      code: 'JOB_POISONED',
      details: { crashes: 3 },
    });
    expect(await endOf(world.jobs, good)).toMatchObject({ kind: 'done' });
  });

  test('a job that gets on between crashes is not given up', async () => {
    const journal = openJournal(':memory:');
    const made = new Set<number>();
    // Crashes after every second step: three times in a row, but never at one place.
    const unlucky = (_: unknown, step: number) => {
      if (step === 0 || made.has(step)) return;
      made.add(step);
      if (step % 2 === 0) throw new ExecutorLostError('crashed');
    };
    let world = await openWorld({ journal, onDevice: unlucky });
    const id = await world.submit('ann', analogy('cat', 12));
    for (let lives = 0; world.jobs.get(id)?.state !== 'done'; lives++) {
      expect(lives).toBeLessThan(10);
      await Promise.race([world.jobs.lost, endOf(world.jobs, id)]);
      if (world.jobs.get(id)?.state !== 'done')
        world = await openWorld({ journal, onDevice: unlucky });
    }
    expect(made.size).toBe(12);
  });
});

test('closing saves the very step, in no time, and what follows goes on from it', async () => {
  const path = newPath();
  const first = await openWorld({ journal: openJournal(path) });
  const id = await first.submit('ann', analogy('cat', 40));
  while (first.worked.length < 7) await turn();
  await first.jobs.close();
  await expect(first.submit('ann', analogy('dog', 1))).rejects.toThrow();
  const second = await openWorld({ journal: openJournal(path) });
  expect(await endOf(second.jobs, id)).toMatchObject({ kind: 'done' });
  expect(stepsOf(first).length + stepsOf(second).length).toBe(41);
  expect(stepsOf(second)[0]).toBe(stepsOf(first).length + 1);
  await second.jobs.close();
});

test('a step that does not end is stopped on the way out', async () => {
  const journal = openJournal(newPath());
  let hung = false;
  const world = await openWorld({
    journal,
    onDevice: async (_, step) => {
      if (step !== 5) return;
      hung = true;
      await new Promise((resolve) => setTimeout(resolve, 20_000).unref());
    },
  });
  await world.submit('ann', analogy('cat', 40));
  while (!hung) await turn();
  const began = Date.now();
  await world.jobs.close();
  expect(Date.now() - began).toBeLessThan(5000);
});

describe('forgetting', () => {
  test('leaves no byte in any file, whatever runs or waits', async () => {
    const path = newPath();
    const secret = 'canary-81c07d';
    const removed: string[] = [];
    const world = await openWorld({
      journal: openJournal(path),
      settings: { ...settings, checkpointSeconds: 1 },
      onForget: async ({ user }) => void removed.push(user),
    });
    const more = { owner: { tenant: 'guild', user: secret }, request: { text: secret } };
    const running = await world.submit(secret, analogy(secret, 100), more);
    const waiting = await world.submit(secret, analogy(`${secret}2`, 100), more);
    const other = await world.submit('ann', analogy('cat', 10));
    while (world.worked.length < 20) await turn();
    const found = () =>
      readdirSync(join(path, '..')).filter((name) =>
        readFileSync(join(path, '..', name)).includes(secret),
      );
    expect(found()).not.toEqual([]);
    expect(await world.jobs.forget(more.owner)).toBe(2);
    expect(removed).toEqual([secret]);
    expect(found()).toEqual([]);
    expect(await endOf(world.jobs, other)).toMatchObject({ kind: 'done' });
    expect(found()).toEqual([]);
    expect([running, waiting].map((id) => world.jobs.get(id))).toEqual([undefined, undefined]);
    expect([...world.kept.keys()]).toEqual(['guild/cat']);
    await world.jobs.close();
    expect(found()).toEqual([]);
  });

  test('waits for what is being written, so that it is removed too', async () => {
    const written: string[] = [];
    let writing: (() => void) | undefined;
    const world = await openWorld({
      kept: new (class extends Map<string, number> {})(),
      onForget: async () => void written.splice(0),
      onDevice: async (_, step) => {
        if (step !== 3) return;
        await new Promise<void>((resolve) => {
          writing = resolve;
        });
        written.push('late');
      },
    });
    await world.submit('ann', analogy('cat', 10));
    while (!writing) await turn();
    const forgotten = world.jobs.forget({ tenant: 'guild', user: 'ann' });
    await turn();
    writing();
    await forgotten;
    await turn();
    expect(written).toEqual([]);
  });
});

test('a disk that is full at the end of a job keeps the job, until there is room', async () => {
  const inner = openJournal(':memory:');
  let full = false;
  let room = true;
  const journal: Journal = {
    ...inner,
    end(id, outcome, now) {
      if (full) throw new LikewiseError('DISK_FULL', { retrySeconds: 60 });
      return inner.end(id, outcome, now);
    },
  };
  const world = await openWorld({
    journal,
    disk: { hasRoom: () => room, release: () => false },
  });
  const id = await world.submit('ann', analogy('cat', 3));
  full = true;
  room = false;
  while (!world.jobs.statistics().full) await turn();
  await expect(world.submit('ann', analogy('dog', 3))).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(world.jobs.get(id)?.state).toBe('running');
  full = false;
  room = true;
  world.clock.pass(2000);
  expect(await endOf(world.jobs, id)).toMatchObject({
    kind: 'done',
    results: [pictureOf([expectedOf('cat', 3)])],
  });
  expect(world.jobs.statistics()).toMatchObject({ full: false, render: { depth: 0 } });
});

test('whoever gives way to another user is saved first', async () => {
  const journal = openJournal(':memory:');
  const seldom = { ...settings, checkpointSeconds: 1000, turnSeconds: 3 };
  const { jobs, submit, worked } = await openWorld({ journal, settings: seldom });
  const long = [await submit('ann', analogy('cat', 40)), await submit('bob', analogy('dog', 40))];
  while (worked.length < 8) await turn();
  // Six steps of half a second, and then the other's turn.
  expect(worked[6]?.startsWith(`${long[1]}:`)).toBe(true);
  expect(journal.checkpoints('guild/cat').map(({ step }) => step)).toEqual([6]);
  for (const id of long) jobs.cancel(id);
});
