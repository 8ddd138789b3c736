import {
  AttributeType,
  type NodeProto,
  numbersOf,
  type OnnxModel,
  type TensorProto,
  tensorOf,
  tensorToProto,
} from '../../onnx/index.ts';
import { floatOf, type Graph, intOf, type Node, nodeOf, openGraph, withGraph } from '../graph.ts';
import { type FactsOf, inferFacts } from '../infer/index.ts';
import { slicesOf } from '../rules/sliced-attention.ts';
import { prune } from '../simplify.ts';
import { bytesOf } from './sizes.ts';

/**
 * Attention whose scores are too large to be kept, found in exporters' graphs and made one node,
 * `likewise.Attention` (A, B, V, mask): softmax(scale A B + mask) V, with its own gradient rule. It is
 * no operator that a runtime knows: `lowerAttention` writes it out again, slice by slice.
 */
const DOMAIN = 'likewise';

/** Operators that a score may pass on its way to Softmax: a factor, or a mask. */
const FACTORS = ['Mul', 'Div'];

interface Found {
  last: Node;
  inputs: string[];
  scale: number;
  slices: number;
}

/** softmax(…) V, from its last MatMul. */
function matchAttention(
  graph: Graph,
  facts: FactsOf,
  last: Node,
  most: number,
  asked: ReadonlySet<string>,
): Found | undefined {
  const inner = (value: string | undefined, ...ops: string[]): Node | undefined => {
    const node = graph.producer(value ?? '');
    if (!node || !ops.includes(node.op) || asked.has(value ?? '')) return undefined;
    return graph.consumers(value ?? '').length === 1 ? node : undefined;
  };
  const softmax = inner(last.inputs[0], 'Softmax');
  if (!softmax) return undefined;
  const dims = facts(softmax.outputs[0] ?? '').dims;
  const rank = dims?.length ?? 0;
  const axis = intOf(softmax, 'axis', -1);
  if (!dims || rank < 3 || (axis !== -1 && axis !== rank - 1)) return undefined;
  const rows = dims[rank - 2];
  const size = bytesOf(facts(softmax.outputs[0] ?? ''));
  if (typeof rows !== 'number' || size <= most) return undefined;

  let scale = 1;
  let mask: string | undefined;
  let value = softmax.inputs[0];
  let product = inner(value, 'MatMul');
  while (!product) {
    const node = inner(value, ...FACTORS, 'Add');
    if (!node) return undefined;
    const [x, y] = node.inputs as [string, string];
    const left = node.op === 'Div' || inner(x, 'MatMul', ...FACTORS, 'Add') !== undefined;
    const [on, other] = left ? [x, y] : [y, x];
    if (node.op === 'Add') {
      // A mask inside a factor would have to be scaled with it.
      if (mask !== undefined || scale !== 1 || facts(other).dims === undefined) return undefined;
      mask = other;
    } else {
      const constant = graph.constant(other);
      const factor = constant?.data.length === 1 ? numbersOf(constant)[0] : undefined;
      if (factor === undefined) return undefined;
      scale = node.op === 'Mul' ? scale * factor : scale / factor;
    }
    value = on;
    product = inner(value, 'MatMul');
  }
  const [a, b] = product.inputs as [string, string];
  const v = last.inputs[1] ?? '';
  if ([a, b, v].some((x) => facts(x).dims?.length !== rank)) return undefined;
  const slices = Math.min(rows, Math.ceil(size / most));
  return { last, inputs: [a, b, v, ...(mask ? [mask] : [])], scale, slices };
}

/**
 * The model with large attention as one node each.
 * @param most bytes that one sample's scores of one layer may have unsliced
 * @param asked inner values that must stay
 */
export function fuseAttention(
  model: OnnxModel,
  most: number,
  asked: ReadonlySet<string> = new Set(),
): OnnxModel {
  const graph = openGraph(model);
  const facts = inferFacts(graph);
  const replaced = new Map<Node, NodeProto>();
  for (const node of graph.nodes) {
    const found =
      node.op === 'MatMul' ? matchAttention(graph, facts, node, most, asked) : undefined;
    if (!found) continue;
    replaced.set(node, {
      opType: 'Attention',
      domain: DOMAIN,
      name: node.name,
      input: found.inputs,
      output: [...node.outputs],
      attribute: [
        { name: 'scale', type: AttributeType.float, f: found.scale },
        { name: 'slices', type: AttributeType.int, i: found.slices },
      ],
    });
  }
  if (replaced.size === 0) return model;
  return withGraph(model, (proto) => {
    const nodes = graph.nodes.map((n) => (replaced.has(n) ? nodeOf(replaced.get(n) ?? {}) : n));
    const kept = prune(nodes, proto.initializer ?? [], [...graph.outputs, ...asked]);
    proto.node = kept.nodes.map((n) => n.proto);
    proto.initializer = kept.initializers;
  });
}

/** Standard nodes in place of a `likewise.Attention`; other nodes as they are. */
export function lowerAttention(
  node: Node,
  facts: FactsOf,
): { nodes: Node[]; initializers: TensorProto[] } {
  if (node.op !== `${DOMAIN}.Attention`) return { nodes: [node], initializers: [] };
  const [a, b, v, mask] = node.inputs as [string, string, string, string | undefined];
  const dims = facts(a).dims ?? [];
  const dtype = facts(a).dtype ?? 'float32';
  const rank = dims.length;
  const rows = dims[rank - 2] as number;
  const base = `${node.outputs[0]}/sliced`;
  const nodes: Node[] = [];
  const initializers: TensorProto[] = [];
  let count = 0;
  const constant = (type: typeof dtype, shape: number[], values: number[]): string => {
    const name = `${base}/${count++}`;
    initializers.push(tensorToProto(name, tensorOf(type, shape, values)));
    return name;
  };
  const op = (opType: string, input: string[], axis?: number, output?: string): string => {
    const name = output ?? `${base}/${count++}`;
    const attribute =
      axis === undefined ? [] : [{ name: 'axis', type: AttributeType.int, i: axis }];
    nodes.push(nodeOf({ opType, name, input, output: [name], attribute }));
    return name;
  };
  const scale = constant(dtype, [], [floatOf(node, 'scale', 1)]);
  const parts = slicesOf(rows, intOf(node, 'slices', 1)).map(([begin, end]) => {
    const slice = (value: string) => {
      const axis = (facts(value).dims?.length ?? rank) - 2;
      const bounds = [begin, end, axis].map((n) => constant('int64', [1], [n]));
      return op('Slice', [value, ...bounds]);
    };
    let scores = op('Mul', [op('MatMul', [slice(a), b]), scale]);
    if (mask) scores = op('Add', [scores, facts(mask).dims?.at(-2) === rows ? slice(mask) : mask]);
    return op('MatMul', [op('Softmax', [scores], -1), v]);
  });
  op('Concat', parts, rank - 2, node.outputs[0]);
  return { nodes, initializers };
}
