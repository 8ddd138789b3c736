import { dimsOfType, dtypeOfType, type OnnxModel } from '../../onnx/index.ts';
import { AutodiffError } from '../autodiff-error.ts';
import { type Dim, dimOfName } from '../dim.ts';
import { type Graph, openGraph } from '../graph.ts';
import type { DifferentiableOp, NoGradientOp, RefusedOp } from '../ops.ts';
import * as compute from './compute.ts';
import { broadcasting, cast, EVALUATE, identity, same, where } from './elementwise.ts';
import { type Facts, factsOfInitializer, type InferRule, inferContext } from './facts.ts';
import * as layout from './layout.ts';

export type { Facts } from './facts.ts';

/** The shape rule of every operator this folder knows. */
const INFER: { readonly [Op in DifferentiableOp | NoGradientOp | RefusedOp]: InferRule } = {
  Abs: same(Math.abs),
  Add: broadcasting(EVALUATE.Add),
  And: broadcasting(EVALUATE.And, 'bool'),
  ArgMax: compute.argReduce,
  ArgMin: compute.argReduce,
  Attention: compute.attention,
  AveragePool: compute.pool,
  BatchNormalization: same(),
  Bernoulli: same(),
  Cast: cast,
  CastLike: (c) => [{ ...c.facts(0), dtype: c.facts(1).dtype }],
  Ceil: same(Math.ceil),
  Clip: same(),
  Concat: layout.concat,
  Constant: layout.constant,
  ConstantOfShape: layout.constantOfShape,
  Conv: compute.conv,
  ConvTranspose: compute.convTranspose,
  Cos: same(),
  CumSum: compute.cumSum,
  DepthToSpace: layout.depthToSpace,
  DequantizeLinear: (c) => [{ dtype: 'float32', dims: c.dims(0) }],
  Div: broadcasting(EVALUATE.Div),
  Dropout: same(),
  Einsum: compute.einsum,
  Elu: same(),
  Equal: broadcasting(EVALUATE.Equal, 'bool'),
  Erf: same(),
  Exp: same(),
  Expand: layout.expand,
  EyeLike: same(),
  Flatten: layout.flatten,
  Floor: same(Math.floor),
  GRU: compute.nothing,
  Gather: layout.gather,
  GatherElements: layout.gatherElements,
  GatherND: compute.nothing,
  Gelu: same(),
  Gemm: compute.gemm,
  GlobalAveragePool: compute.globalPool,
  Greater: broadcasting(EVALUATE.Greater, 'bool'),
  GreaterOrEqual: broadcasting(EVALUATE.GreaterOrEqual, 'bool'),
  GroupNormalization: same(),
  Identity: identity,
  If: compute.nothing,
  InstanceNormalization: same(),
  IsInf: same(undefined, 'bool'),
  IsNaN: same(undefined, 'bool'),
  LSTM: compute.nothing,
  LayerNormalization: compute.layerNorm,
  LeakyRelu: same(),
  Less: broadcasting(EVALUATE.Less, 'bool'),
  LessOrEqual: broadcasting(EVALUATE.LessOrEqual, 'bool'),
  Log: same(),
  LogSoftmax: same(),
  Loop: compute.nothing,
  MatMul: compute.matmul,
  Max: broadcasting(EVALUATE.Max),
  MaxPool: compute.pool,
  Mean: broadcasting(),
  Min: broadcasting(EVALUATE.Min),
  Mod: broadcasting(EVALUATE.Mod),
  Mul: broadcasting(EVALUATE.Mul),
  Neg: same((x) => -x),
  NonMaxSuppression: compute.nothing,
  NonZero: compute.nonZero,
  Not: same((x) => (x === 0 ? 1 : 0), 'bool'),
  OneHot: compute.nothing,
  Or: broadcasting(EVALUATE.Or, 'bool'),
  Pad: layout.pad,
  Pow: broadcasting(EVALUATE.Pow),
  QuantizeLinear: compute.nothing,
  RNN: compute.nothing,
  RandomNormal: (c) => [{ dtype: 'float32', dims: c.ints('shape') }],
  RandomNormalLike: same(),
  RandomUniform: (c) => [{ dtype: 'float32', dims: c.ints('shape') }],
  RandomUniformLike: same(),
  Range: layout.range,
  Reciprocal: same((x) => 1 / x),
  ReduceL2: compute.reduce,
  ReduceMax: compute.reduce,
  ReduceMean: compute.reduce,
  ReduceMin: compute.reduce,
  ReduceProd: compute.reduce,
  ReduceSum: compute.reduce,
  ReduceSumSquare: compute.reduce,
  Relu: same(),
  Reshape: layout.reshape,
  Resize: compute.resize,
  Round: same(),
  Scan: compute.nothing,
  ScatterElements: same(),
  ScatterND: same(),
  Shape: layout.shape,
  Sigmoid: same(),
  Sign: same(Math.sign),
  Sin: same(),
  Size: layout.size,
  Slice: layout.slice,
  Softmax: same(),
  Softplus: same(),
  SpaceToDepth: layout.spaceToDepth,
  Split: layout.split,
  Sqrt: same(Math.sqrt),
  Squeeze: layout.squeeze,
  Sub: broadcasting(EVALUATE.Sub),
  Sum: broadcasting(),
  Swish: same(),
  Tanh: same(),
  Tile: layout.tile,
  TopK: compute.nothing,
  Transpose: layout.transpose,
  Trilu: same(),
  Unsqueeze: layout.unsqueeze,
  Where: where,
  Xor: broadcasting(undefined, 'bool'),
  'likewise.Attention': compute.slicedAttention,
};

/** Facts of every value of a graph; {} for one that nothing is known about. */
export type FactsOf = (value: string) => Facts;

/**
 * Infers element types, shapes and shape arithmetic.
 * @param staticShapes sizes that replace the free dimensions of inputs, by input name.
 */
export function inferFacts(
  graph: Graph,
  staticShapes: Readonly<Record<string, readonly number[]>> = {},
): FactsOf {
  const facts = new Map<string, Facts>();
  const of: FactsOf = (value) => facts.get(value) ?? {};
  let unknowns = 0;
  const fresh = (): Dim => `?${unknowns++}`;

  for (const [name, proto] of graph.initializers) facts.set(name, factsOfInitializer(proto, graph));
  for (const info of graph.proto.input ?? []) {
    const name = info.name ?? '';
    if (graph.initializers.has(name)) continue;
    const declared = dimsOfType(info.type)?.map((d) =>
      typeof d === 'number' ? d : d === '?' ? fresh() : dimOfName(d),
    );
    facts.set(name, { dtype: dtypeOfType(info.type), dims: staticShapes[name] ?? declared });
  }
  const declared = new Map((graph.proto.valueInfo ?? []).map((v) => [v.name ?? '', v.type]));
  for (const node of graph.nodes) {
    const rule = Object.hasOwn(INFER, node.op) ? INFER[node.op as DifferentiableOp] : undefined;
    const out = rule?.(inferContext(node, graph, of, fresh)) ?? [];
    node.outputs.forEach((name, i) => {
      let fact = out[i] ?? {};
      const type = declared.get(name);
      if (type && (!fact.dims || !fact.dtype)) {
        const dims = dimsOfType(type)?.map((d) => (typeof d === 'number' ? d : fresh()));
        fact = { dtype: dtypeOfType(type), dims, ...dropUndefined(fact) };
      }
      facts.set(name, fact);
    });
  }
  return of;
}

function dropUndefined(fact: Facts): Facts {
  return Object.fromEntries(Object.entries(fact).filter(([, v]) => v !== undefined));
}

/**
 * Checks that fixed shapes fit the model's inputs.
 * @throws AutodiffError `unknown-name` or `shape`.
 */
export function checkStaticShapes(
  model: OnnxModel,
  shapes: Readonly<Record<string, readonly number[]>>,
): void {
  const { inputs, proto } = openGraph(model);
  for (const [name, dims] of Object.entries(shapes)) {
    const info = proto.input?.find((i) => i.name === name);
    if (!info) {
      throw new AutodiffError(
        'unknown-name',
        `no input "${name}"; inputs are ${inputs.join(', ')}`,
      );
    }
    const declared = dimsOfType(info.type);
    const fits =
      !declared ||
      (declared.length === dims.length &&
        declared.every((d, i) => typeof d === 'string' || d === dims[i]));
    if (!fits) {
      throw new AutodiffError(
        'shape',
        `input "${name}" has shape [${declared?.join(', ')}]; [${dims.join(', ')}] does not fit it`,
      );
    }
  }
}
