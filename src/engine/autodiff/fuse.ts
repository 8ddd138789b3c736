import {
  AttributeType,
  copyMessage,
  type NodeProto,
  type OnnxModel,
  toNumber,
} from '../onnx/index.ts';
import { attributeOf, type Graph, intsOf, type Node, openGraph, withGraph } from './graph.ts';
import type { FactsOf } from './infer/index.ts';
import { prune } from './simplify.ts';

/**
 * Before operator set 17 exporters write LayerNorm as nine nodes. One node gives the same numbers
 * and, on request, the statistics that its gradient needs; ONNX Runtime's own fusion would not
 * happen any more once the gradient reads what is inside.
 */

/** LayerNormalization is of operator set 17; nothing that rules know changed meaning from 13 to it. */
const OPSET = 17;
const IR_VERSION = 8;

/** The model at operator set 17 or later. */
export function raiseOpset(model: OnnxModel): OnnxModel {
  const proto = copyMessage(model.proto);
  proto.irVersion = Math.max(IR_VERSION, toNumber(proto.irVersion));
  proto.opsetImport = (proto.opsetImport ?? []).map((entry) =>
    (entry.domain ?? '') === '' || entry.domain === 'ai.onnx'
      ? { domain: '', version: Math.max(OPSET, toNumber(entry.version)) }
      : entry,
  );
  return { proto, dir: model.dir };
}

interface LayerNorm {
  x: string;
  scale: string;
  bias: string;
  epsilon: number;
  last: Node;
}

/** Finds (x - mean) / sqrt(mean((x - mean)^2) + eps) scale + bias, from its first Sub. */
function matchLayerNorm(
  graph: Graph,
  facts: FactsOf,
  sub: Node,
  asked: ReadonlySet<string>,
): LayerNorm | undefined {
  const maker = (value: string | undefined, op: string) => {
    const node = graph.producer(value ?? '');
    return node?.op === op ? node : undefined;
  };
  /** The only reader of a node's output, if it is one of these operators. */
  const reader = (node: Node | undefined, ...ops: string[]) => {
    const value = node?.outputs[0] ?? '';
    const [only, ...more] = graph.consumers(value);
    return only && more.length === 0 && ops.includes(only.op) && !asked.has(value)
      ? only
      : undefined;
  };
  const scalar = (value: string | undefined) => {
    const constant = graph.constant(value ?? '');
    return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
  };
  const lastAxis = (node: Node | undefined) => {
    const axes = attributeOf(node as Node, 'axes')
      ? intsOf(node as Node, 'axes')
      : facts(node?.inputs[1] ?? '').known;
    const rank = facts(node?.inputs[0] ?? '').dims?.length;
    return axes?.length === 1 && (axes[0] === -1 || axes[0] === (rank ?? 0) - 1);
  };

  const x = sub.inputs[0] ?? '';
  const mean = maker(sub.inputs[1], 'ReduceMean');
  if (!mean || mean.inputs[0] !== x || !lastAxis(mean)) return undefined;
  const centred = sub.outputs[0] ?? '';
  const readers = graph.consumers(centred);
  const square = readers.find((n) => n.op === 'Pow' || n.op === 'Mul');
  const div = readers.find((n) => n.op === 'Div');
  if (readers.length !== 2 || !square || !div || asked.has(centred)) return undefined;
  const squares =
    square.op === 'Pow' ? scalar(square.inputs[1]) === 2 : square.inputs[1] === centred;
  const variance = reader(square, 'ReduceMean');
  const shifted = reader(variance, 'Add');
  const root = reader(shifted, 'Sqrt');
  if (!squares || !variance || !lastAxis(variance) || reader(root, 'Div') !== div) return undefined;
  if (div.inputs[0] !== centred) return undefined;
  const epsilon = scalar(shifted?.inputs[1]) ?? scalar(shifted?.inputs[0]);
  const scaled = reader(div, 'Mul');
  const last = reader(scaled, 'Add');
  const other = (node: Node | undefined, value: string | undefined) =>
    node?.inputs.find((i) => i !== value) ?? '';
  const scale = other(scaled, div.outputs[0]);
  const bias = other(last, scaled?.outputs[0]);
  const size = facts(x).dims?.at(-1);
  const fits = (v: string) => facts(v).dims?.length === 1 && facts(v).dims?.[0] === size;
  if (!last || epsilon === undefined || !fits(scale) || !fits(bias)) return undefined;
  return { x, scale, bias, epsilon, last };
}

function layerNormNode({ x, scale, bias, epsilon, last }: LayerNorm): NodeProto {
  return {
    opType: 'LayerNormalization',
    name: last.name,
    input: [x, scale, bias],
    output: [last.outputs[0] as string],
    attribute: [
      { name: 'axis', type: AttributeType.int, i: -1 },
      { name: 'epsilon', type: AttributeType.float, f: epsilon },
    ],
  };
}

/**
 * The model with LayerNorms of nine nodes as one node each, at operator set 17 or later.
 * @param asked inner values that must stay.
 */
export function fuseLayerNorms(
  model: OnnxModel,
  facts: FactsOf,
  asked: ReadonlySet<string>,
): OnnxModel {
  const graph = openGraph(model);
  const replaced = new Map<Node, NodeProto>();
  for (const node of graph.nodes) {
    if (node.op !== 'Sub') continue;
    const found = matchLayerNorm(graph, facts, node, asked);
    if (found) replaced.set(found.last, layerNormNode(found));
  }
  const raised = raiseOpset(model);
  if (replaced.size === 0) return raised;
  return withGraph(raised, (proto) => {
    proto.node = graph.nodes.map((n) => replaced.get(n) ?? n.proto);
    const nodes = openGraph({ proto: { ...raised.proto, graph: proto }, dir: model.dir }).nodes;
    const kept = prune(nodes, proto.initializer ?? [], [...graph.outputs, ...asked]);
    proto.node = kept.nodes.map((n) => n.proto);
    proto.initializer = kept.initializers;
  });
}
