import { createRandom } from '../../../src/engine/inversion/random.ts';
import { type DiffusionModel, diffuse } from '../../../src/engine/models/index.ts';
import { ddimGrid } from '../../../src/engine/synthesis/ddim.ts';
import { captionFeatures, featuresOf, latentOf, picturesOf, sample, shifted } from './features.ts';
import { type Cell, dialOf, type Method } from './method.ts';

export interface Img2imgOptions {
  /** Shares of the sampler's steps that are made: how much of B is noised away. */
  readonly strengths: readonly number[];
  readonly lambdas: readonly number[];
  /** Classic guidance, against the empty caption. */
  readonly sigma: number;
  /** M. */
  readonly steps: number;
  readonly seed: number;
}

/**
 * The paper's synthetic baseline, with the true captions instead of a captioner's: text features
 * c_B + lambda (c_A' - c_A), put into B by SDEdit (arXiv 2108.01073): z_B is noised to a strength
 * and denoised by the same sampler under those features.
 */
export function captionsImg2img(model: DiffusionModel, options: Img2imgOptions): Method {
  const { strengths, lambdas, sigma, steps, seed } = options;
  const grid = ddimGrid(model.schedule, steps);
  return {
    id: 'captions',
    title: 'captions + img2img',
    async cells({ index, a, a2, b }, signal) {
      const { cB, direction } = await captionFeatures(
        model,
        a.attributes,
        a2.attributes,
        b.attributes,
      );
      const [empty] = (await featuresOf(model, [''])) as [Float32Array];
      const z = await latentOf(model, b.picture);
      const noise = createRandom(seed, 'img2img', index).gaussians(z.length);
      const features = lambdas.map((lambda) => shifted(cB, direction, lambda));
      const cells: Cell[] = [];
      for (const strength of strengths) {
        signal?.throwIfAborted();
        const made = grid.slice(steps - Math.max(1, Math.round(strength * steps)));
        const start = diffuse(model.schedule, made[0]?.t ?? 0, z, noise).noisy;
        const starts = lambdas.map(() => start);
        const ends = await sample(model, made, starts, features, { base: empty, sigma });
        const pictures = await picturesOf(model, ends);
        pictures.forEach((picture, i) => {
          cells.push({ dial: dialOf({ strength, lambda: lambdas[i] as number }), picture });
        });
      }
      return cells;
    },
  };
}
