import type { GraphProto, NodeProto } from '../../onnx/index.ts';
import { makersOf, readsOf } from '../graph.ts';
import { standardOp, subgraphsOf } from './names.ts';

/** Where the time goes, and what tensor cores do: sums of products, which kernels keep in range. */
const COMPUTE: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Einsum',
  'Gemm',
  'LayerNormalization',
  'MatMul',
]);

/**
 * Operators that stay in float32. Exponentials and powers leave float16's range (6e-8 to 65504)
 * where their arguments do not; long sums lose what they add. InstanceNormalization and
 * GroupNormalization do not say in which type a kernel sums squares: a variance of activations
 * above 256 would overflow. LayerNormalization does (`stash_type`, float32 unless it says
 * otherwise) and may be float16. Attention holds a Softmax. Random numbers stay what they were.
 */
const RANGE: ReadonlySet<string> = new Set([
  ...['Exp', 'Log', 'LogSoftmax', 'Pow', 'Reciprocal', 'Softmax', 'Softplus', 'Sqrt'],
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceProd'],
  ...['ReduceSum', 'ReduceSumSquare', 'CumSum', 'GlobalAveragePool', 'LpNormalization'],
  ...['BatchNormalization', 'GroupNormalization', 'InstanceNormalization', 'RMSNormalization'],
  ...['MeanVarianceNormalization', 'Attention', 'Cos', 'Sin'],
  ...['Bernoulli', 'EyeLike', 'Multinomial', 'RandomNormal', 'RandomNormalLike'],
  ...['RandomUniform', 'RandomUniformLike', 'Range', 'OneHot', 'NonMaxSuppression'],
  ...['QuantizeLinear', 'DequantizeLinear', 'GRU', 'LSTM', 'RNN'],
]);

/** Inputs that are data; other float inputs of these operators are float32 by definition. */
const DATA_INPUTS: Readonly<Record<string, number>> = { Resize: 1, Dropout: 1 };

/** `half` and `single` whatever comes in; `follow`: as its inputs are. */
export type Kind = 'half' | 'single' | 'follow';

export function isDataInput(node: NodeProto, i: number): boolean {
  return i < (DATA_INPUTS[standardOp(node)] ?? Number.POSITIVE_INFINITY);
}

function kindOfOperator(node: NodeProto): Kind {
  const op = standardOp(node);
  if (op === '' || RANGE.has(op) || subgraphsOf(node).length > 0) return 'single';
  // The cube of x inside.
  if (op === 'Gelu' && node.attribute?.some((a) => a.name === 'approximate')) return 'single';
  // Its statistics go into a gradient, and are float32 in any case.
  if (op === 'LayerNormalization' && node.output?.slice(1).some((o) => o !== '')) return 'single';
  return COMPUTE.has(op) ? 'half' : 'follow';
}

/** The kind of each node of a graph. */
export function kindsOf(graph: GraphProto): Map<NodeProto, Kind> {
  const kinds = new Map<NodeProto, Kind>();
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node ?? []) {
    kinds.set(node, kindOfOperator(node));
    for (const value of new Set(readsOf(node))) {
      const list = readers.get(value);
      if (list) list.push(node);
      else readers.set(value, [node]);
    }
  }
  // Angles of up to 1000 have no digits behind the point in float16: with them what leads there.
  const makers = makersOf(graph);
  const angles = (graph.node ?? []).filter((n) => ['Cos', 'Sin'].includes(standardOp(n)));
  const open = angles.flatMap(readsOf);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const maker = makers.get(value);
    if (!maker || kinds.get(maker) !== 'follow') continue;
    kinds.set(maker, 'single');
    open.push(...readsOf(maker));
  }
  // Squares and dot products: the factors are in range, their products need not be.
  const outputs = new Set((graph.output ?? []).map((o) => o.name));
  for (const node of graph.node ?? []) {
    const product = node.output?.[0] ?? '';
    const used = readers.get(product) ?? [];
    const summed = used.every((n) => ['ReduceSum', 'ReduceMean'].includes(standardOp(n)));
    if (standardOp(node) === 'Mul' && used.length > 0 && summed && !outputs.has(product)) {
      kinds.set(node, 'single');
    }
  }
  return kinds;
}
