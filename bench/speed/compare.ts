/** Both sides in one run: first whether they agree, then how long each takes, in turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Float32Tensor } from '../../src/engine/models/index.ts';
import { median } from '../quality/tally.ts';
import type { Reference } from './reference.ts';
import type { Task } from './tasks.ts';

export interface Timing {
  readonly id: string;
  readonly title: string;
  /** Median seconds; the reference's is null where there is none. */
  readonly ours: number;
  readonly reference: number | null;
  /** reference / ours, the median of each round's own ratio: above 1 we are faster. */
  readonly ratio: number | null;
  /** Largest error of anything the two computed, relative to its largest value. */
  readonly error: number | null;
  readonly all: { readonly ours: readonly number[]; readonly reference: readonly number[] };
}

/** Idle threads of the side that was measured before still spin for work: let them fall asleep. */
const PAUSE_MS = 300;

/** Agreement of every task, which is also the warm-up of both. */
export async function agreement(
  tasks: readonly Task[],
  reference: Reference | undefined,
  signal?: AbortSignal,
): Promise<Map<string, number | null>> {
  const errors = new Map<string, number | null>();
  for (const task of tasks) {
    signal?.throwIfAborted();
    const ours = await task.run();
    errors.set(task.id, null);
    if (!reference) continue;
    const { results } = await reference.run(task.id, true);
    const each = Object.entries(results).map(([name, theirs]) => relativeError(ours[name], theirs));
    errors.set(task.id, Math.max(...each));
  }
  return errors;
}

/** max |a - b| / max |b|. */
export function relativeError(a: Float32Tensor | undefined, b: Float32Tensor): number {
  if (!a || a.data.length !== b.data.length) {
    throw new Error(`results differ in size: [${a?.dims}] and [${b.dims}]`);
  }
  let apart = 0;
  let largest = 0;
  for (const [i, value] of b.data.entries()) {
    apart = Math.max(apart, Math.abs((a.data[i] as number) - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return largest === 0 ? apart : apart / largest;
}

/** Times every task `runs` times on both sides, alternately; who goes first alternates too. */
export async function timings(
  tasks: readonly Task[],
  reference: Reference | undefined,
  options: { runs: number; signal?: AbortSignal; onRound?: (round: number) => void },
): Promise<Timing[]> {
  const { runs, signal, onRound } = options;
  const errors = await agreement(tasks, reference, signal);
  const ours = new Map<string, number[]>(tasks.map(({ id }) => [id, []]));
  const theirs = new Map<string, number[]>(tasks.map(({ id }) => [id, []]));
  for (let round = 0; round < runs; round++) {
    for (const task of tasks) {
      const sides = [
        async () => ours.get(task.id)?.push(await secondsOf(task)),
        async () => reference && theirs.get(task.id)?.push((await reference.run(task.id)).seconds),
      ];
      for (const side of round % 2 === 0 ? sides : sides.reverse()) {
        signal?.throwIfAborted();
        await sleep(PAUSE_MS);
        await side();
      }
    }
    onRound?.(round + 1);
  }
  return tasks.map(({ id, title }) => {
    const [a, b] = [ours.get(id) ?? [], theirs.get(id) ?? []];
    const ratios = b.map((seconds, i) => seconds / (a[i] as number));
    return {
      id,
      title,
      ours: median(a) ?? Number.NaN,
      reference: median(b),
      ratio: median(ratios),
      error: errors.get(id) ?? null,
      all: { ours: a, reference: b },
    };
  });
}

async function secondsOf(task: Task): Promise<number> {
  const begin = performance.now();
  await task.run();
  return (performance.now() - begin) / 1000;
}
