/** From pictures to tokens, features and noise: Eq. 2, Eq. 3, fixed points. */
export { type AugmentOptions, augment, noAugmentation, paperAugmentation } from './augment.ts';
export { type Draw, drawBatch, heldOutDraws, type TimestepOptions } from './draws.ts';
export {
  type FixedPointOptions,
  type FixedPointState,
  fixedPoint,
  type NoiseResult,
} from './fixed-point.ts';
export {
  findNoise,
  type NoiseOptions,
  type NoiseState,
  noiseLossGradient,
  noisyStart,
} from './noise.ts';
export { findPictureNoise, type PictureNoise, type PictureNoiseState } from './picture-noise.ts';
export {
  inversionVersion,
  type Preset,
  type PresetName,
  presets,
  tokensOptions,
} from './presets.ts';
export { type DriveOptions, drive, type Procedure, type Progress } from './procedure.ts';
export { createRandom, type Random } from './random.ts';
export { tokenLoss, tokenLossGradient } from './token-loss.ts';
export {
  findTokens,
  type TokensInput,
  type TokensOptions,
  type TokensResult,
  type TokensState,
} from './tokens.ts';
