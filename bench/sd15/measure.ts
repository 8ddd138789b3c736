/** One part on both sides, and how far apart they are: what fails costs its own figures only. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLikewiseError } from '../../src/errors.ts';
import { duration } from '../speed/table.ts';
import { type Part, relativeError, sideOf } from './figures.ts';
import { readValues } from './inputs.ts';
import type { Measured } from './orders.ts';
import type { Told } from './process.ts';
import type { Reference } from './reference.ts';
import type { Sides } from './sides.ts';

interface Listeners {
  /** Told what went wrong; the bench goes on. */
  failed(reason: string): void;
  say(line: string): void;
}

/**
 * A side that fails costs its own figures, and results that cannot be compared cost `apart`: both are told.
 * @param reference undefined: there is no PyTorch
 * @param folder for the results
 * @throws LikewiseError `CANCELLED`
 */
export async function measure(
  part: Part['part'],
  sides: Pick<Sides, 'ours' | 'reference'>,
  reference: Reference | undefined,
  { folder, failed, say }: Listeners & { folder: string },
): Promise<Part> {
  const task = part === 'open' ? 'unet' : part;
  const run = async (side: string, work: (out: string) => Promise<Told<Measured> | undefined>) => {
    const out = join(folder, `${part}-${side}`);
    mkdirSync(out);
    const told = await orFailed(() => work(out), failed);
    if (!told) return undefined;
    const figures = sideOf(told);
    say(`${side}, ${part}: ${duration(figures.seconds)}`);
    // What was measured counts, whatever came of the results.
    if (told.failure !== undefined)
      failed(`${side}, ${part}, when it was measured: ${told.failure}`);
    return { figures, out, comparable: part !== 'open' && told.failure === undefined };
  };
  const ours = await run('ours', (out) =>
    sides.ours(task, out, reference !== undefined && part !== 'open'),
  );
  const compared = ours?.comparable ?? false;
  const theirs =
    reference && (await run('PyTorch', (out) => sides.reference(reference, task, out, compared)));
  const apart =
    ours?.comparable && theirs?.comparable
      ? await orFailed(
          async () => errorsOf(part, ours.out, theirs.out),
          (reason) => failed(`${part} cannot be compared: ${reason}`),
        )
      : undefined;
  return {
    part,
    ours: ours?.figures ?? null,
    reference: theirs?.figures ?? null,
    apart: apart ?? null,
  };
}

/** A failure is told, and costs what failed only; an interrupt ends all. */
export async function orFailed<Result>(
  work: () => Promise<Result>,
  failed: (reason: string) => void,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isLikewiseError(error)) throw error;
    failed((error as Error).message);
    return undefined;
  }
}

function errorsOf(part: Part['part'], ours: string, theirs: string): Record<string, number> {
  const names = part === 'render' ? ['pixels'] : ['loss', 'gradient'];
  const error = (name: string) => {
    try {
      return relativeError(readValues(ours, name), readValues(theirs, name));
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message}`, { cause });
    }
  };
  return Object.fromEntries(names.map((name) => [name, error(name)]));
}
