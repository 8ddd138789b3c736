import { copyMessage, type NodeProto, type OnnxModel, valueInfoProto } from '../onnx/index.ts';
import { analyseActivity } from './activity.ts';
import { createAdjoints } from './adjoints.ts';
import { AutodiffError } from './autodiff-error.ts';
import { createBuilder } from './builder.ts';
import { COMPOSITES } from './composites/index.ts';
import { fuseLayerNorms } from './fuse.ts';
import { type Graph, type Node, nodeOf, openGraph, withGraph } from './graph.ts';
import { checkStaticShapes, type FactsOf, inferFacts } from './infer/index.ts';
import type { DifferentiableOp } from './ops.ts';
import { ruleContext } from './rules/context.ts';
import { RULES } from './rules/index.ts';
import { named, prune, simplify } from './simplify.ts';

/** What to differentiate. */
export interface VjpOptions {
  /** Output(s) of the graph: each adds an input `grad_<name>`, the cotangent. */
  of: string | readonly string[];
  /** Inputs of the graph or inner values: each adds an output `grad_<name>`. */
  wrt: readonly string[];
  /** Outputs of the original that stay. @default all */
  keep?: readonly string[];
  /** Sizes for inputs with free dimensions, by input name: shorter graphs. @default none */
  staticShapes?: Readonly<Record<string, readonly number[]>>;
  /**
   * What backward products and convolutions read: weights transposed and flipped, which the runtime
   * makes when it loads the graph and keeps beside the others (`rearranged`: fast), or the forward
   * pass's own (`shared`: half the memory, and no time to load). @default 'rearranged'
   */
  weights?: 'rearranged' | 'shared';
}

function checkNames(graph: Graph, of: readonly string[], options: VjpOptions): void {
  const list = (names: readonly string[]) => names.join(', ');
  for (const name of [...of, ...(options.keep ?? [])]) {
    if (!graph.outputs.includes(name)) {
      throw new AutodiffError(
        'unknown-name',
        `no output "${name}"; outputs are ${list(graph.outputs)}`,
      );
    }
  }
  const exists = (v: string) =>
    graph.inputs.includes(v) || graph.initializers.has(v) || graph.producer(v) !== undefined;
  if (of.length === 0 || options.wrt.length === 0) {
    throw new AutodiffError(
      'unknown-name',
      'name an output to differentiate, and a value by which',
    );
  }
  for (const name of options.wrt) {
    if (!exists(name)) {
      throw new AutodiffError(
        'unknown-name',
        `no input or inner value "${name}"; inputs are ${list(graph.inputs)}`,
      );
    }
    if (exists(`grad_${name}`)) {
      throw new AutodiffError('unknown-name', `the graph already has a value "grad_${name}"`);
    }
  }
}

/** Changes to the forward nodes that rules ask for. */
function createForward(graph: Graph) {
  const changed = new Map<Node, Node | undefined>();
  const current = (node: Node) => (changed.has(node) ? changed.get(node) : node);
  return {
    /** The forward nodes as they are now. */
    nodes: () => graph.nodes.map(current).filter((n) => n !== undefined),
    demandOutput(node: Node, i: number): string {
      const now = current(node) ?? node;
      const given = now.outputs[i];
      if (given) return given;
      const outputs = Array.from({ length: i + 1 }, (_, k) => now.outputs[k] ?? '');
      outputs[i] = `vjp/${node.name}_output_${i}`;
      const proto = copyMessage(now.proto);
      proto.output = outputs;
      changed.set(node, nodeOf(proto));
      return outputs[i] as string;
    },
    replaceOutput(node: Node, value: string): void {
      const output = node.outputs[0] as string;
      const proto: NodeProto = {
        opType: 'Identity',
        name: node.name,
        input: [value],
        output: [output],
      };
      changed.set(node, nodeOf(proto));
    },
  };
}

function floatInfo(facts: FactsOf, value: string, name: string) {
  const { dtype = 'float32', dims } = facts(value);
  return valueInfoProto(name, dtype, dims && named(dims));
}

/**
 * The vector-Jacobian product of a model as a model: for y = f(x) and a cotangent g in the shape
 * of y, `grad_x` = g^T dy/dx. One reverse sweep; only nodes between `wrt` and `of` are
 * differentiated, and weights are shared with the forward graph.
 *
 * Inputs of the answer: the original's, then `grad_<of>`. Outputs: the original's (or `keep`), then
 * `grad_<wrt>`. Its operator set is at least 17. `model` is not changed.
 * @throws AutodiffError naming operator and node; see {@link AutodiffError.code}.
 */
export function buildVjp(model: OnnxModel, options: VjpOptions): OnnxModel {
  const of = typeof options.of === 'string' ? [options.of] : [...options.of];
  const shapes = options.staticShapes ?? {};
  checkNames(openGraph(model), of, options);
  checkStaticShapes(model, shapes);
  const folded = simplify(model, shapes, options.wrt);
  const asked = new Set([...options.wrt, ...openGraph(folded).outputs]);
  const simple = fuseLayerNorms(folded, inferFacts(openGraph(folded), shapes), asked);
  const graph = openGraph(simple);
  const facts = inferFacts(graph, shapes);
  const { active, nodes } = analyseActivity(graph, facts, of, options.wrt);

  const taken = (name: string) =>
    graph.producer(name) !== undefined || graph.initializers.has(name);
  const b = createBuilder(taken);
  const adjoints = createAdjoints(b, (value) => {
    const { dims, dtype } = facts(value);
    return { dims, dtype };
  });
  const forward = createForward(graph);
  for (const output of new Set(of)) adjoints.add(output, `grad_${output}`);
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((o) => o !== '' && adjoints.get(o) !== undefined)) continue;
    const { demandOutput, replaceOutput } = forward;
    const c = ruleContext(node, {
      graph,
      of: facts,
      b,
      adjoints,
      active,
      asked,
      weights: options.weights ?? 'rearranged',
      demandOutput,
      replaceOutput,
    });
    const op = node.op as DifferentiableOp;
    if (!COMPOSITES[op]?.some((composite) => composite(c))) RULES[op](c);
  }
  const results = options.wrt.map((value) => {
    const proto: NodeProto = {
      opType: 'Identity',
      name: `grad_${value}`,
      input: [adjoints.get(value) as string],
      output: [`grad_${value}`],
    };
    return nodeOf(proto);
  });

  const keep = options.keep ?? graph.outputs;
  const outputs = [...keep, ...options.wrt.map((value) => `grad_${value}`)];
  const initializers = [...(graph.proto.initializer ?? []), ...b.initializers];
  const all = prune([...forward.nodes(), ...b.nodes, ...results], initializers, outputs);
  return withGraph(simple, (proto) => {
    proto.node = all.nodes.map((n) => n.proto);
    proto.initializer = all.initializers;
    proto.valueInfo = [];
    proto.input = [
      ...(proto.input ?? []),
      ...[...new Set(of)].map((o) => floatInfo(facts, o, `grad_${o}`)),
    ];
    proto.output = [
      ...(proto.output ?? []).filter((o) => keep.includes(o.name ?? '')),
      ...options.wrt.map((v) => floatInfo(facts, v, `grad_${v}`)),
    ];
    // Replaced forward nodes read what backward helpers make: order them again.
    proto.node = openGraph({ proto: { ...simple.proto, graph: proto }, dir: simple.dir }).nodes.map(
      (n) => n.proto,
    );
  });
}
