import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../../src/engine/jobs/index.ts';
import { expectedOf, pictureOf } from '../common/stand-in.ts';
import { planned } from './plan.ts';

export interface Tally {
  readonly accepted: number;
  readonly done: number;
  /** Accepted, and not over or not there. */
  readonly lost: number;
  readonly failed: number;
  /** Done with another result than without a crash. */
  readonly wrong: number;
  /** Posted more than once. */
  readonly duplicated: number;
  /** Seconds of steps that were made again, by the kill that cost them. */
  readonly repeated: readonly number[];
  readonly rendersRepeated: number;
  readonly steps: number;
}

/** @param accepted number of the job -> its id, of all that were answered */
export function tally(
  folder: string,
  journal: Journal,
  accepted: ReadonlyMap<number, string>,
  kills: number,
): Tally {
  const records = [...accepted].map(([n, id]) => ({ n, record: journal.get(id) }));
  const of = (state: string) => records.filter(({ record }) => record?.state === state);
  const wrong = of('done').filter(({ n, record }) => {
    const { pictures, steps } = planned(n);
    const picture = pictureOf(pictures.map((name) => expectedOf(name, steps)));
    const results = [...(record?.parts.values() ?? [])];
    return results.length !== 2 || results.some((result) => result !== picture);
  });
  const posted = lines(folder, 'posted').map(([id]) => id);
  const work = lines(folder, 'work').map(([life, key, step, seconds]) => ({
    life: Number(life),
    name: `${key}/${step}`,
    isRender: step === '0',
    seconds: Number(seconds),
  }));
  return {
    accepted: accepted.size,
    done: of('done').length,
    lost: records.length - of('done').length - of('failed').length - of('cancelled').length,
    failed: of('failed').length,
    wrong: wrong.length,
    duplicated: posted.length - new Set(posted).size,
    ...repeats(work, kills),
    steps: work.filter(({ isRender }) => !isRender).length,
  };
}

interface Done {
  /** Which start of the process did it, from 1. Kill n ended life n. */
  readonly life: number;
  readonly name: string;
  readonly isRender: boolean;
  readonly seconds: number;
}

/** What was done again, by the kill that took it away. */
export function repeats(
  work: readonly Done[],
  kills: number,
): Pick<Tally, 'repeated' | 'rendersRepeated'> {
  const repeated: number[] = Array(kills).fill(0);
  const before = new Map<string, Done>();
  let rendersRepeated = 0;
  for (const one of work) {
    const last = before.get(one.name);
    before.set(one.name, one);
    if (!last) continue;
    if (one.isRender) rendersRepeated++;
    else repeated[last.life - 1] = (repeated[last.life - 1] ?? 0) + one.seconds;
  }
  return { repeated, rendersRepeated };
}

function lines(folder: string, file: string): string[][] {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  // Killed while writing: half a line was not said.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '));
}
