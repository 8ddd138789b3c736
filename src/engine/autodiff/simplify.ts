import {
  DTYPES,
  type DType,
  type NodeProto,
  type OnnxModel,
  type TensorProto,
  tensorOf,
  tensorToProto,
  valueInfoProto,
} from '../onnx/index.ts';
import { type Dim, isStatic } from './dim.ts';
import { type Graph, intOf, type Node, openGraph, readsOf, withGraph } from './graph.ts';
import { type Facts, type FactsOf, inferFacts } from './infer/index.ts';

const FOLDED: readonly DType[] = ['int64', 'int32', 'float32', 'bool'];

function constantOf(name: string, fact: Facts): TensorProto | undefined {
  const { dtype, dims, known } = fact;
  if (!dtype || !FOLDED.includes(dtype) || !dims || !isStatic(dims) || !known || !isStatic(known)) {
    return undefined;
  }
  if (known.length !== dims.reduce((n, d) => n * d, 1)) return undefined;
  return tensorToProto(name, tensorOf(dtype, dims, known));
}

/** A Reshape target that needs no Shape at run time: 0 copies a dimension, one -1 is worked out. */
export function reshapeTarget(
  from: readonly Dim[] | undefined,
  to: readonly Dim[],
): number[] | undefined {
  const target = to.map((d, i) => (typeof d === 'number' ? d : d === from?.[i] ? 0 : -1));
  if (target.filter((d) => d === -1).length > 1) return undefined;
  // A size that really is 0 would be read as "copy".
  return to.some((d) => d === 0) ? undefined : target;
}

function expandTarget(from: readonly Dim[] | undefined, to: readonly Dim[]): number[] | undefined {
  const offset = to.length - (from?.length ?? 0);
  const target = to.map((d, i) => (typeof d === 'number' ? d : d === from?.[i - offset] ? 1 : -1));
  return target.includes(-1) ? undefined : target;
}

/** The shape operand of Reshape and Expand as a constant, where symbols allow it. */
function constantShape(node: Node, of: FactsOf): number[] | undefined {
  const known = of(node.inputs[1] ?? '').known;
  const from = of(node.inputs[0] ?? '').dims;
  if (!known || isStatic(known)) return undefined;
  if (node.op === 'Expand') return expandTarget(from, known);
  if (node.op !== 'Reshape' || intOf(node, 'allowzero', 0) !== 0) return undefined;
  return known.includes(-1) ? undefined : reshapeTarget(from, known);
}

/** Nodes and initializers that the given values do not need are left out. */
export function prune(
  nodes: readonly Node[],
  initializers: readonly TensorProto[],
  wanted: readonly string[],
): { nodes: Node[]; initializers: TensorProto[] } {
  const makers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) makers.set(output, node);
  const needed = new Set<string>();
  const kept = new Set<Node>();
  const stack = [...wanted];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (needed.has(value)) continue;
    needed.add(value);
    const node = makers.get(value);
    if (!node || kept.has(node)) continue;
    kept.add(node);
    stack.push(...readsOf(node));
  }
  return {
    nodes: nodes.filter((n) => kept.has(n)),
    initializers: initializers.filter((t) => needed.has(t.name ?? '')),
  };
}

function foldNodes(graph: Graph, of: FactsOf) {
  const constants: TensorProto[] = [];
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const values = node.outputs.map((o) => (o === '' ? undefined : constantOf(o, of(o))));
    if (node.op !== 'Constant' && values.length > 0 && values.every((v) => v !== undefined)) {
      constants.push(...(values as TensorProto[]));
      continue;
    }
    const shape = constantShape(node, of);
    if (!shape) {
      nodes.push(node);
      continue;
    }
    const name = `${node.outputs[0]}/shape`;
    constants.push(tensorToProto(name, tensorOf('int64', [shape.length], shape)));
    const inputs = [node.inputs[0] ?? '', name];
    nodes.push({ ...node, inputs, proto: { ...node.proto, input: inputs } as NodeProto });
  }
  return { nodes, constants };
}

/**
 * Folds shape arithmetic into constants and drops what no output needs. Weights are shared with
 * the given model, which is not changed. Results are the same numbers.
 * @param staticShapes sizes that replace the free dimensions of inputs.
 * @param wanted values that must survive beside the outputs.
 */
export function simplify(
  model: OnnxModel,
  staticShapes: Readonly<Record<string, readonly number[]>> = {},
  wanted: readonly string[] = [],
): OnnxModel {
  const graph = openGraph(model);
  const of = inferFacts(graph, staticShapes);
  const { nodes, constants } = foldNodes(graph, of);
  const initializers = [...(graph.proto.initializer ?? []), ...constants];
  const pruned = prune(nodes, initializers, [...graph.outputs, ...wanted]);
  return withGraph(model, (proto) => {
    proto.node = pruned.nodes.map((n) => n.proto);
    proto.initializer = pruned.initializers;
    // Only true inputs: initializers that old exporters list as inputs become constants.
    proto.input = (proto.input ?? [])
      .filter((i) => graph.inputs.includes(i.name ?? ''))
      .map((i) => {
        const dims = staticShapes[i.name ?? ''];
        const dtype = of(i.name ?? '').dtype;
        return dims && dtype ? valueInfoProto(i.name ?? '', dtype, dims) : i;
      });
    // Element types only, where known shapes have changed.
    if (Object.keys(staticShapes).length > 0) {
      proto.valueInfo = [];
      proto.output = (proto.output ?? []).map((o) => {
        const { dims, dtype } = of(o.name ?? '');
        return dims && dtype && DTYPES[dtype]
          ? valueInfoProto(o.name ?? '', dtype, named(dims))
          : o;
      });
    }
  });
}

/** Dimensions as a file may name them: opaque symbols are left open. */
export function named(dims: readonly Dim[]): (number | string)[] {
  return dims.map((d) => (typeof d === 'string' && !/^\w+$/.test(d) ? '?' : d));
}
