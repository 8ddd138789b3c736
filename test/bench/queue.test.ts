import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expectedOf, pictureOf } from '../../bench/common/stand-in.ts';
import { parseCrashArguments } from '../../bench/crash/arguments.ts';
import { planned } from '../../bench/crash/plan.ts';
import { repeats, tally } from '../../bench/crash/tally.ts';
import { parseStormArguments } from '../../bench/storm/arguments.ts';
import { jainIndex, servicesUntilAll } from '../../bench/storm/fairness.ts';
import { openJournal } from '../../src/engine/jobs/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-bench-queue-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('the storm', () => {
  it('measures how even shares are', () => {
    expect(jainIndex([5, 5, 5, 5])).toBe(1);
    expect(jainIndex([8, 0, 0, 0])).toBe(0.25);
    expect(jainIndex([0, 0])).toBe(0);
  });
  it('counts services until everybody had one', () => {
    expect(servicesUntilAll(['a', 'a', 'b', 'a', 'c', 'b'], 3)).toBe(5);
    expect(servicesUntilAll(['a', 'a'], 2)).toBeUndefined();
  });
  it('reads its command line', () => {
    expect(parseStormArguments([])).toMatchObject({ jobs: 10_000, users: 200, served: 2000 });
    expect(parseStormArguments(['--help'])).toBe('help');
    expect(() => parseStormArguments(['--jobs', 'x'])).toThrow('--jobs: "x" is no whole number');
    expect(() => parseStormArguments(['--jobs', '10', '--users', '20'])).toThrow('two a user');
  });
});

describe('the crash', () => {
  it('reads its command line', () => {
    expect(parseCrashArguments(['--kills', '7'])).toMatchObject({ kills: 7, seed: 0 });
    expect(() => parseCrashArguments(['--kills', '0'])).toThrow('--kills: "0"');
  });
  it('counts what was done again by the kill that took it away', () => {
    const step = (life: number, name: string, seconds = 1) => ({
      life,
      name,
      isRender: false,
      seconds,
    });
    const work = [
      step(1, 'a/1'),
      step(1, 'a/2'),
      step(2, 'b/1'),
      step(3, 'a/2', 4),
      step(3, 'b/1', 2),
      { life: 1, name: 'r', isRender: true, seconds: 9 },
      { life: 2, name: 'r', isRender: true, seconds: 9 },
    ];
    expect(repeats(work, 3)).toEqual({ repeated: [4, 2, 0], rendersRepeated: 1 });
  });
  it('finds what is lost, failed or wrong', () => {
    const journal = openJournal(':memory:');
    journal.recover(0);
    const ids = new Map<number, string>();
    for (let n = 0; n < 4; n++) {
      const { key, owner, tasks } = planned(n);
      journal.accept({ id: `job${n}`, key, owner, tasks, request: null, bytes: 0 }, 1);
      ids.set(n, `job${n}`);
    }
    const { pictures, steps } = planned(0);
    const right = pictureOf(pictures.map((name) => expectedOf(name, steps)));
    const done = (first: number, second: number) =>
      ({
        state: 'done',
        parts: new Map([
          [2, first],
          [3, second],
        ]),
      }) as const;
    journal.end('job0', done(right, right), 2);
    journal.end('job1', done(right, right + 1), 2);
    const problem = { code: 'JOB_FAILED', message: '', details: {} };
    journal.end('job2', { state: 'failed', problem }, 2);
    ids.set(9, 'never');
    expect(tally(dir, journal, ids, 1)).toMatchObject({
      accepted: 5,
      done: 2,
      failed: 1,
      lost: 2,
      wrong: 1,
      duplicated: 0,
    });
  });
});
