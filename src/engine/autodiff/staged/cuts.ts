import { constantValues, type Graph, type Node, readsOf } from '../graph.ts';
import type { Facts, FactsOf } from '../infer/index.ts';
import { bytesOf } from './sizes.ts';

/** A run of nodes that is computed, and later computed again and differentiated, as one. */
export interface Stage {
  readonly nodes: readonly Node[];
  /** Values of other stages, or inputs of the graph, that it reads. */
  readonly reads: readonly string[];
  /** Values that other stages read, or that are outputs of the graph. */
  readonly gives: readonly string[];
}

/** Parts of a stage's allowance within which a border is looked for. */
const EARLIEST = 0.6;

/**
 * Cuts a graph into stages: each makes about `most` bytes of values, and is cut where the fewest bytes
 * cross. What is computed of weights alone belongs to no stage.
 * @param most bytes of float values that a stage may make, for a batch of one
 */
export function cutIntoStages(graph: Graph, facts: FactsOf, most: number): Stage[] {
  const constant = constantValues(graph);
  const isShape = (node: Node) => node.outputs.every((o) => o === '' || !isFloat(facts(o)));
  const nodes = graph.nodes.filter((n) => !n.outputs.some((o) => constant.has(o)) && !isShape(n));
  const made = nodes.map((n) => n.outputs.reduce((sum, o) => sum + bytesOf(facts(o)), 0));
  const crossing = crossingBytes(graph, facts, nodes);
  const stages: Node[][] = [];
  let begin = 0;
  while (begin < nodes.length) {
    let sum = 0;
    let best = -1;
    let end = begin;
    for (; end < nodes.length; end++) {
      sum += made[end] as number;
      if (sum > most && end > begin) break;
      if (sum < EARLIEST * most) continue;
      if (best < 0 || (crossing[end] as number) <= (crossing[best] as number)) best = end;
    }
    if (end === nodes.length) best = nodes.length - 1;
    else if (best < 0) best = end - 1;
    stages.push(nodes.slice(begin, best + 1));
    begin = best + 1;
  }
  return stages.map((own) => {
    const all = new Set([...own, ...shapeNodes(graph, constant, own, isShape)]);
    return borders(graph, constant, new Set(own), all);
  });
}

/** Bytes of values that are made up to and including each node, and read after it. */
function crossingBytes(graph: Graph, facts: FactsOf, nodes: readonly Node[]): number[] {
  const place = new Map(nodes.map((node, i) => [node, i]));
  const change = new Float64Array(nodes.length + 1);
  for (const [i, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (output === '') continue;
      const reads = graph.consumers(output).map((reader) => place.get(reader) ?? i);
      const last = Math.max(i, ...reads);
      const bytes = bytesOf(facts(output));
      change[i] = (change[i] as number) + bytes;
      change[last] = (change[last] as number) - bytes;
    }
  }
  let sum = 0;
  return nodes.map((_, i) => {
    sum += change[i] as number;
    return sum;
  });
}

const isFloat = ({ dtype }: Facts) => dtype === undefined || dtype.startsWith('float');

/**
 * Shape arithmetic that a stage needs, which each stage does for itself: its values say what shapes
 * are, and would say nothing if they came from outside.
 */
function shapeNodes(
  graph: Graph,
  constant: ReadonlySet<string>,
  nodes: readonly Node[],
  isShape: (node: Node) => boolean,
): Set<Node> {
  const found = new Set<Node>();
  const open = nodes.flatMap(readsOf);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const maker = constant.has(value) ? undefined : graph.producer(value);
    if (!maker || found.has(maker) || !isShape(maker)) continue;
    found.add(maker);
    open.push(...readsOf(maker));
  }
  return found;
}

/** @param own the nodes that are this stage's alone; `all`: with its shape arithmetic */
function borders(
  graph: Graph,
  constant: ReadonlySet<string>,
  own: ReadonlySet<Node>,
  all: ReadonlySet<Node>,
): Stage {
  const nodes = graph.nodes.filter((node) => all.has(node));
  const makes = new Set(nodes.flatMap((n) => n.outputs));
  const reads = new Set(
    nodes.flatMap(readsOf).filter((value) => !makes.has(value) && !constant.has(value)),
  );
  const outputs = new Set(graph.outputs);
  const gives = nodes
    .filter((node) => own.has(node))
    .flatMap((node) => node.outputs)
    .filter((value) => value !== '')
    .filter((v) => outputs.has(v) || graph.consumers(v).some((reader) => !all.has(reader)));
  return { nodes, reads: [...reads], gives };
}
