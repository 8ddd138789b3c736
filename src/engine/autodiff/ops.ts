/**
 * The three kinds of operator. Every name here must have a shape rule (infer/index.ts), every
 * differentiable one a gradient rule (rules/index.ts): one that is missing is a compile error.
 */

/** Operators whose vector-Jacobian product is known. */
export const DIFFERENTIABLE = [
  'Abs',
  'Add',
  'Attention',
  'AveragePool',
  'BatchNormalization',
  'Cast',
  'CastLike',
  'Clip',
  'Concat',
  'Conv',
  'ConvTranspose',
  'Cos',
  'DepthToSpace',
  'Div',
  'Dropout',
  'Einsum',
  'Elu',
  'Erf',
  'Exp',
  'Expand',
  'Flatten',
  'Gather',
  'Gelu',
  'Gemm',
  'GlobalAveragePool',
  'GroupNormalization',
  'Identity',
  'InstanceNormalization',
  'LayerNormalization',
  'LeakyRelu',
  'Log',
  'LogSoftmax',
  'MatMul',
  'Max',
  'Mean',
  'Min',
  'Mul',
  'Neg',
  'Pad',
  'Pow',
  'Reciprocal',
  'ReduceL2',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceSum',
  'ReduceSumSquare',
  'Relu',
  'Reshape',
  'Resize',
  'Sigmoid',
  'Sin',
  'Slice',
  'Softmax',
  'Softplus',
  'SpaceToDepth',
  'Split',
  'Sqrt',
  'Squeeze',
  'Sub',
  'Sum',
  'Swish',
  'Tanh',
  'Tile',
  'Transpose',
  'Unsqueeze',
  'Where',
  // The project's own, for attention whose scores are never whole: staged/attention.ts.
  'likewise.Attention',
] as const;

/** Operators whose result does not change with small changes of their inputs. */
export const NO_GRADIENT = [
  'And',
  'ArgMax',
  'ArgMin',
  'Bernoulli',
  'Ceil',
  'Constant',
  'ConstantOfShape',
  'Equal',
  'EyeLike',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'IsInf',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'NonZero',
  'Not',
  'OneHot',
  'Or',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Range',
  'Round',
  'Shape',
  'Sign',
  'Size',
  'Xor',
] as const;

/** Operators that must never be differentiated, and what to do instead. */
export const REFUSED = {
  CumSum: 'cut the graph behind it',
  GatherElements: 'cut the graph behind it',
  GatherND: 'ask for an output before the selection, such as last_hidden_state',
  GRU: 'recurrent operators have no rule',
  If: 'export the model without control flow',
  Loop: 'export the model without control flow',
  LSTM: 'recurrent operators have no rule',
  MaxPool: 'cut the graph behind it',
  Mod: 'cut the graph behind it',
  NonMaxSuppression: 'cut the graph behind it',
  QuantizeLinear: 'use the float model instead of the quantised one',
  DequantizeLinear: 'use the float model instead of the quantised one',
  RNN: 'recurrent operators have no rule',
  ReduceProd: 'cut the graph behind it',
  Scan: 'export the model without control flow',
  ScatterElements: 'cut the graph behind it',
  ScatterND: 'cut the graph behind it',
  TopK: 'cut the graph behind it',
  Trilu: 'cut the graph behind it',
} as const;

export type DifferentiableOp = (typeof DIFFERENTIABLE)[number];
export type NoGradientOp = (typeof NO_GRADIENT)[number];
export type RefusedOp = keyof typeof REFUSED;

const DIFFERENTIABLE_SET: ReadonlySet<string> = new Set(DIFFERENTIABLE);
const NO_GRADIENT_SET: ReadonlySet<string> = new Set(NO_GRADIENT);

export function isDifferentiable(op: string): op is DifferentiableOp {
  return DIFFERENTIABLE_SET.has(op);
}

export function carriesNoGradient(op: string): op is NoGradientOp {
  return NO_GRADIENT_SET.has(op);
}

/** What to do about an operator without a rule. */
export function adviceFor(op: string): string {
  if (Object.hasOwn(REFUSED, op)) return REFUSED[op as RefusedOp];
  if (op.startsWith('com.microsoft.')) {
    return 'this graph was optimised by ONNX Runtime; use the model file as it was exported';
  }
  return 'there is no rule for it; src/engine/autodiff/README.md says how to add one';
}
