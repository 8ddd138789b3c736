import type { Dials, Output } from '../engine/protocol.ts';
import { fitted } from './dials.ts';
import { rounded } from './press.ts';

/** One place on both dials. */
export interface Place {
  readonly lambda: number;
  readonly guidance: number;
}

/** What is drawn anew. */
export interface Plan {
  readonly dials: Dials;
  readonly output: Output;
}

/** The refinements that are nothing but other dials. */
export const refinements = [
  'at',
  'weaker',
  'stronger',
  'finer',
  'less',
  'more',
  'table',
  'reverse',
  'animate',
] as const;
export type Refinement = (typeof refinements)[number];

/** Steps of the dials, where the result does not say finer ones. */
const step = { lambda: 0.25, guidance: 1 };
/** Strengths of a moving picture, and the fewest that look like a movement. */
const frames = 13;
const leastFrames = 4;
/** The ends of both dials. */
const limit = 100;

/** What a refinement starts from. */
export interface Start {
  /** The dials of the result. */
  readonly from: Dials;
  /** The picked cell: alone is drawn what a picked cell becomes, else the whole row. */
  readonly place?: Place | undefined;
  /** The cell that is meant where none was picked. */
  readonly focus: Place;
  /** The format of moving pictures. */
  readonly animation: 'webp' | 'gif';
  /** Cells that may be drawn. */
  readonly most: number;
}

/**
 * Where a refinement leads. Fewer strengths are drawn where there is no room for all; the plan has
 * more than `most` cells where too few would be left to show what is meant.
 */
export function planOf(refinement: Refinement, start: Start): Plan {
  const { from, place, focus, animation, most } = start;
  const { lambda, guidance } = place ?? focus;
  const row = fitted(from, most);
  const lambdas = place ? [place.lambda] : row.lambda;
  const guidances = place ? [place.guidance] : row.guidance;
  const output: Output = lambdas.length * guidances.length === 1 ? 'cells' : 'grid';
  const gap = gapOf(from.lambda);
  const around = (distance: number, count: number) =>
    Array.from({ length: 2 * count + 1 }, (_, i) => lambda + (i - count) * distance);
  switch (refinement) {
    case 'at':
      return plan([lambda], [guidance], 'cells');
    case 'weaker':
      return plan(place ? [nearer(lambda, -step.lambda)] : scaled(lambdas, 0.5), guidances, output);
    case 'stronger':
      return plan(place ? [nearer(lambda, step.lambda)] : scaled(lambdas, 1.5), guidances, output);
    case 'finer':
      return plan(around(gap / 4, most < 5 ? 1 : 2), [guidance], 'grid');
    case 'less':
      return plan(lambdas, shifted(guidances, -step.guidance), output);
    case 'more':
      return plan(lambdas, shifted(guidances, step.guidance), output);
    case 'table':
      return plan(around(gap, 1), shifted([guidance, guidance, guidance], -1, 0, 1), 'grid');
    case 'reverse':
      return plan(scaled(lambdas, -1), guidances, output);
    case 'animate': {
      const all = place ? [place.lambda] : from.lambda;
      const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
      // A strength of 0 alone would not move.
      const end = low === high ? 1 : high;
      const count = Math.max(leastFrames, Math.min(frames, most));
      const sweep = Array.from({ length: count }, (_, i) => low + ((end - low) * i) / (count - 1));
      return plan(sweep, [guidance], animation);
    }
  }
}

function plan(lambda: readonly number[], guidance: readonly number[], output: Output): Plan {
  const clean = (values: readonly number[], least: number) => [
    ...new Set(values.map((value) => rounded(Math.min(limit, Math.max(least, value))))),
  ];
  return { dials: { lambda: clean(lambda, -limit), guidance: clean(guidance, 0) }, output };
}

/** The smallest distance of two strengths. */
function gapOf(lambdas: readonly number[]): number {
  const sorted = [...new Set(lambdas)].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((value, i) => value - (sorted[i] as number));
  return gaps.length === 0 ? 2 * step.lambda : Math.max(0.004, Math.min(...gaps));
}

/** Towards 0 or away from it; 0 stays where less is asked for. */
function nearer(lambda: number, by: number): number {
  const sign = lambda < 0 ? -1 : 1;
  return sign * Math.max(0, Math.abs(lambda) + by);
}

function scaled(values: readonly number[], factor: number): number[] {
  return values.map((value) => value * factor);
}

/** Each value by its own distance, or all by the one there is. */
function shifted(values: readonly number[], ...by: number[]): number[] {
  return values.map((value, i) => value + (by[i] ?? by[0] ?? 0));
}
