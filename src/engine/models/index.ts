/** What a diffusion model is, one from a folder, and how to compute with its batches. */
import type { LoadOptions } from './folder.ts';
import type { DiffusionModel } from './model.ts';

export { float32, meanSquaredError, sampleDims, stack, unstack } from './batch.ts';
export type { LoadOptions } from './folder.ts';
export { type Layout, type Part, readLayout, requiredParts } from './layout.ts';
export type {
  DiffusionModel,
  Float32Tensor,
  UnetCounters,
  UnetGradients,
  UnetInput,
} from './model.ts';
export { alphaCumprod, diffuse, type NoiseSchedule, noiseSchedule } from './schedule.ts';

/** `folder.ts`, loaded when called: whoever only computes does not start the native runtime. */
export async function loadModel(dir: string, options?: LoadOptions): Promise<DiffusionModel> {
  return (await import('./folder.ts')).loadModel(dir, options);
}
