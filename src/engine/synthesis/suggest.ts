import { createRandom } from '../inversion/random.ts';
import {
  type DiffusionModel,
  diffuse,
  float32,
  meanSquaredError,
  unstack,
} from '../models/index.ts';
import { evaluateUnet } from './evaluate.ts';
import type { Cell } from './guidance.ts';

/** A cell as it was drawn. */
export interface DrawnCell extends Cell {
  /** B', [3, H, W] in [-1, 1]. */
  readonly pixels: Float32Array;
}

export interface SuggestInput {
  /** c_B, [L, D]. */
  readonly c: Float32Array;
  /** e, [L, D]. */
  readonly direction: Float32Array;
  /** B, [3, H, W] in [-1, 1]. */
  readonly b: Float32Array;
  readonly cells: readonly DrawnCell[];
}

export interface SuggestOptions {
  /** At how many timesteps, spread over all, a picture is looked at; two evaluations each. @default 3 */
  draws?: number;
  /** Which share of the way that the best cell went is far enough, 0 to 1. @default 0.85 */
  share?: number;
  signal?: AbortSignal | undefined;
}

/** What speaks for a cell. */
export interface CellScore {
  /** How far it went from B to what the analogy asks: 0 like B, 1 like the cell that went farthest. */
  readonly moved: number;
  /** |lambda| * sigma: under guidance 2, strength 1 does about what strength 2 does under guidance 1. */
  readonly strength: number;
  /** Mean squared difference from B, of pixels in [-1, 1]. */
  readonly lost: number;
}

export interface Suggestion {
  /** Of the cells as given. */
  readonly index: number;
  /** Of the cells as given; undefined for those that were not compared. */
  readonly scores: readonly (CellScore | undefined)[];
}

/**
 * Which of the drawn B' to offer first: of those that went nearly as far along the analogy as any did,
 * the weakest, which leaves most of B as it was. How far one went is asked of the U-Net, as a classifier
 * (arXiv 2303.16203): how much better it predicts the noise in B' under c_B + e than under c_B.
 *
 * Compared are the cells with lambda > 0; where there are none, those with lambda < 0, for which the
 * direction is reversed. lambda = 0 is chosen where there is nothing else. Equal inputs give equal
 * answers, and a cell's evidence does not depend on the other cells.
 *
 * It takes 2 * draws U-Net evaluations for B and for each cell compared.
 * @throws RangeError without a cell, or for pictures that are not of the model's size
 */
export async function suggestCell(
  model: DiffusionModel,
  { c, direction, b, cells }: SuggestInput,
  options: SuggestOptions = {},
): Promise<Suggestion> {
  const { draws = 3, share = 0.85, signal } = options;
  if (cells.length === 0) throw new RangeError('without a cell there is none to suggest');
  const compared = comparedCells(cells);
  const [only, another] = compared;
  if (only === undefined || another === undefined) {
    return { index: only ?? 0, scores: cells.map(() => undefined) };
  }
  const sign = Math.sign((cells[only] as Cell).lambda);
  const target = c.map((value, i) => value + sign * (direction[i] as number));
  const evidence = (pixels: Float32Array) =>
    evidenceOf(model, pixels, { from: c, to: target, draws, signal });

  const before = await evidence(b);
  const found: FoundCell[] = [];
  for (const index of compared) {
    const { lambda, sigma, pixels } = cells[index] as DrawnCell;
    found.push({
      evidence: await evidence(pixels),
      strength: Math.abs(lambda) * sigma,
      lost: meanSquaredError(pixels, b),
    });
  }
  const scores = scoresOf(before, found);
  return {
    index: compared[chooseCell(scores, share)] as number,
    scores: cells.map((_, i) => scores[compared.indexOf(i)]),
  };
}

/** Indices of the cells that go the way the analogy asks; else of those that go against it. */
function comparedCells(cells: readonly Cell[]): number[] {
  const where = (wanted: (lambda: number) => boolean) =>
    cells.flatMap(({ lambda }, i) => (wanted(lambda) ? [i] : []));
  const forth = where((lambda) => lambda > 0);
  return forth.length > 0 ? forth : where((lambda) => lambda < 0);
}

/**
 * ln L(from) - ln L(to), the mean over the draws, where L is Eq. 2's loss: above 0 where `to`
 * describes the picture better. Of logarithms, so that a picture that is hard to predict under any
 * features, or one that the edit has spoilt, does not outweigh the others.
 */
async function evidenceOf(
  model: DiffusionModel,
  pixels: Float32Array,
  asked: {
    from: Float32Array;
    to: Float32Array;
    draws: number;
    signal: AbortSignal | undefined;
  },
): Promise<number> {
  const { from, to, draws, signal } = asked;
  const { height, width } = model.image;
  signal?.throwIfAborted();
  const [z] = unstack(await model.encode(float32([1, 3, height, width], pixels)));
  const latent = z as Float32Array;
  const noisy = Array.from({ length: draws }, (_, i) => {
    // The same noise for every picture: what differs between two is not the draw.
    const noise = createRandom(0, 'suggest', i).gaussians(latent.length);
    const t = Math.floor(((i + 0.5) / draws) * model.schedule.trainSteps);
    return { t, ...diffuse(model.schedule, t, latent, noise) };
  });
  const predicted = await evaluateUnet(
    model,
    noisy.flatMap(({ noisy: x, t }) => [from, to].map((c) => ({ z: x, t, c }))),
    { batch: 2 * draws, signal },
  );
  const loss = (i: number, target: Float32Array) =>
    Math.max(meanSquaredError(predicted[i] as Float32Array, target), Number.EPSILON);
  const ratios = noisy.map(({ target }, i) =>
    Math.log(loss(2 * i, target) / loss(2 * i + 1, target)),
  );
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / draws;
}

type FoundCell = Omit<CellScore, 'moved'> & { readonly evidence: number };

/** @param before the evidence of B itself */
export function scoresOf(before: number, found: readonly FoundCell[]): CellScore[] {
  const farthest = Math.max(...found.map(({ evidence }) => evidence)) - before;
  return found.map(({ evidence, ...rest }) => ({
    // Where no cell went towards the analogy, none went any share of the way.
    moved: farthest > 0 ? (evidence - before) / farthest : 0,
    ...rest,
  }));
}

/**
 * Of the cells that went far enough, or of all if none moved, the weakest; of equals the one that lost
 * least, then the first.
 */
export function chooseCell(scores: readonly CellScore[], share: number): number {
  const far = scores.some(({ moved }) => moved > 0)
    ? scores.filter(({ moved }) => moved >= share)
    : scores;
  const [first, ...others] = far;
  if (!first) throw new RangeError(`no cell has a share of ${share} or more`);
  const before = (one: CellScore, other: CellScore) =>
    one.strength < other.strength || (one.strength === other.strength && one.lost < other.lost);
  return scores.indexOf(others.reduce((best, one) => (before(one, best) ? one : best), first));
}
