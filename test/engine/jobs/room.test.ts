import { expect, it } from 'vitest';
import { inversionTask, renderTask, virtualClock } from '../../../bench/common/stand-in.ts';
import { createRoom } from '../../../src/engine/jobs/room.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { endOf, openWorld } from './helpers.ts';

const full = () => new LikewiseError('DISK_FULL', { retrySeconds: 60 });
const turn = () => new Promise(setImmediate);

function roomOf(probe?: () => Promise<void>) {
  const clock = virtualClock(1e12);
  const did: string[] = [];
  let free = true;
  const room = createRoom({
    disk: { hasRoom: () => free, release: () => false },
    probe,
    clock,
    pause: () => void did.push('pause'),
    resume: () => void did.push('resume'),
    onWarning: () => void did.push('warning'),
  });
  const setFree = (is: boolean) => {
    free = is;
  };
  return { room, clock, did, setFree };
}

it('goes on once there is room, and only then', () => {
  const { room, did, setFree } = roomOf();
  expect(room.has()).toBe(true);
  setFree(false);
  room.ranOut(full());
  expect([room.has(), room.full]).toEqual([false, true]);
  setFree(true);
  expect([room.has(), room.full]).toEqual([true, false]);
  expect(did).toEqual(['warning', 'pause', 'resume']);
});

it('goes on once something could be written, whatever the system says is free', async () => {
  let fails = true;
  let probes = 0;
  const { room, clock, did } = roomOf(async () => {
    probes++;
    if (fails) throw full();
  });
  room.ranOut(full());
  for (let second = 0; second < 60; second++) {
    expect(room.has()).toBe(false);
    await turn();
    clock.pass(1000);
  }
  expect(probes).toBe(12);
  fails = false;
  for (let second = 0; second < 5 && room.full; second++) {
    room.has();
    await turn();
    clock.pass(1000);
  }
  expect([room.has(), did.at(-1)]).toEqual([true, 'resume']);
});

it('waits for longer each time that it went on for nothing, up to a minute', () => {
  const { room, clock } = roomOf();
  const waits: number[] = [];
  for (let time = 0; time < 8; time++) {
    room.ranOut(full());
    let seconds = 0;
    for (; !room.has(); seconds++) clock.pass(1000);
    waits.push(seconds);
  }
  expect(waits).toEqual([0, 4, 8, 16, 32, 60, 60, 60]);
  room.wrote();
  room.ranOut(full());
  expect(room.has()).toBe(true);
});

/** A place for results that has no room as long as `full` says so. */
class Narrow extends Map<string, number> {
  full = true;
  attempts = 0;
  override set(key: string, value: number): this {
    this.attempts++;
    if (this.full) throw new LikewiseError('DISK_FULL', { retrySeconds: 60 });
    return super.set(key, value);
  }
}

it('makes no step twice while its result cannot be kept', async () => {
  const kept = new Narrow();
  const { jobs, clock, worked, warnings, submit } = await openWorld({
    kept,
    probe: async () => {
      if (kept.full) throw full();
    },
  });
  const id = await submit('ann', [inversionTask('cat', 5, 1), renderTask(1)]);
  const other = await submit('bob', [renderTask(1)]);
  while (!jobs.statistics().full) await turn();
  const before = [...worked];
  for (let second = 0; second < 100; second++) {
    clock.pass(1000);
    await turn();
  }
  expect(worked).toEqual(before);
  expect([kept.attempts, warnings.length]).toEqual([1, 1]);
  expect(jobs.hasRoom()).toBe(false);
  await expect(submit('cay', [renderTask(1)])).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(jobs.get(id)?.state).toBe('running');

  kept.full = false;
  const ends = [id, other].map((job) => endOf(jobs, job));
  for (let second = 0; second < 10 && jobs.statistics().full; second++) {
    clock.pass(1000);
    await turn();
  }
  for (const end of await Promise.all(ends)) expect(end.kind).toBe('done');
  const steps = worked.filter((name) => name.startsWith(`${id}:0:`));
  expect(steps).toHaveLength(new Set(steps).size);
  expect(kept.get('guild/cat')).toBeDefined();
  await jobs.close();
});
