import { type Graph, type Node, readsOf } from '../graph.ts';
import type { FactsOf } from '../infer/index.ts';
import type { Stage } from './cuts.ts';
import { bytesOf } from './sizes.ts';

/** Operators whose result is their operand's own memory. */
const VIEWS = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Dropout']);
/** Operators that a runtime lets write over an operand of the same size that nothing reads again. */
const IN_PLACE = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Sigmoid', 'Softmax', 'Neg', 'Sqrt', 'Exp', 'Erf', 'Tanh'],
  ...['Relu', 'Clip', 'Reciprocal', 'Abs'],
]);

/**
 * Bytes of values that are there at once while a graph runs in its own order, for a batch of one; what
 * is `outside` (inputs, constants) is not counted. A runtime that joins operators needs less.
 */
export function peakBytes(graph: Graph, facts: FactsOf, outside: ReadonlySet<string>): number {
  const owner = ownersOf(graph);
  const last = new Map<string, number>();
  const note = (value: string, i: number) => {
    const own = owner.get(value) ?? value;
    last.set(own, Math.max(i, last.get(own) ?? -1));
  };
  graph.nodes.forEach((node, i) => {
    for (const value of [...readsOf(node), ...node.outputs]) note(value, i);
  });
  for (const output of graph.outputs) note(output, graph.nodes.length);
  const dies = new Map<number, string[]>();
  for (const [value, i] of last) dies.set(i, [...(dies.get(i) ?? []), value]);

  const alive = new Set<string>();
  let sum = 0;
  let peak = 0;
  graph.nodes.forEach((node, i) => {
    const ending = dies.get(i) ?? [];
    for (const output of node.outputs) {
      if (output === '' || outside.has(output) || owner.has(output)) continue;
      const size = bytesOf(facts(output));
      const over = IN_PLACE.has(node.op) && ending.find((v) => fits(node, v, size));
      if (over && alive.delete(over)) sum -= size;
      alive.add(output);
      sum += size;
    }
    peak = Math.max(peak, sum);
    for (const value of ending) if (alive.delete(value)) sum -= bytesOf(facts(value));
  });
  return peak;

  function fits(node: Node, value: string, size: number): boolean {
    const reads = node.inputs.some((input) => (owner.get(input) ?? input) === value);
    return reads && alive.has(value) && bytesOf(facts(value)) === size;
  }
}

/** For values that are views: whose memory they are. */
function ownersOf(graph: Graph): Map<string, string> {
  const owner = new Map<string, string>();
  for (const node of graph.nodes) {
    if (!VIEWS.has(node.op)) continue;
    const source = node.inputs[0] ?? '';
    owner.set(node.outputs[0] ?? '', owner.get(source) ?? source);
  }
  return owner;
}

/**
 * Bytes beside those inside of one stage: `borders` between the stages once all have run forward, and
 * the most that borders, adjoints and a stage's own gradient take on the way back.
 * @param adjoints values whose adjoint is found
 */
export function memoryOfStages(
  stages: readonly Stage[],
  adjoints: ReadonlySet<string>,
  peaks: ReadonlyMap<Stage, number>,
  size: (value: string) => number,
): { borders: number; backward: number } {
  const given = stages.flatMap((stage, at) => stage.gives.map((value) => ({ value, at })));
  const total = (values: readonly { value: string }[]) =>
    values.reduce((sum, { value }) => sum + size(value), 0);
  const backward = stages.map((stage, i) => {
    const needed = new Set(stages.slice(0, i + 1).flatMap(({ reads }) => reads));
    const later = new Set(stages.slice(i).flatMap(({ reads }) => reads));
    const held = given.filter(({ value, at }) => at < i && needed.has(value));
    const pending = given.filter(
      ({ value, at }) => at <= i && adjoints.has(value) && later.has(value),
    );
    return total(held) + total(pending) + (peaks.get(stage) ?? 0);
  });
  return { borders: total(given), backward: Math.max(0, ...backward) };
}
