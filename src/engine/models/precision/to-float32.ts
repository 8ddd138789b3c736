import {
  copyMessage,
  type GraphProto,
  type NodeProto,
  type OnnxModel,
  toNumber,
} from '../../onnx/index.ts';
import { graphOf } from '../graph.ts';
import { castNode, FLOAT, freshNames, HALF, standardOp, subgraphsOf } from './names.ts';
import { isHalf, isLarge, widenAttribute, widenInfo, widenTensor } from './widen.ts';

interface Context {
  dir: string | null;
  fresh: (base: string) => string;
  /** Weights that are stored as float16 and read through Casts to float32 alone. */
  stored: ReadonlySet<string>;
}

/**
 * A graph that was exported in float16, or in parts, as one whose inputs, outputs and arithmetic
 * are float32, with the same weights: ONNX Runtime's CPU has few kernels for float16, and gradients
 * are built of float32 graphs. A weight keeps its bytes where they are, external data too, and gets
 * one Cast to float32 behind it, under its old name; constants up to 1024 elements become float32.
 * `model` is not changed; one that computes nothing in float16 is given back as it is.
 * @throws OnnxError `external-data` where a small constant lies in a file that is missing.
 */
export function toFloat32(model: OnnxModel): OnnxModel {
  const graph = graphOf(model);
  const context = {
    dir: model.dir,
    fresh: freshNames(graph),
    stored: storedAsHalf(graph),
  };
  const wide = widenGraph(graph, context);
  const functions = model.proto.functions?.map((f) =>
    Object.assign(copyMessage(f), { node: widenNodes(f.node ?? [], context) }),
  );
  const same = wide === graph && !functions?.some((f, i) => differs(f, model.proto.functions?.[i]));
  if (same) return model;
  const proto = copyMessage(model.proto);
  proto.graph = wide;
  if (functions) proto.functions = functions;
  return { proto, dir: model.dir };
}

type Nodes = { node?: NodeProto[] } | undefined;
const differs = (a: Nodes, b: Nodes) =>
  a?.node?.length !== b?.node?.length || a?.node?.some((n, i) => n !== b?.node?.[i]);

/** Float16 initializers of a graph and its subgraphs that nothing but Casts to float32 reads. */
function storedAsHalf(graph: GraphProto): Set<string> {
  const stored = new Set<string>();
  const others = new Set<string>();
  const visit = (g: GraphProto): void => {
    for (const tensor of g.initializer ?? []) if (isHalf(tensor)) stored.add(tensor.name ?? '');
    for (const output of g.output ?? []) others.add(output.name ?? '');
    for (const node of g.node ?? []) {
      if (castTarget(node) !== FLOAT) for (const input of node.input ?? []) others.add(input);
      subgraphsOf(node).forEach(visit);
    }
  };
  visit(graph);
  return new Set([...stored].filter((name) => !others.has(name)));
}

function castTarget(node: NodeProto): number | undefined {
  if (standardOp(node) !== 'Cast') return undefined;
  return toNumber(node.attribute?.find((a) => a.name === 'to')?.i);
}

function widenGraph(graph: GraphProto, context: Context): GraphProto {
  const casts: NodeProto[] = [];
  const cast = new Set<string>();
  const initializer = (graph.initializer ?? []).map((tensor) => {
    const name = tensor.name ?? '';
    if (!isHalf(tensor) || context.stored.has(name)) return tensor;
    if (!isLarge(tensor)) return widenTensor(tensor, context.dir);
    const half = context.fresh(`${name}/half`);
    casts.push(castNode(half, name, FLOAT));
    cast.add(name);
    return Object.assign(copyMessage(tensor), { name: half });
  });
  const infos = (list: GraphProto['input']) =>
    (list ?? []).map((v) => (context.stored.has(v.name ?? '') ? v : widenInfo(v)));
  const changes = {
    initializer,
    // Old exporters list weights among the inputs; one that a Cast makes can be none.
    input: infos(graph.input).filter((v) => !cast.has(v.name ?? '')),
    output: infos(graph.output),
    valueInfo: infos(graph.valueInfo),
    node: [...casts, ...widenNodes(graph.node ?? [], context)],
  };
  const changed = Object.entries(changes).some(([key, now]) => {
    const before: readonly unknown[] = graph[key as keyof typeof changes] ?? [];
    return before.length !== now.length || now.some((item, i) => item !== before[i]);
  });
  return changed ? Object.assign(copyMessage(graph), changes) : graph;
}

function widenNodes(nodes: readonly NodeProto[], context: Context): NodeProto[] {
  return nodes.flatMap((node) => {
    const constant = standardOp(node) === 'Constant' ? node.attribute?.[0]?.t : undefined;
    if (constant && isHalf(constant) && isLarge(constant)) {
      const name = node.output?.[0] ?? '';
      const half = context.fresh(`${name}/half`);
      const renamed = Object.assign(copyMessage(node), { output: [half] });
      return [renamed, castNode(half, name, FLOAT)];
    }
    // What the project reads already: a weight in half the size, and its Cast.
    if (castTarget(node) === FLOAT || !node.attribute?.length) return [node];
    const attribute = node.attribute.map((a) => {
      const own = widenAttribute(a, context.dir);
      const g = own.g && widenGraph(own.g, context);
      const graphs = own.graphs?.map((inner) => widenGraph(inner, context));
      const same = g === own.g && (graphs?.every((x, i) => x === own.graphs?.[i]) ?? true);
      return same
        ? own
        : Object.assign(copyMessage(own), { ...(g && { g }), ...(graphs && { graphs }) });
    });
    const same = attribute.every((a, i) => a === node.attribute?.[i]);
    return [same ? node : Object.assign(copyMessage(node), { attribute })];
  });
}

/** True where a Cast makes float32 of a weight that is stored as float16. */
export function readsStoredHalf(node: NodeProto, types: ReadonlyMap<string, number>): boolean {
  return castTarget(node) === FLOAT && types.get(node.input?.[0] ?? '') === HALF;
}
