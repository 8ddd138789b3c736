import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { readBytes } from '../../src/engine/intake/file.ts';
import type { Intake, PictureLimits, Size } from '../../src/engine/intake/index.ts';
import { type ErrorCode, errors, isLikewiseError } from '../../src/errors.ts';

export type Outcome = 'read' | 'hang' | ErrorCode;

/** What became of one file. */
export interface Reading {
  /** Relative to the folder. */
  readonly file: string;
  readonly outcome: Outcome;
  /** What the file's folder asks for, where it is named as an outcome. */
  readonly expected: Outcome | undefined;
  readonly seconds: number;
  readonly notes: readonly string[];
}

export interface MeasureOptions {
  readonly intake: Intake;
  readonly limits: PictureLimits;
  readonly size: Size;
  /** Seconds after which a file that has no answer counts as hanging. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** Every plain file of a folder and of the folders in it, in the order of their names. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length))
    .sort();
}

/** Reads one file as the engine would read it from a stranger. */
export async function reading(
  folder: string,
  file: string,
  { intake, limits, size, patience, signal }: MeasureOptions,
): Promise<Reading> {
  const began = performance.now();
  const late = AbortSignal.timeout(patience * 1000);
  let outcome: Outcome = 'read';
  let notes: readonly string[] = [];
  try {
    const bytes = await readBytes(join(folder, file), file, limits);
    const options = { size, name: file, signal: AbortSignal.any([signal, late]) };
    notes = (await intake.read(bytes, options)).origin.notes;
  } catch (error) {
    signal.throwIfAborted();
    if (!isLikewiseError(error) && !late.aborted) throw error;
    outcome = isLikewiseError(error) ? error.code : 'hang';
  }
  const seconds = (performance.now() - began) / 1000;
  return { file, outcome, expected: expectationOf(file), seconds, notes };
}

function expectationOf(file: string): Outcome | undefined {
  const [first = ''] = file.split(sep);
  return first === 'read' || first in errors ? (first as Outcome) : undefined;
}

export interface Summary {
  readonly files: number;
  /** How many files had each outcome, the most frequent first. */
  readonly outcomes: Record<string, number>;
  /** How many pictures that were read had something to remark on. */
  readonly notes: Record<string, number>;
  readonly hangs: number;
  /** Files whose outcome is another than that which their folder is named by. */
  readonly unexpected: readonly Reading[];
  /** Seconds of a file. */
  readonly seconds: { readonly median: number; readonly p99: number; readonly most: number };
  readonly slowest: readonly Reading[];
}

export function summary(readings: readonly Reading[]): Summary {
  const slowest = readings.toSorted((a, b) => b.seconds - a.seconds);
  const nth = (share: number) => slowest[Math.floor(share * (slowest.length - 1))]?.seconds ?? 0;
  return {
    files: readings.length,
    outcomes: counted(readings.map(({ outcome }) => outcome)),
    notes: counted(readings.flatMap(({ notes }) => notes)),
    hangs: readings.filter(({ outcome }) => outcome === 'hang').length,
    unexpected: readings.filter(({ outcome, expected }) => expected && outcome !== expected),
    seconds: { median: nth(0.5), p99: nth(0.01), most: nth(0) },
    slowest: slowest.slice(0, 5),
  };
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
