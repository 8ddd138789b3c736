import type { DiffusionModel } from '../models/index.ts';
import { ddimGrid } from '../synthesis/index.ts';
import { createRandom } from './random.ts';

/** Which timesteps Eq. 2 looks at. */
export type TimestepOptions =
  /**
   * The paper's code: each variant of the picture keeps one timestep, drawn once from these
   * positions of the sampler's grid, counted from the clean end.
   */
  | {
      readonly kind: 'per-variant';
      readonly steps: number;
      readonly first: number;
      readonly last: number;
    }
  /** The batch's share of [first, last] each: every iteration covers the whole range. */
  | { readonly kind: 'stratified'; readonly first: number; readonly last: number };

/** What one sample of a batch looks at. */
export interface Draw {
  /** Which variant of the picture. */
  variant: number;
  t: number;
  /** [C, h, w], standard normal. */
  noise: Float32Array;
}

export interface DrawOptions {
  seed: number;
  batch: number;
  variants: number;
  timesteps: TimestepOptions;
}

/**
 * The samples of iteration `k`. They depend on seed and iteration alone, not on the picture: A and
 * A' are compared under the same noises and timesteps, so that the difference of their tokens is
 * the change and not two different descriptions.
 */
export function drawBatch(model: DiffusionModel, options: DrawOptions, k: number | string): Draw[] {
  const { seed, batch, variants, timesteps } = options;
  const random = createRandom(seed, 'batch', k);
  const { channels, height, width } = model.latent;
  return Array.from({ length: batch }, (_, j) => {
    // With as many samples as variants, each gets its turn; a lone picture always has it.
    const variant =
      timesteps.kind === 'per-variant' ? j % variants : pick(random.uniform(), variants);
    return {
      variant,
      t: timestep(model, options, j, variant, random.uniform()),
      noise: createRandom(seed, 'noise', k, j).gaussians(channels * height * width),
    };
  });
}

/** Draws that never change, over all timesteps, for measuring; of the picture itself. */
export function heldOutDraws(model: DiffusionModel, seed: number, count: number): Draw[] {
  const { channels, height, width } = model.latent;
  const last = model.schedule.trainSteps - 1;
  return Array.from({ length: count }, (_, j) => ({
    variant: 0,
    t: Math.min(last, Math.floor(((j + 0.5) / count) * model.schedule.trainSteps)),
    noise: createRandom(seed, 'held out', j).gaussians(channels * height * width),
  }));
}

function timestep(
  model: DiffusionModel,
  options: DrawOptions,
  j: number,
  variant: number,
  uniform: number,
): number {
  const { seed, batch, timesteps } = options;
  if (timesteps.kind === 'stratified') {
    const { first, last } = timesteps;
    return Math.min(last, Math.floor(first + ((j + uniform) / batch) * (last - first + 1)));
  }
  const grid = ddimGrid(model.schedule, timesteps.steps).reverse();
  const positions = timesteps.last - timesteps.first + 1;
  const position =
    timesteps.first + pick(createRandom(seed, 'timestep', variant).uniform(), positions);
  const step = grid[position];
  if (!step) throw new RangeError(`position ${position} is not on a grid of ${grid.length} steps`);
  return step.t;
}

function pick(uniform: number, count: number): number {
  return Math.min(count - 1, Math.floor(uniform * count));
}
