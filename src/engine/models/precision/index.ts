/**
 * Graphs in another precision than their file's: float16 files computed in float32 where kernels
 * for float16 are missing, float32 graphs computed in float16 where that is faster, and what
 * gradients in float16 need so as not to vanish.
 */
export { type GradientResults, type LossScaling, lossScaled, scalesOf } from './loss-scaling.ts';
export { toFloat16 } from './to-float16.ts';
export { toFloat32 } from './to-float32.ts';
