/** Pictures from noise and text features: DDIM, guidance, Eq. 1. */
export { type DdimStep, ddimGrid, ddimStep, ddimStepBack } from './ddim.ts';
export {
  type EvaluateOptions,
  evaluateDecoder,
  evaluateUnet,
  type UnetSample,
} from './evaluate.ts';
export { type Cell, type GuidanceMode, guidanceTerms, type Term } from './guidance.ts';
export { clamped, emptyFeatures, type RenderInput, type RenderOptions, render } from './render.ts';
export { type SampleOptions, sample } from './sampler.ts';
export {
  type CellScore,
  type DrawnCell,
  type SuggestInput,
  type Suggestion,
  type SuggestOptions,
  suggestCell,
} from './suggest.ts';
