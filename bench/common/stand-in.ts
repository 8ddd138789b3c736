/**
 * A device that computes nothing worth knowing but takes its time, for what is about queues and
 * crashes. What it computes tells whether each step was made once and in order.
 */
import { type Packable, pack, unpack } from '../../src/cache/index.ts';
import {
  type Clock,
  type Executor,
  type Order,
  ResultGoneError,
  type RunId,
  type StepReport,
  type Task,
} from '../../src/engine/jobs/index.ts';

/** Results of inversions, by key. */
export interface Kept {
  get(key: string): Promise<number | undefined>;
  set(key: string, value: number, order: Order): Promise<void>;
}

export interface StandInOptions {
  /** Takes so long. @throws the signal's reason */
  readonly wait: (seconds: number, signal?: AbortSignal) => Promise<void>;
  readonly kept: Kept;
  /** Told before each step and each render, and may throw in its place. */
  readonly onWork?: (order: Order, step: number) => void | Promise<void>;
}

/** An inversion of a picture `key`, as a task. */
export function inversionTask(key: string, steps: number, seconds: number): Task {
  return { class: 'inversion', label: 'tokens', input: { key, steps, seconds } };
}

export function renderTask(seconds: number): Task {
  return { class: 'render', label: 'render', input: { seconds } };
}

/** What an inversion of so many steps finds, when nothing goes wrong. */
export function expectedOf(key: string, steps: number): number {
  let hash = seedOf(key);
  for (let step = 1; step <= steps; step++) hash = mix(hash, step);
  return hash;
}

/** What a render after inversions with these results returns. */
export function pictureOf(results: readonly number[]): number {
  return results.reduce(mix, 1);
}

interface Run {
  readonly order: Order;
  step: number;
  hash: number;
}

export function standIn({ wait, kept, onWork }: StandInOptions): Executor {
  const runs = new Map<RunId, Run>();
  let last = 0;
  const inputOf = ({ task }: Order) =>
    task.input as { key: string; steps: number; seconds: number };
  const runOf = (id: RunId): Run => {
    const run = runs.get(id);
    if (!run) throw new RangeError(`run ${id} is over, or never was`);
    return run;
  };
  const reportOf = ({ order, step, hash }: Run): StepReport => {
    const { steps } = inputOf(order);
    const loss = step === 0 ? undefined : hash / 2 ** 32;
    return { done: step === steps, phase: order.task.label, step, steps, loss };
  };
  return {
    keyOf: async (order) => `${order.owner.tenant}/${inputOf(order).key}`,
    known: async (key) => (await kept.get(key)) !== undefined,
    async begin(order, { saved, signal }) {
      signal.throwIfAborted();
      const { key } = inputOf(order);
      const state = saved && (unpack(saved) as { step: number; hash: number });
      const run: Run = { order, step: 0, hash: seedOf(key), ...state };
      runs.set(++last, run);
      return { run: last, ...reportOf(run) };
    },
    async step(id, signal) {
      const run = runOf(id);
      await onWork?.(run.order, run.step + 1);
      await wait(inputOf(run.order).seconds, signal);
      run.step++;
      run.hash = mix(run.hash, run.step);
      return reportOf(run);
    },
    async save(id) {
      const { step, hash } = runOf(id);
      return pack({ step, hash });
    },
    preview: async (id) => Uint8Array.of(runOf(id).step),
    async finish(id) {
      const { hash } = runOf(id);
      runs.delete(id);
      return hash;
    },
    drop: async (id) => void runs.delete(id),
    keep: (key, result, order) => kept.set(key, result as number, order),
    async render(order, signal): Promise<Packable> {
      await onWork?.(order, 0);
      await wait(inputOf(order).seconds, signal);
      const results = await Promise.all(order.before.map((key) => kept.get(key)));
      if (results.includes(undefined)) throw new ResultGoneError('a result has gone');
      return pictureOf(results as number[]);
    },
  };
}

export interface VirtualClock extends Clock {
  /** Time passes; timers that fall due call back in order. */
  pass(milliseconds: number): void;
}

/** A clock that moves only when it is told to. */
export function virtualClock(start = 0): VirtualClock {
  const timers = new Set<{ every: number; next: number; callback: () => void }>();
  let now = start;
  return {
    now: () => now,
    every(every, callback) {
      const timer = { every, next: now + every, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(({ next }) => next <= until);
        const first = due.sort((a, b) => a.next - b.next)[0];
        if (!first) break;
        now = Math.max(now, first.next);
        first.next += first.every;
        first.callback();
      }
      now = until;
    },
  };
}

function seedOf(key: string): number {
  let hash = 2166136261;
  for (const char of key) hash = mix(hash, char.codePointAt(0) as number);
  return hash;
}

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 16777619) >>> 0;
}
