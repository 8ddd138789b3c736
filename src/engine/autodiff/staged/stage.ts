import {
  AttributeType,
  copyMessage,
  type NodeProto,
  type OnnxModel,
  type TensorProto,
  tensorToProto,
  valueInfoProto,
  zeros,
} from '../../onnx/index.ts';
import { constantValues, type Graph, type Node, nodeOf, openGraph, withGraph } from '../graph.ts';
import { type FactsOf, inferFacts } from '../infer/index.ts';
import { prune } from '../simplify.ts';
import { buildVjp } from '../vjp.ts';
import { lowerAttention } from './attention.ts';
import type { Stage } from './cuts.ts';
import { peakBytes } from './peak.ts';

/** The gradient of a stage as the branch of an If, and what has to stand outside of it. */
export interface StageGradient {
  /** The If. Its outputs are adjoints of `wrt`, in that order. */
  readonly branch: Node;
  readonly adjoints: ReadonlyMap<string, string>;
  /** Nodes that compute of weights alone: outside, where the runtime folds them when it loads. */
  readonly constants: readonly Node[];
  readonly initializers: readonly TensorProto[];
  /** Bytes that are there at once inside of the branch, for a batch of one. */
  readonly peak: number;
}

export interface StageOptions {
  readonly graph: Graph;
  readonly facts: FactsOf;
  readonly dir: string | null;
  /** Distinguishes the names of this stage. */
  readonly prefix: string;
  /** The boolean that switches the branch on. */
  readonly condition: string;
  /** Adjoints that later stages have found so far, by value. */
  readonly adjoints: ReadonlyMap<string, string>;
  /** Nodes that make the adjoint of an output of the whole graph, put inside of the branch. */
  readonly seeds: ReadonlyMap<string, readonly NodeProto[]>;
  readonly weights: 'rearranged' | 'shared';
}

/** The stage's own part of the graph, as a model. */
function modelOf(stage: Stage, outputs: readonly string[], options: StageOptions): OnnxModel {
  const { graph, facts, dir } = options;
  const constant = constantValues(graph);
  const info = (value: string) => {
    const { dtype = 'float32', dims } = facts(value);
    return valueInfoProto(value, dtype, dims);
  };
  const around = graph.nodes.filter((n) => n.outputs.some((o) => constant.has(o)));
  const initializers = graph.proto.initializer ?? [];
  const kept = prune([...around, ...stage.nodes], initializers, outputs);
  const proto = {
    ...(graph.proto.name !== undefined && { name: graph.proto.name }),
    node: kept.nodes.map((n) => n.proto),
    initializer: kept.initializers,
    input: stage.reads.map(info),
    output: outputs.map(info),
  };
  const opsetImport = [
    { domain: '', version: graph.opset },
    { domain: 'likewise', version: 1 },
  ];
  return { proto: { irVersion: 8, opsetImport, graph: proto }, dir };
}

/**
 * Differentiates one stage.
 * @param of values that it gives whose adjoint is known
 * @param wrt values that it reads whose adjoint is wanted
 */
export function differentiateStage(
  stage: Stage,
  of: readonly string[],
  wrt: readonly string[],
  options: StageOptions,
): StageGradient {
  const { prefix, condition, adjoints, seeds, weights } = options;
  const vjp = lowered(buildVjp(modelOf(stage, of, options), { of, wrt, keep: [], weights }));
  const graph = openGraph(vjp);
  const constant = constantValues(graph);
  const shared = new Set(options.graph.initializers.keys());
  const outside = new Map<string, string>(of.map((o) => [`grad_${o}`, adjoints.get(o) ?? '']));
  for (const value of stage.reads) outside.set(value, value);
  for (const name of shared) outside.set(name, name);
  for (const o of of) if (seeds.has(o)) outside.delete(`grad_${o}`);
  const rename = (value: string) =>
    value === '' ? '' : (outside.get(value) ?? `${prefix}/${value}`);
  const renamed = (node: Node): Node => {
    const proto = copyMessage(node.proto);
    proto.input = node.inputs.map(rename);
    proto.output = node.outputs.map(rename);
    proto.name = `${prefix}/${node.name}`;
    return nodeOf(proto);
  };

  const inside = graph.nodes.filter((n) => !n.outputs.some((o) => constant.has(o))).map(renamed);
  for (const o of of) {
    // The seed reads the forward pass's own output, outside, and makes what the stage calls grad_o.
    for (const proto of seeds.get(o) ?? []) {
      const output = (proto.output ?? []).map((v) => (v === `grad_${o}` ? rename(v) : v));
      inside.unshift(nodeOf({ ...proto, output }));
    }
  }
  const made = new Map<string, string>();
  const results = wrt.map((value) => {
    const own = rename(`grad_${value}`);
    const before = adjoints.get(value);
    made.set(value, `${prefix}/adjoint/${value}`);
    if (before === undefined) return own;
    const sum = `${prefix}/sum/${value}`;
    inside.push(nodeOf({ opType: 'Add', name: sum, input: [own, before], output: [sum] }));
    return sum;
  });
  const typeOf = (value: string) => options.facts(value).dtype ?? 'float32';
  const info = (names: readonly string[]) =>
    names.map((name, i) => valueInfoProto(name, typeOf(wrt[i] as string)));
  const thenBranch = {
    name: `${prefix}/gradient`,
    node: sorted(inside, vjp),
    output: info(results),
  };
  const empty = wrt.map((value, i) => {
    const rank = options.facts(value).dims?.length ?? 1;
    const t = tensorToProto('', zeros(typeOf(value), new Array(rank).fill(0)));
    const name = `${prefix}/none/${i}`;
    const attribute = [{ name: 'value', type: AttributeType.tensor, t }];
    return { opType: 'Constant', name, input: [], output: [name], attribute };
  });
  const elseBranch = {
    name: `${prefix}/nothing`,
    node: empty,
    output: info(empty.map((n) => n.name)),
  };
  const branch = nodeOf({
    opType: 'If',
    name: `${prefix}/if`,
    input: [condition],
    output: [...made.values()],
    attribute: [
      { name: 'then_branch', type: AttributeType.graph, g: thenBranch },
      { name: 'else_branch', type: AttributeType.graph, g: elseBranch },
    ],
  });
  const initializers = (graph.proto.initializer ?? [])
    .filter((t) => !shared.has(t.name ?? ''))
    .map((t) => Object.assign(copyMessage(t), { name: rename(t.name ?? '') }));
  const constants = graph.nodes.filter((n) => n.outputs.some((o) => constant.has(o)));
  return {
    branch,
    adjoints: made,
    constants: constants.map(renamed),
    initializers,
    peak: peakBytes(graph, inferFacts(graph), constant),
  };
}

/** Branch nodes in an order that a runtime takes; what they read from outside is simply there. */
function sorted(nodes: readonly Node[], like: OnnxModel): NodeProto[] {
  const proto = { ...like.proto, graph: { node: nodes.map((n) => n.proto) } };
  return openGraph({ proto, dir: like.dir }).nodes.map((n) => n.proto);
}

/** The model with every `likewise.Attention` written out. */
export function lowered(model: OnnxModel): OnnxModel {
  const graph = openGraph(model);
  if (!graph.nodes.some((n) => n.op === 'likewise.Attention')) return model;
  const facts = inferFacts(graph);
  const parts = graph.nodes.map((n) => lowerAttention(n, facts));
  return withGraph(model, (proto) => {
    proto.node = parts.flatMap((p) => p.nodes).map((n) => n.proto);
    proto.initializer = [...(proto.initializer ?? []), ...parts.flatMap((p) => p.initializers)];
  });
}
