/**
 * The rule that says whether a B' is right, and how much of B it kept.
 *
 * **Nearest.** The candidates are pictures c_1 … c_n, all of B's look: B'_true, B unchanged, B with
 * each other single change. The answer X (8-bit RGB, as delivered) is right when B'_true is nearer
 * to it, in mean squared error over the pixels where candidates differ, than every other
 * candidate; a tie is wrong.
 *
 * It does not matter which pixels are meant by that. Where two candidates p and q agree, their
 * squared differences from X are the same numbers and cancel:
 *
 *     |X - p|^2 - |X - q|^2, summed over all pixels
 *       = the same, summed over the pixels where any two candidates differ
 *       = the same, summed over the pixels where p and q differ,
 *
 * and dividing by the number of pixels, the same for p and q, changes no sign. So "nearest over
 * all pixels", "over the union of the differing pixels" and "the one that wins each pairwise
 * comparison over the pixels where the pair differs" are one rule. Pictures are bytes, so the sums
 * are exact integers and the equivalence is exact, not up to rounding.
 */

/** An RGB picture as bytes, three a pixel. */
export type Rgb = Uint8Array;

export interface Candidate {
  /** What it shows, e.g. `truth`, `B`, `mouth: laugh`. */
  readonly label: string;
  readonly picture: Rgb;
}

export interface Verdict {
  /** Whether the first candidate is nearer than every other. */
  readonly right: boolean;
  /** Label of the nearest candidate; of equals, the last, so that a tie is never the truth. */
  readonly nearest: string;
}

/** Sum of squared differences, an exact integer, over the pixels in `mask` (all without one). */
export function squaredError(a: Rgb, b: Rgb, mask?: Uint8Array): number {
  if (a.length !== b.length) throw new RangeError(`pictures of ${a.length} and ${b.length} bytes`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    if (mask && !mask[Math.floor(i / 3)]) continue;
    sum += ((a[i] as number) - (b[i] as number)) ** 2;
  }
  return sum;
}

/** 1 for each pixel where not all pictures agree, 0 elsewhere. */
export function differing(pictures: readonly Rgb[]): Uint8Array {
  const first = pictures[0];
  if (!first) throw new RangeError('no pictures to compare');
  const mask = new Uint8Array(first.length / 3);
  for (const picture of pictures) {
    for (let i = 0; i < first.length; i++) {
      if (picture[i] !== first[i]) mask[Math.floor(i / 3)] = 1;
    }
  }
  return mask;
}

/**
 * Applies the rule above.
 * @param candidates the truth first, then at least one distractor, none equal to the truth
 */
export function judge(answer: Rgb, candidates: readonly Candidate[]): Verdict {
  const [truth, ...others] = candidates;
  if (!truth || others.length === 0) throw new RangeError('a truth and a distractor are needed');
  let nearest = truth.label;
  let least = squaredError(answer, truth.picture);
  let right = true;
  for (const other of others) {
    const error = squaredError(answer, other.picture);
    if (error > least) continue;
    right = false;
    least = error;
    nearest = other.label;
  }
  return { right, nearest };
}

/** Peak signal-to-noise ratio in dB of 8-bit values; 99 where they are equal (it would be infinite). */
export const EXACT_DB = 99;

export function decibels(meanSquared: number): number {
  return meanSquared === 0 ? EXACT_DB : Math.min(EXACT_DB, 10 * Math.log10(255 ** 2 / meanSquared));
}

/** PSNR in dB of two whole pictures. */
export function psnr(a: Rgb, b: Rgb): number {
  return decibels(squaredError(a, b) / a.length);
}

/**
 * "Kept": PSNR in dB of the answer against B over the pixels where B'_true equals B exactly, that
 * is over all that the change should leave alone. NaN where the change touches every pixel.
 */
export function kept(answer: Rgb, before: Rgb, truth: Rgb): number {
  const changed = differing([before, truth]);
  const untouched = changed.map((value) => 1 - value);
  const count = untouched.reduce((sum, value) => sum + value, 0);
  if (count === 0) return Number.NaN;
  return decibels(squaredError(answer, before, untouched) / (3 * count));
}
