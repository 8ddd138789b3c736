import type { DiffusionModel } from '../models/index.ts';
import { type DdimStep, ddimGrid, ddimStepBack, evaluateUnet } from '../synthesis/index.ts';
import type { Procedure, Saveable } from './procedure.ts';

/**
 * The noise from which the sampler arrives at given latents, without a gradient: each step of the
 * grid, from the picture outwards, is the fixed point x = G(x) of
 *
 *     G(x) = (x_prev - psi U(x, t, c)) / phi
 *
 * (ReNoise, arXiv 2403.14602; AIDI, arXiv 2309.04907). Plain DDIM inversion is its first iterate.
 */
export type FixedPointOptions = {
  /** M. */
  readonly steps: number;
  /** Evaluations of the U-Net a step, at most. */
  readonly iterations: number;
  /** Enough where the root mean square of G(x) - x is below this. */
  readonly tolerance: number;
};

export interface FixedPointInput {
  /** z_B, [C, h, w]. */
  z: Float32Array;
  /** c_B, [L, D]. */
  c: Float32Array;
}

export interface NoiseResult {
  /** eps_B, [C, h, w]. */
  noise: Float32Array;
  /** What was left: of each step for fixed points, of each iteration for Eq. 3. */
  trace: number[];
}

export type FixedPointState = Saveable<{
  /** Steps of the grid solved so far. */
  readonly solved: number;
  /** x_prev: where the solved part begins. */
  readonly from: Float32Array;
  /** The iterate to evaluate next. */
  readonly x: Float32Array;
  readonly iteration: number;
  /** Share of the way to G(x) that an iterate goes: below 1 where G does not contract. */
  readonly damping: number;
  readonly best: { readonly residual: number; readonly x: Float32Array; readonly g: Float32Array };
  /** Residual that each solved step ended with. */
  readonly residuals: number[];
}>;

const least = 1 / 8;

/** One `step` is one evaluation of the U-Net. */
export function fixedPoint(
  model: DiffusionModel,
  input: FixedPointInput,
  options: FixedPointOptions,
): Procedure<FixedPointState, NoiseResult> {
  const grid = ddimGrid(model.schedule, options.steps).reverse();

  return {
    async begin() {
      return enter(input.z, input.z, 0, []);
    },

    async step(state, signal) {
      const step = grid[state.solved] as DdimStep;
      const sample = { z: state.x, t: step.t, c: input.c };
      const [u] = await evaluateUnet(model, [sample], { batch: 1, signal });
      const g = ddimStepBack(step, state.from, u as Float32Array);
      const residual = rootMeanSquare(g, state.x);
      const iteration = state.iteration + 1;
      const improved = residual < state.best.residual;
      const best = improved ? { residual, x: state.x, g } : state.best;
      // It grew: not a contraction here. Back to the best iterate, and half as far from it.
      const damping = improved ? state.damping : state.damping / 2;
      if (residual <= options.tolerance || iteration >= options.iterations || damping < least) {
        const next = grid[state.solved + 1];
        const start = next ? ddimStepBack(next, best.g, u as Float32Array) : best.g;
        return enter(best.g, start, state.solved + 1, [...state.residuals, best.residual]);
      }
      const x = best.x.map((value, i) => value + damping * ((best.g[i] as number) - value));
      return { ...state, x, iteration, damping, best };
    },

    done: (state) => state.solved === grid.length,

    progress: (state) => ({
      phase: 'noise',
      step: state.solved * options.iterations + state.iteration,
      steps: grid.length * options.iterations,
      loss: Number.isFinite(state.best.residual) ? state.best.residual : state.residuals.at(-1),
    }),

    async finish(state) {
      return { noise: state.from, trace: state.residuals };
    },
  };
}

/** The state at the beginning of a step of the grid. */
function enter(
  from: Float32Array,
  x: Float32Array,
  solved: number,
  residuals: number[],
): FixedPointState {
  const none = new Float32Array(0);
  const best = { residual: Number.POSITIVE_INFINITY, x: none, g: none };
  return { solved, from, x, iteration: 0, damping: 1, best, residuals };
}

function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  const sum = a.reduce((total, value, i) => total + (value - (b[i] as number)) ** 2, 0);
  return Math.sqrt(sum / a.length);
}
