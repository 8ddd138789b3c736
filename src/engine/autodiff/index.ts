/** Vector-Jacobian products of ONNX models, as ONNX models. See README.md beside this file. */
export { AutodiffError, type AutodiffErrorCode, isAutodiffError } from './autodiff-error.ts';
export {
  carriesNoGradient,
  DIFFERENTIABLE,
  isDifferentiable,
  NO_GRADIENT,
  REFUSED,
} from './ops.ts';
export { simplify } from './simplify.ts';
export {
  BACKWARD,
  buildStagedVjp,
  ERROR_SCALE,
  ERROR_TARGET,
  type StagedOptions,
  type StagedVjp,
  valueBytes,
} from './staged/index.ts';
export { buildVjp, type VjpOptions } from './vjp.ts';
