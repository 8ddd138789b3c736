/** Forward pass and gradients as one graph in stages, for models that are large for their memory. */
export {
  BACKWARD,
  buildStagedVjp,
  ERROR_SCALE,
  ERROR_TARGET,
  type StagedOptions,
  type StagedVjp,
} from './build.ts';
export { valueBytes } from './measure.ts';
