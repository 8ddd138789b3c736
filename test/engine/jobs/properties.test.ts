import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  expectedOf,
  inversionTask,
  pictureOf,
  renderTask,
  standIn,
  virtualClock,
} from '../../../bench/common/stand-in.ts';
import {
  type Jobs,
  type Journal,
  openJobs,
  openJournal,
  type Submission,
  type Task,
} from '../../../src/engine/jobs/index.ts';
import { isLikewiseError } from '../../../src/errors.ts';
import { settings } from './helpers.ts';

class Crash extends Error {}

/** A life of the process: it ends before or after its so-many-th call of the journal. */
interface Life {
  readonly calls: number;
  /** Whether the last call is made, and only its answer lost. */
  readonly after: boolean;
}

const user = fc.nat(3);
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      user,
      picture: fc.nat(4),
      steps: fc.integer({ min: 1, max: 8 }),
      renders: fc.nat(2),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('work' as const), turns: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;
const lives = fc.array(fc.record({ calls: fc.integer({ min: 1, max: 60 }), after: fc.boolean() }), {
  maxLength: 8,
});

/** What is known of a job by whoever submitted it. */
interface Known {
  readonly submission: Submission;
  id: string | undefined;
  /** Whether it was said to be over, or forgotten; `maybe`: it was asked for, and the process crashed. */
  cancelled: boolean | 'maybe';
  forgotten: boolean | 'maybe';
}

/** The plain model: what must hold of jobs, whenever the process crashes. */
async function check(actions: readonly Action[], planned: readonly Life[]) {
  const inner = openJournal(':memory:');
  const clock = virtualClock(1e12);
  const kept = new Map<string, { value: number; user: string }>();
  const known: Known[] = [];
  const ends = new Map<string, number>();
  let broken: Error | undefined;
  let alive = { dead: true };
  let jobs: Jobs | undefined;
  const remaining = [...planned];

  /** A journal that crashes, and is dead from then on. */
  const mortal = (life: Life | undefined, body: { dead: boolean }): Journal => {
    let left = life?.calls ?? Number.POSITIVE_INFINITY;
    return new Proxy(inner, {
      get(target, name: keyof Journal) {
        if (name === 'close') return () => {};
        return (...args: unknown[]) => {
          if (body.dead) throw new Crash('the process is dead');
          const call = () => (target[name] as (...all: unknown[]) => unknown)(...args);
          if (--left >= 0) {
            const value = call();
            if (name === 'end' && value === true) count(String(args[0]));
            return value;
          }
          if (life?.after && call() === true && name === 'end') count(String(args[0]));
          body.dead = true;
          throw new Crash('the process crashed');
        };
      },
    });
  };
  const count = (id: string) => ends.set(id, (ends.get(id) ?? 0) + 1);
  const executor = (body: { dead: boolean }) =>
    standIn({
      wait: async (seconds, signal) => {
        await new Promise(setImmediate);
        signal?.throwIfAborted();
        if (body.dead) throw new Crash('the process is dead');
        clock.pass(seconds * 1000);
      },
      kept: {
        get: async (key) => kept.get(key)?.value,
        set: async (key, value, order) => {
          if (!body.dead) kept.set(key, { value, user: order.owner.user });
        },
      },
      onWork: (order, step) => {
        if (body.dead || step === 0) return;
        // Steps never go back past a checkpoint.
        const key = `guild/${(order.task.input as { key: string }).key}`;
        const saved = inner.checkpoints(key)[0]?.step ?? 0;
        if (step <= saved) broken ??= new Error(`step ${step} of ${key} after checkpoint ${saved}`);
      },
    });

  /** The process, started again if it is dead. */
  const living = async (): Promise<Jobs> => {
    while (alive.dead || !jobs) {
      const body = { dead: false };
      alive = body;
      jobs = await openJobs({
        journal: mortal(remaining.shift(), body),
        executor: executor(body),
        clock,
        settings: { ...settings, checkpointSeconds: 1.2, turnSeconds: 3, crashes: 1e6 },
        newId: () => `job${known.length}-${planned.length - remaining.length}`,
        onForget: async (owner) => {
          for (const [key, { user: whose }] of kept) if (whose === owner.user) kept.delete(key);
        },
        onEnd: (id, { state }) => {
          const of = known.find((one) => one.id === id);
          const never = of?.cancelled === true || of?.forgotten === true;
          if (state === 'done' && never) broken ??= new Error(`${id} was posted all the same`);
        },
      }).catch((error) => {
        if (body.dead) return undefined;
        throw error;
      });
    }
    return jobs;
  };
  /** What the process answers; undefined where it crashed instead. */
  const asked = async <T>(ask: (process: Jobs) => T | Promise<T>): Promise<T | undefined> => {
    const process = await living();
    try {
      return await ask(process);
    } catch (error) {
      if (alive.dead || (isLikewiseError(error) && error.code === 'ENGINE_STOPPING')) {
        return undefined;
      }
      throw error;
    }
  };
  const submit = async (one: Known) => {
    // Tried again until it is answered: with its key, it is one job.
    while (one.id === undefined) one.id = (await asked((p) => p.submit(one.submission)))?.job.id;
  };

  for (const act of actions) {
    if (act.kind === 'submit') {
      const owner = { tenant: 'guild', user: `user${act.user}` };
      const picture = `p${act.picture}-${act.steps}`;
      const tasks = [
        inversionTask(picture, act.steps, 0.5),
        ...Array.from({ length: act.renders }, () => renderTask(0.7)),
      ];
      const submission = { owner, key: `key${known.length}`, tasks, request: { picture } };
      const one: Known = { submission, id: undefined, cancelled: false, forgotten: false };
      known.push(one);
      await submit(one);
    } else if (act.kind === 'cancel') {
      const one = known[act.nth];
      if (!one?.id || one.forgotten) continue;
      const { id } = one;
      const answer = await asked((process) => process.cancel(id));
      if (answer === undefined) one.cancelled ||= 'maybe';
      if (answer === true) one.cancelled = true;
    } else if (act.kind === 'forget') {
      const owner = { tenant: 'guild', user: `user${act.user}` };
      const answer = await asked((process) => process.forget(owner));
      for (const one of known) {
        if (one.submission.owner.user !== owner.user) continue;
        one.forgotten = answer === undefined ? one.forgotten || 'maybe' : true;
      }
    } else if (act.kind === 'restart') {
      await asked((process) => process.close());
      alive = { dead: true };
    } else {
      await living();
      for (let turn = 0; turn < act.turns && !alive.dead; turn++) await new Promise(setImmediate);
    }
  }

  remaining.length = 0;
  alive.dead = true;
  const last = await living();
  const open = () =>
    known.filter((one) =>
      ['waiting', 'running'].includes(inner.get(one.id as string)?.state ?? ''),
    );
  for (let turn = 0; open().length > 0 && turn < 5000; turn++) await new Promise(setImmediate);
  expect(open()).toEqual([]);
  if (broken) throw broken;
  for (const { id, submission, cancelled, forgotten } of known) {
    const record = inner.get(id as string);
    expect(ends.get(id as string) ?? 0).toBeLessThanOrEqual(1);
    if (forgotten === true) expect(record).toBeUndefined();
    if (forgotten !== false && !record) continue;
    if (cancelled === true) expect(record?.state).toBe('cancelled');
    if (cancelled === false) expect(record?.state).toBe('done');
    if (record?.state !== 'done') continue;
    const { key, steps } = (submission.tasks[0] as Task).input as { key: string; steps: number };
    const renders = submission.tasks.length - 1;
    const picture = pictureOf([expectedOf(key, steps)]);
    expect([...record.parts.values()]).toEqual(Array(renders).fill(picture));
  }
  await last.close();
  inner.close();
}

test('whenever the process crashes, what was accepted ends once, as it should', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 25 }), lives, check), {
    numRuns: 300,
  });
});
