import { AutodiffError } from './autodiff-error.ts';
import { type Graph, type Node, readsOf } from './graph.ts';
import type { FactsOf } from './infer/index.ts';
import { adviceFor, carriesNoGradient, isDifferentiable } from './ops.ts';

/** Which values a gradient flows through. */
export interface Activity {
  /** Values that depend differentiably on `wrt`. */
  readonly active: ReadonlySet<string>;
  /** Nodes between `wrt` and `of`, in topological order. */
  readonly nodes: readonly Node[];
}

const FLOATS = ['float16', 'float32', 'float64'];

/** Inputs that only say what type or shape the answer has. */
const LIKE_INPUTS: Readonly<Record<string, readonly number[]>> = { CastLike: [1], Dropout: [1, 2] };

function refuse(node: Node, of: readonly string[]): never {
  throw new AutodiffError(
    'unsupported-op',
    `${node.op} "${node.name}" lies between the input and ${of.map((o) => `"${o}"`).join(', ')} ` +
      `and cannot be differentiated: ${adviceFor(node.op)}`,
    { op: node.op, node: node.name },
  );
}

/** Everything that depends on a value in any way. */
function downstream(graph: Graph, value: string): Set<string> {
  const reached = new Set([value]);
  for (const node of graph.nodes) {
    if (readsOf(node).some((i) => reached.has(i))) for (const o of node.outputs) reached.add(o);
  }
  return reached;
}

function refusePath(
  graph: Graph,
  facts: FactsOf,
  wrt: string,
  of: readonly string[],
  blockers: readonly Node[],
): never {
  const reached = downstream(graph, wrt);
  const targets = of.map((o) => `"${o}"`).join(', ');
  if (!of.some((o) => reached.has(o))) {
    throw new AutodiffError('not-differentiable', `${targets} does not depend on "${wrt}"`, {
      node: wrt,
    });
  }
  const dtype = facts(wrt).dtype;
  const readers = graph.consumers(wrt);
  const whole = dtype !== undefined && !FLOATS.includes(dtype);
  const node = whole
    ? (readers.find((n) => n.op === 'Gather') ?? readers[0])
    : blockers.find((n) => n.inputs.some((i) => reached.has(i)));
  const at = node ? `${node.op} "${node.name}"` : 'the graph';
  const why = whole
    ? `"${wrt}" holds ${dtype}, which ${at} reads; ask for the gradient by a value of floats, ` +
      `such as "${node?.outputs[0]}"`
    : `${at} carries no gradient; ask for the gradient by a value behind it`;
  throw new AutodiffError(
    'not-differentiable',
    `no differentiable path from "${wrt}" to ${targets}: ${why}`,
    { op: node?.op ?? '', node: node?.name ?? wrt },
  );
}

/**
 * Finds what must be differentiated, and nothing more.
 * @throws AutodiffError `unsupported-op` for an operator on the way that has no rule,
 *   `not-differentiable` for a `wrt` that `of` has no gradient by; both name operator and node.
 */
export function analyseActivity(
  graph: Graph,
  facts: FactsOf,
  of: readonly string[],
  wrt: readonly string[],
): Activity {
  const isFloat = (value: string) => FLOATS.includes(facts(value).dtype ?? 'float32');
  const active = new Set(wrt.filter(isFloat));
  const carriers: Node[] = [];
  const blockers: Node[] = [];
  for (const node of graph.nodes) {
    const deaf = LIKE_INPUTS[node.op];
    const reads = node.inputs.filter((_, i) => !deaf?.includes(i));
    const touched =
      reads.some((i) => active.has(i)) ||
      (!isDifferentiable(node.op) && readsOf(node).some((i) => active.has(i)));
    if (!touched) continue;
    const outputs = node.outputs.filter((o) => o !== '' && isFloat(o));
    if (carriesNoGradient(node.op) || outputs.length === 0) {
      blockers.push(node);
      continue;
    }
    carriers.push(node);
    for (const output of outputs) active.add(output);
  }
  const leads = new Set(of);
  const nodes: Node[] = [];
  for (const node of carriers.reverse()) {
    if (!node.outputs.some((o) => leads.has(o) && active.has(o))) continue;
    if (!isDifferentiable(node.op)) refuse(node, of);
    nodes.push(node);
    for (const input of node.inputs) if (active.has(input)) leads.add(input);
  }
  for (const value of wrt) {
    if (!active.has(value) || !leads.has(value)) refusePath(graph, facts, value, of, blockers);
  }
  return { active, nodes: nodes.reverse() };
}
