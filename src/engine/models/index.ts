/**
 * What a diffusion model is, and how to compute with its batches. `loadModel`, which makes one from a
 * folder, is in `folder.ts` by itself: it brings the native runtime along.
 */
export { float32, meanSquaredError, sampleDims, stack, unstack } from './batch.ts';
export type {
  DiffusionModel,
  Float32Tensor,
  UnetCounters,
  UnetGradients,
  UnetInput,
} from './model.ts';
export { alphaCumprod, diffuse, type NoiseSchedule, noiseSchedule } from './schedule.ts';
