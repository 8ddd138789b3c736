import {
  alphaCumprod,
  type DiffusionModel,
  type Float32Tensor,
  float32,
  meanSquaredError,
  type NoiseSchedule,
} from '../models/index.ts';
import { ddimGrid, ddimStep } from '../synthesis/index.ts';
import type { NoiseResult } from './fixed-point.ts';
import { type LbfgsOptions, type LbfgsState, lbfgsStart, lbfgsTell } from './lbfgs.ts';
import type { Procedure, Saveable } from './procedure.ts';
import { createRandom } from './random.ts';

/** Eq. 3: the noise from which the sampler draws the picture. */
export type NoiseOptions = {
  /** M. */
  readonly steps: number;
  /** Evaluations of loss and gradient, at most. */
  readonly evaluations: number;
  readonly lbfgs: LbfgsOptions;
};

export interface NoiseInput {
  /** The picture, [1, 3, H, W]. */
  pixels: Float32Tensor;
  /** z_B = E(B), [C, h, w]. */
  z: Float32Array;
  /** c_B, [L, D]. */
  c: Float32Array;
  /** Where to start, [C, h, w]. */
  start: Float32Array;
}

export type NoiseState = Saveable<{ readonly lbfgs: LbfgsState; readonly losses: number[] }>;

/** One `step` is one evaluation of Eq. 3 and its gradient: M U-Net calls forward, M backward. */
export function findNoise(
  model: DiffusionModel,
  input: NoiseInput,
  options: NoiseOptions,
): Procedure<NoiseState, NoiseResult> {
  const best = (state: NoiseState) =>
    Float32Array.from(Number.isFinite(state.lbfgs.f) ? state.lbfgs.x : input.start);

  return {
    async begin() {
      return { lbfgs: lbfgsStart(input.start), losses: [] };
    },

    async step(state, signal) {
      const noise = Float32Array.from(state.lbfgs.trial);
      const { loss, gradient } = await noiseLossGradient(
        model,
        input,
        noise,
        options.steps,
        signal,
      );
      return {
        lbfgs: lbfgsTell(state.lbfgs, loss, Float64Array.from(gradient), options.lbfgs),
        losses: [...state.losses, loss],
      };
    },

    done: (state) =>
      state.lbfgs.status !== 'wanted' || state.lbfgs.evaluations >= options.evaluations,

    progress: (state) => ({
      phase: 'refine',
      step: state.lbfgs.evaluations,
      steps: options.evaluations,
      loss: Number.isFinite(state.lbfgs.f) ? state.lbfgs.f : undefined,
    }),

    finish: async (state) => ({ noise: best(state), trace: state.losses }),
  };
}

/**
 * Eq. 3 as the paper's code has it, the mean squared error of latents plus that of pixels, at
 * guidance 1, and its gradient by the noise. The chain rule through the sampler: with the input
 * x_i of each step stored, one vector-Jacobian product a step, never a graph of all of them.
 * @param noise eps, [C, h, w]
 */
export async function noiseLossGradient(
  model: DiffusionModel,
  input: Pick<NoiseInput, 'pixels' | 'z' | 'c'>,
  noise: Float32Array,
  steps: number,
  signal?: AbortSignal,
): Promise<{ loss: number; gradient: Float32Array }> {
  const { latent, text } = model;
  const grid = ddimGrid(model.schedule, steps);
  const one = (z: Float32Array) => float32([1, latent.channels, latent.height, latent.width], z);
  const c = float32([1, text.length, text.width], input.c);

  const inputs: Float32Array[] = [];
  let z = noise;
  for (const step of grid) {
    signal?.throwIfAborted();
    inputs.push(z);
    z = ddimStep(step, z, (await model.unet(one(z), [step.t], c)).data);
  }
  signal?.throwIfAborted();
  const target = input.pixels;
  const weights = [1 / target.data.length];
  const { pixels, gradZ } = await model.decodeErrorVjp(one(z), target, weights);
  const loss = meanSquaredError(z, input.z) + meanSquaredError(pixels.data, target.data);

  let gradient: Float32Array = gradZ.data.map(
    (g, i) => g + (2 / z.length) * ((z[i] as number) - (input.z[i] as number)),
  );
  for (const [i, step] of [...grid.entries()].reverse()) {
    signal?.throwIfAborted();
    const x = one(inputs[i] as Float32Array);
    const { gradSample } = await model.unetVjp(x, [step.t], c, one(gradient), ['sample']);
    // x_prev = phi x + psi U(x)
    gradient = ddimStep(step, gradient, gradSample?.data as Float32Array);
  }
  return { loss, gradient };
}

/** Where the paper's code starts: z_B, made as noisy as the grid's first step takes it to be. */
export function noisyStart(
  schedule: NoiseSchedule,
  z: Float32Array,
  steps: number,
  seed: number,
): Float32Array {
  const alpha = alphaCumprod(schedule, ddimGrid(schedule, steps)[0]?.t ?? 0);
  const noise = createRandom(seed, 'start').gaussians(z.length);
  return z.map((v, i) => Math.sqrt(alpha) * v + Math.sqrt(1 - alpha) * (noise[i] as number));
}
