import { type DiffusionModel, type Float32Tensor, meanSquaredError } from '../models/index.ts';
import { clamped, evaluateDecoder, sample } from '../synthesis/index.ts';
import { type FixedPointState, fixedPoint } from './fixed-point.ts';
import { findNoise, type NoiseInput, type NoiseState, noisyStart } from './noise.ts';
import type { Preset } from './presets.ts';
import type { Procedure, Saveable } from './procedure.ts';

/** The noise of a picture, and how near the picture it leads. */
export interface PictureNoise {
  /** eps_B, [C, h, w]. */
  noise: Float32Array;
  /** Residuals of the fixed points, losses of Eq. 3: whichever were made. */
  residuals: number[];
  losses: number[];
  /** PSNR of D(U+(eps_B, c_B)) against the picture, dB, pixels clipped to their range. */
  reconstructionDb: number;
  /** PSNR of D(E(B)): what the autoencoder alone loses. */
  autoencoderDb: number;
}

export type PictureNoiseState = Saveable<{
  /** E(B), [C, h, w]. */
  readonly z: Float32Array;
  readonly fixedPoint: FixedPointState | null;
  readonly residuals: number[];
  /** null until the start of Eq. 3 is known. */
  readonly noise: NoiseState | null;
  /** Where Eq. 3 starts, or the answer without it. */
  readonly start: Float32Array | null;
}>;

/**
 * The whole way from picture and features to the noise, as a preset has it: a fixed point or the
 * noisy latents, then Eq. 3 or not. One `step` is one of whichever is being done.
 */
export function findPictureNoise(
  model: DiffusionModel,
  input: { pixels: Float32Tensor; c: Float32Array },
  preset: Pick<Preset, 'steps' | 'fixedPoint' | 'noise'>,
  seed: number,
): Procedure<PictureNoiseState, PictureNoise> {
  const { fixedPoint: fixedPointOptions, noise: noiseOptions, steps } = preset;
  const solver = (z: Float32Array) =>
    fixedPointOptions && fixedPoint(model, { z, c: input.c }, fixedPointOptions);
  const refiner = (z: Float32Array, start: Float32Array) => {
    const noiseInput: NoiseInput = { ...input, z, start };
    return noiseOptions && findNoise(model, noiseInput, noiseOptions);
  };
  const refine = async (state: PictureNoiseState, start: Float32Array, signal?: AbortSignal) => ({
    ...state,
    start,
    noise: (await refiner(state.z, start)?.begin(signal)) ?? null,
  });

  return {
    async begin(signal) {
      signal?.throwIfAborted();
      const z = (await model.encode(input.pixels)).data;
      const begun = (await solver(z)?.begin(signal)) ?? null;
      const state = { z, fixedPoint: begun, residuals: [], noise: null, start: null };
      return begun ? state : refine(state, noisyStart(model.schedule, z, steps, seed), signal);
    },

    async step(state, signal) {
      const refining = state.start && refiner(state.z, state.start);
      if (refining && state.noise) {
        return { ...state, noise: await refining.step(state.noise, signal) };
      }
      const solving = solver(state.z);
      if (!solving || !state.fixedPoint) return state;
      const next = await solving.step(state.fixedPoint, signal);
      if (!solving.done(next)) return { ...state, fixedPoint: next };
      const { noise, trace } = await solving.finish(next, signal);
      return refine({ ...state, fixedPoint: next, residuals: trace }, noise, signal);
    },

    done(state) {
      if (!state.start) return false;
      return !state.noise || (refiner(state.z, state.start)?.done(state.noise) ?? true);
    },

    progress(state) {
      const refining = state.start && refiner(state.z, state.start);
      if (refining && state.noise) return refining.progress(state.noise);
      const solving = solver(state.z);
      if (solving && state.fixedPoint) return solving.progress(state.fixedPoint);
      return { phase: 'noise', step: 0, steps: 0, loss: undefined };
    },

    async finish(state, signal) {
      const start = state.start ?? state.z;
      const refined = state.noise && (await refiner(state.z, start)?.finish(state.noise, signal));
      const noise = refined?.noise ?? start;
      const [back] = await sample(model, noise, [[{ weight: 1, c: input.c }]], { steps, signal });
      const [made, coded] = await evaluateDecoder(model, [back as Float32Array, state.z], {
        batch: 1,
        signal,
      });
      return {
        noise,
        residuals: state.residuals,
        losses: refined?.trace ?? [],
        reconstructionDb: peakSignalToNoise(made, input.pixels.data),
        autoencoderDb: peakSignalToNoise(coded, input.pixels.data),
      };
    },
  };
}

/** PSNR in dB of pixels in [-1, 1], clipped to it. */
function peakSignalToNoise(picture: Float32Array | undefined, truth: Float32Array): number {
  return 10 * Math.log10(4 / meanSquaredError(clamped(picture ?? new Float32Array()), truth));
}
