/** ONNX files and sessions. The only folder that imports onnxruntime-node. */
export { type LackingOp, lackingOps, lackingWords } from './coverage.ts';
export { isOnnxError, OnnxError, type OnnxErrorCode } from './errors.ts';
export { gpuMegabytes } from './gpu-memory.ts';
export {
  dimsOf,
  externalDataOf,
  isExternal,
  tensorFromProto,
  tensorToProto,
} from './initializer.ts';
export {
  decodeModel,
  encodeModel,
  externalTensors,
  type OnnxModel,
  readModel,
  writeModel,
} from './model-file.ts';
export * from './proto.ts';
export { chooseProvider, type Provider, type ProviderChoice } from './providers.ts';
export { createSession, type Session, type SessionOptions } from './session.ts';
export { readSkeleton } from './skeleton.ts';
export * from './tensor.ts';
export { dimsOfType, dtypeOfType, type ValueInfo, valueInfoProto } from './value-info.ts';
