import type { Tensor } from '../../onnx/index.ts';
import { type DType, dimsOf, dtypeOfCode, type TensorProto } from '../../onnx/index.ts';
import type { Dim } from '../dim.ts';
import { attributeOf, floatOf, type Graph, intOf, intsOf, type Node, stringOf } from '../graph.ts';

/** What is known of a value before the graph runs. */
export interface Facts {
  readonly dtype?: DType | undefined;
  /** Undefined where even the rank is unknown. */
  readonly dims?: readonly Dim[] | undefined;
  /** The elements of a small tensor (shape arithmetic), row-major; symbolic where not yet known. */
  readonly known?: readonly Dim[] | undefined;
}

/** What a shape rule sees. */
export interface InferContext {
  readonly node: Node;
  readonly graph: Graph;
  /** Facts of the i-th input; {} for one that is absent. */
  facts(i: number): Facts;
  dims(i: number): readonly Dim[] | undefined;
  known(i: number): readonly Dim[] | undefined;
  /** Known elements of the i-th input where all are plain numbers. */
  numbers(i: number): readonly number[] | undefined;
  has(i: number): boolean;
  int(name: string, fallback: number): number;
  ints(name: string): number[] | undefined;
  float(name: string, fallback: number): number;
  text(name: string, fallback: string): string;
  /** The axes of a reduction, Squeeze or Unsqueeze: attribute, or the i-th input. */
  axes(i: number): readonly number[] | undefined;
  /** A new symbol, for a dimension that nothing is known about. */
  fresh(): Dim;
}

/** Facts of each output. */
export type InferRule = (c: InferContext) => readonly Facts[];

/** Tensors up to this size are followed element by element. */
export const KNOWN_LIMIT = 64;

/** The facts of a constant. */
export function factsOfTensor(value: Tensor): Facts {
  const { dtype, dims, data } = value;
  const known =
    data.length <= KNOWN_LIMIT ? Array.from(data as ArrayLike<number>, Number) : undefined;
  return { dtype, dims, known };
}

/** The facts of an initializer; the bytes of large ones are not read. */
export function factsOfInitializer(proto: TensorProto, graph: Graph): Facts {
  const dtype = dtypeOfCode(proto.dataType ?? 0);
  const dims = dimsOf(proto);
  if (dtype === undefined || dims.reduce((n, d) => n * d, 1) > KNOWN_LIMIT) return { dtype, dims };
  const value = graph.constant(proto.name ?? '');
  return value ? factsOfTensor(value) : { dtype, dims };
}

export function normalizeAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Makes the context of one node. */
export function inferContext(
  node: Node,
  graph: Graph,
  factsOf: (value: string) => Facts,
  fresh: () => Dim,
): InferContext {
  const facts = (i: number) => factsOf(node.inputs[i] ?? '');
  const numbers = (i: number) => {
    const known = facts(i).known;
    return known?.every((k) => typeof k === 'number') ? (known as number[]) : undefined;
  };
  return {
    node,
    graph,
    facts,
    dims: (i) => facts(i).dims,
    known: (i) => facts(i).known,
    numbers,
    has: (i) => (node.inputs[i] ?? '') !== '',
    int: (name, fallback) => intOf(node, name, fallback),
    ints: (name) => intsOf(node, name),
    float: (name, fallback) => floatOf(node, name, fallback),
    text: (name, fallback) => stringOf(node, name, fallback),
    axes: (i) => (attributeOf(node, 'axes') ? intsOf(node, 'axes') : numbers(i)),
    fresh,
  };
}
