/** The whole way from A, A', B to B', by way of what is kept of earlier ones. */
export {
  type AnalogyOptions,
  type AnalogyProgress,
  type AnalogyRequest,
  type AnalogyResult,
  type ImageReport,
  type Role,
  runAnalogy,
} from './analogy.ts';
export {
  createInverter,
  type Described,
  type Inversion,
  type Inverter,
  type InverterOptions,
  lookUp,
  type PipelinePicture,
} from './inversions.ts';
