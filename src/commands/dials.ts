import { LikewiseError } from '../errors.ts';
import { rounded } from './press.ts';

interface Dials {
  readonly lambda: readonly number[];
  readonly guidance: readonly number[];
}

/** What somebody asked for; what is left out is the standard's. */
export interface AskedDials {
  readonly strengths?: readonly number[] | undefined;
  readonly guidance?: readonly number[] | undefined;
}

/**
 * The dials of a grid of at most `most` cells. What was asked for stays as it is, each value once;
 * the standard is thinned out to what fits beside it.
 * @throws LikewiseError `CELLS_TOO_MANY` where what was asked for does not fit
 */
export function dialsFor(
  { strengths, guidance }: AskedDials,
  standard: Dials,
  most: number,
): { lambda: number[]; guidance: number[] } {
  const asked = [strengths, guidance].map((values) => values && once(values));
  const [lambda, sigma] = asked;
  const needed = (lambda?.length ?? 1) * (sigma?.length ?? 1);
  if (needed > most) throw new LikewiseError('CELLS_TOO_MANY', { cells: needed, limit: most });
  const lambdas = lambda ?? thinned(standard.lambda, Math.floor(most / (sigma?.length ?? 1)));
  return {
    lambda: lambdas,
    guidance: sigma ?? thinned(standard.guidance, Math.floor(most / lambdas.length)),
  };
}

/** Dials that nobody asked for in numbers, thinned out to at most `most` cells. */
export function fitted(dials: Dials, most: number): { lambda: number[]; guidance: number[] } {
  return dialsFor({}, dials, most);
}

/**
 * At most `most` values, 1 or more, in their order: evenly chosen with both ends, and a strength of 1
 * among them where there is one.
 */
export function thinned(values: readonly number[], most: number): number[] {
  const all = once(values);
  if (all.length <= most) return all;
  const whole = all.indexOf(1);
  if (most <= 1) return [all[whole === -1 ? Math.floor((all.length - 1) / 2) : whole] as number];
  const places = Array.from({ length: most }, (_, i) =>
    Math.round((i * (all.length - 1)) / (most - 1)),
  );
  if (whole !== -1 && !places.includes(whole)) {
    // Of two values the first is kept: the grid begins there.
    const inner = most === 2 ? [1] : places.slice(1, -1).map((_, i) => i + 1);
    const distance = (i: number) => Math.abs((places[i] as number) - whole);
    inner.sort((a, b) => distance(a) - distance(b));
    places[inner[0] as number] = whole;
  }
  return places.map((place) => all[place] as number);
}

/** Buttons and labels are by rounded numbers: what would look the same is drawn once. */
function once(values: readonly number[]): number[] {
  return [...new Set(values.map(rounded))];
}
