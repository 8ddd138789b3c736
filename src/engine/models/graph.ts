import { copyMessage, type GraphProto, type NodeProto, type OnnxModel } from '../onnx/index.ts';

/** The graph of a model. @throws where it has none, which `readModel` rules out */
export function graphOf(model: OnnxModel): GraphProto {
  if (!model.proto.graph) throw new Error('the model has no graph');
  return model.proto.graph;
}

/** A model with changed graph fields; `model` itself is not changed. */
export function withGraph(model: OnnxModel, changes: Partial<GraphProto>): OnnxModel {
  const proto = copyMessage(model.proto);
  proto.graph = Object.assign(copyMessage(graphOf(model)), changes);
  return { proto, dir: model.dir };
}

/** Every value that a node reads, those its subgraphs read included. */
export function readsOf(node: NodeProto): string[] {
  const graphs = (node.attribute ?? []).flatMap((a) => [
    ...(a.g ? [a.g] : []),
    ...(a.graphs ?? []),
  ]);
  return [
    ...(node.input ?? []),
    ...graphs.flatMap((graph) => (graph.node ?? []).flatMap(readsOf)),
    ...graphs.flatMap((graph) => (graph.output ?? []).map((output) => output.name ?? '')),
  ].filter((name) => name !== '');
}

/** What is needed for some outputs, and nothing else: nodes, weights and inputs. */
export function prune(model: OnnxModel, outputs: readonly string[]): OnnxModel {
  const graph = graphOf(model);
  const makers = makersOf(graph);
  const needed = new Set<string>();
  const nodes = new Set<NodeProto>();
  const open = [...outputs];
  while (open.length > 0) {
    const name = open.pop() as string;
    if (needed.has(name)) continue;
    needed.add(name);
    const node = makers.get(name);
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    open.push(...readsOf(node));
  }
  return withGraph(model, {
    node: (graph.node ?? []).filter((node) => nodes.has(node)),
    initializer: (graph.initializer ?? []).filter((tensor) => needed.has(tensor.name ?? '')),
    input: (graph.input ?? []).filter((input) => needed.has(input.name ?? '')),
    output: (graph.output ?? []).filter((output) => outputs.includes(output.name ?? '')),
  });
}

/** The node that makes each value. */
export function makersOf(graph: GraphProto): Map<string, NodeProto> {
  const makers = new Map<string, NodeProto>();
  for (const node of graph.node ?? []) {
    for (const output of node.output ?? []) if (output !== '') makers.set(output, node);
  }
  return makers;
}

/** Follows a value back through nodes of these kinds, by their first input, to where it begins. */
export function traceBack(graph: GraphProto, name: string, kinds: readonly string[]): string {
  const makers = makersOf(graph);
  let value = name;
  for (;;) {
    const node = makers.get(value);
    if (!node || !kinds.includes(node.opType ?? '')) return value;
    value = node.input?.[0] ?? '';
  }
}
