import {
  type AttributeProto,
  copyMessage,
  type GraphProto,
  type NodeProto,
  type OnnxModel,
  type Tensor,
  type TensorProto,
  tensorFromProto,
  toNumber,
} from '../onnx/index.ts';
import { AutodiffError } from './autodiff-error.ts';

/** A node as rules see it. Absent optional inputs and outputs are ''. */
export interface Node {
  /** `Conv`, or with its domain where that is not the standard one: `com.microsoft.Gelu`. */
  readonly op: string;
  /** Its name, or its first output where it has none: for messages. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly proto: NodeProto;
}

/** A model's main graph, indexed. Nodes are in topological order. */
export interface Graph {
  readonly opset: number;
  readonly proto: GraphProto;
  readonly nodes: readonly Node[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** The node that makes a value; none for inputs and initializers. */
  producer(value: string): Node | undefined;
  /** The nodes that read a value, subgraphs of If and Loop included. */
  consumers(value: string): readonly Node[];
  /** The constant that a value is (initializer, Constant node, through Identity), if it is one. */
  constant(value: string): Tensor | undefined;
}

const STANDARD_DOMAINS = ['', 'ai.onnx'];

/** The operator set of the standard domain that a model imports. */
export function opsetOf(model: OnnxModel): number {
  const entry = model.proto.opsetImport?.find((o) => STANDARD_DOMAINS.includes(o.domain ?? ''));
  return toNumber(entry?.version);
}

/** Wraps a NodeProto. */
export function nodeOf(proto: NodeProto): Node {
  const domain = proto.domain ?? '';
  const opType = proto.opType ?? '';
  return {
    op: STANDARD_DOMAINS.includes(domain) ? opType : `${domain}.${opType}`,
    name: proto.name || proto.output?.find((o) => o !== '') || opType,
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    proto,
  };
}

/** Names that subgraphs of a node read from outside of themselves (a superset of them). */
function capturedBy(proto: NodeProto): string[] {
  const graphs = (proto.attribute ?? []).flatMap((a) => [
    ...(a.g ? [a.g] : []),
    ...(a.graphs ?? []),
  ]);
  return graphs.flatMap((g) => [
    ...(g.node ?? []).flatMap((n) => [...(n.input ?? []), ...capturedBy(n)]),
    ...(g.output ?? []).map((o) => o.name ?? ''),
  ]);
}

/** Everything a node reads, subgraphs included. */
export function readsOf(node: Node): string[] {
  return [...node.inputs.filter((i) => i !== ''), ...capturedBy(node.proto)];
}

/** Sorts nodes so that each comes after those whose outputs it reads. */
function sortNodes(nodes: readonly Node[]): Node[] {
  const makers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) makers.set(output, node);
  const sorted: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const root of nodes) {
    // An explicit stack: graphs of thousands of nodes are chains.
    const stack: Node[] = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as Node;
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      const waiting = state.has(node)
        ? []
        : readsOf(node)
            .map((value) => makers.get(value))
            .filter((maker) => maker !== undefined && maker !== node && !state.has(maker));
      state.set(node, 'open');
      if (waiting.length > 0) {
        stack.push(...(waiting as Node[]));
      } else {
        state.set(node, 'done');
        sorted.push(node);
        stack.pop();
      }
    }
  }
  return sorted;
}

function constantOfNode(node: Node, dir: string | null): Tensor | undefined {
  const value = attributeOf(node, 'value');
  if (value?.t) return tensorFromProto(value.t, dir);
  const ints = attributeOf(node, 'value_ints')?.ints ?? attributeOf(node, 'value_int')?.i;
  if (ints !== undefined) {
    const list = Array.isArray(ints) ? ints : [ints];
    const data = BigInt64Array.from(list.map((v) => BigInt(toNumber(v))));
    return { dtype: 'int64', dims: Array.isArray(ints) ? [list.length] : [], data };
  }
  const floats = attributeOf(node, 'value_floats')?.floats ?? attributeOf(node, 'value_float')?.f;
  if (floats === undefined) return undefined;
  const data = Float32Array.from(Array.isArray(floats) ? floats : [floats]);
  return { dtype: 'float32', dims: Array.isArray(floats) ? [data.length] : [], data };
}

/**
 * Indexes the main graph of a model.
 * @throws AutodiffError `opset` for operator sets before 13.
 */
export function openGraph(model: OnnxModel): Graph {
  const proto = model.proto.graph ?? {};
  const opset = opsetOf(model);
  if (opset < 13) {
    throw new AutodiffError(
      'opset',
      `the model uses operator set ${opset}, and rules begin at 13: export it with opset 14 or later`,
    );
  }
  const nodes = sortNodes((proto.node ?? []).map(nodeOf));
  const initializers = new Map((proto.initializer ?? []).map((t) => [t.name ?? '', t]));
  const producers = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const output of node.outputs) if (output !== '') producers.set(output, node);
    for (const value of new Set(readsOf(node))) {
      const list = readers.get(value);
      if (list) list.push(node);
      else readers.set(value, [node]);
    }
  }
  const constants = new Map<string, Tensor | undefined>();

  const graph: Graph = {
    opset,
    proto,
    nodes,
    initializers,
    // Old exporters list initializers as inputs too.
    inputs: (proto.input ?? []).map((i) => i.name ?? '').filter((name) => !initializers.has(name)),
    outputs: (proto.output ?? []).map((o) => o.name ?? ''),
    producer: (value) => producers.get(value),
    consumers: (value) => readers.get(value) ?? [],
    constant(value) {
      if (constants.has(value)) return constants.get(value);
      const initializer = initializers.get(value);
      const node = producers.get(value);
      let found: Tensor | undefined;
      if (initializer) found = tensorFromProto(initializer, model.dir);
      else if (node?.op === 'Constant') found = constantOfNode(node, model.dir);
      else if (node?.op === 'Identity') found = graph.constant(node.inputs[0] ?? '');
      constants.set(value, found);
      return found;
    },
  };
  return graph;
}

/** The values that never change between runs: weights, and what is computed of them alone. */
export function constantValues(graph: Graph): Set<string> {
  const constant = new Set(graph.initializers.keys());
  for (const node of graph.nodes) {
    if (node.op.startsWith('Random') || node.op === 'Bernoulli' || node.op === 'Multinomial')
      continue;
    if (readsOf(node).every((i) => constant.has(i))) for (const o of node.outputs) constant.add(o);
  }
  return constant;
}

export function attributeOf(node: Node, name: string): AttributeProto | undefined {
  return node.proto.attribute?.find((a) => a.name === name);
}

export function intOf(node: Node, name: string, fallback: number): number {
  return toNumber(attributeOf(node, name)?.i, fallback);
}

export function intsOf(node: Node, name: string): number[] | undefined {
  const attribute = attributeOf(node, name);
  return attribute && (attribute.ints ?? []).map((v) => toNumber(v));
}

export function floatOf(node: Node, name: string, fallback: number): number {
  return attributeOf(node, name)?.f ?? fallback;
}

export function stringOf(node: Node, name: string, fallback: string): string {
  const bytes = attributeOf(node, name)?.s;
  return bytes === undefined ? fallback : Buffer.from(bytes).toString('utf8');
}

/** A copy of the model with another graph; messages are shared where they do not change. */
export function withGraph(model: OnnxModel, change: (graph: GraphProto) => void): OnnxModel {
  const proto = copyMessage(model.proto);
  proto.graph = copyMessage(proto.graph ?? {});
  change(proto.graph);
  return { proto, dir: model.dir };
}
