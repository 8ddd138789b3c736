import { type NodeProto, type OnnxModel, valueInfoProto } from '../../onnx/index.ts';
import { analyseActivity } from '../activity.ts';
import { fuseLayerNorms } from '../fuse.ts';
import { constantValues, type Node, nodeOf, openGraph, readsOf, withGraph } from '../graph.ts';
import { inferFacts } from '../infer/index.ts';
import { prune, simplify } from '../simplify.ts';
import { fuseAttention } from './attention.ts';
import { cutIntoStages, type Stage } from './cuts.ts';
import { memoryOfStages, peakBytes } from './peak.ts';
import { bytesOf } from './sizes.ts';
import { differentiateStage, lowered } from './stage.ts';

/** Inputs of a staged gradient graph, besides those of the original. */
export const BACKWARD = 'backward';
export const ERROR_TARGET = 'error_target';
export const ERROR_SCALE = 'error_scale';

export interface StagedOptions {
  /** The output that is differentiated, [B, ...]. */
  of: string;
  /** Inputs of the graph by which. */
  wrt: readonly string[];
  /** Bytes of values that a stage may make, for a batch of one: fewer means more stages. */
  stageBytes: number;
  /** Bytes that the scores of one attention may have, for a batch of one: larger ones are sliced. */
  sliceBytes: number;
  /** As of `buildVjp`. */
  weights?: 'rearranged' | 'shared';
}

export interface StagedVjp {
  readonly model: OnnxModel;
  readonly stages: number;
  /** Bytes for each sample of a batch, at most: of a forward run, and of one with gradients. */
  readonly forwardBytes: number;
  readonly backwardBytes: number;
}

/**
 * Forward pass and vector-Jacobian product of a model as one graph that needs little memory: the
 * forward pass keeps only what crosses the borders between stages (Griewank and Walther's
 * checkpoints; Chen et al., arXiv 1604.06174), and stage by stage, from the last to the first, it is
 * computed again and differentiated, each in the branch of an `If` of its own: so that nothing of one
 * stage is begun before the one behind it is done with. Weights are there once for all.
 *
 * Inputs: the original's; `backward`, a bool: whether gradients are wanted; `grad_<of>` g,
 * `error_target` t and `error_scale` s, from which the cotangent is s (of - t) + g (whatever is not
 * wanted is fed as a 0 that broadcasts). Outputs: `of`, and `grad_<wrt>`, empty without `backward`.
 * @throws AutodiffError as `buildVjp` does
 */
export function buildStagedVjp(model: OnnxModel, options: StagedOptions): StagedVjp {
  const { of, wrt, stageBytes, sliceBytes, weights = 'shared' } = options;
  const kept = only(simplify(model), of);
  const plain = fuseLayerNorms(kept, inferFacts(openGraph(kept)), new Set([of, ...wrt]));
  const fused = fuseAttention(plain, sliceBytes, new Set([of]));
  const graph = openGraph(fused);
  const facts = inferFacts(graph);
  const { active, nodes: path } = analyseActivity(graph, facts, [of], wrt);
  const onPath = new Set(path);
  const stages = cutIntoStages(graph, facts, stageBytes);

  const adjoints = new Map<string, string>();
  const seeds = new Map([[of, seedOf(of)]]);
  const branches: Node[] = [];
  const constants: Node[] = [];
  const initializers = [...(graph.proto.initializer ?? [])];
  const peaks = new Map<Stage, number>();
  for (const [i, stage] of [...stages.entries()].reverse()) {
    const has = stage.gives.filter((v) => v === of || adjoints.has(v));
    const wanted = reached(stage, has, active, onPath);
    if (wanted.length === 0) continue;
    const gradient = differentiateStage(stage, has, wanted, {
      graph,
      facts,
      dir: model.dir,
      prefix: `stage${i}`,
      condition: BACKWARD,
      adjoints,
      seeds,
      weights,
    });
    for (const [value, adjoint] of gradient.adjoints) adjoints.set(value, adjoint);
    branches.push(gradient.branch);
    constants.push(...gradient.constants);
    initializers.push(...gradient.initializers);
    peaks.set(stage, gradient.peak);
  }

  const results = wrt.map((value) =>
    nodeOf({
      opType: 'Identity',
      name: `grad_${value}`,
      input: [adjoints.get(value) ?? ''],
      output: [`grad_${value}`],
    }),
  );
  const forward = lowered(fused);
  const opened = openGraph(forward);
  const free = (name: string, like: string) => {
    const { dtype = 'float32', dims } = facts(like);
    return valueInfoProto(
      name,
      dtype,
      dims?.map(() => '?'),
    );
  };
  const staged = withGraph(forward, (proto) => {
    const all = [...opened.nodes, ...constants, ...branches, ...results];
    const outputs = [of, ...wrt.map((value) => `grad_${value}`)];
    const fresh = initializers.filter((t) => !opened.initializers.has(t.name ?? ''));
    const pruned = prune(all, [...opened.initializers.values(), ...fresh], outputs);
    proto.node = pruned.nodes.map((n) => n.proto);
    proto.initializer = pruned.initializers;
    proto.valueInfo = [];
    proto.input = [
      ...(proto.input ?? []),
      valueInfoProto(BACKWARD, 'bool', []),
      ...[`grad_${of}`, ERROR_TARGET, ERROR_SCALE].map((name) => free(name, of)),
    ];
    proto.output = [
      ...(proto.output ?? []).filter((o) => o.name === of),
      ...wrt.map((value) => free(`grad_${value}`, value)),
    ];
  });
  const forwardPeak = peakBytes(opened, inferFacts(opened), constantValues(opened));
  const size = (value: string) => bytesOf(facts(value));
  const { borders, backward } = memoryOfStages(stages, new Set(adjoints.keys()), peaks, size);
  return {
    model: ordered(staged),
    stages: stages.length,
    forwardBytes: borders + forwardPeak,
    backwardBytes: Math.max(borders + forwardPeak, backward),
  };
}

/** The model without the outputs that nobody asks for. */
function only(model: OnnxModel, of: string): OnnxModel {
  const graph = openGraph(model);
  if (!graph.outputs.includes(of)) return model;
  const pruned = prune(graph.nodes, graph.proto.initializer ?? [], [of]);
  return withGraph(model, (proto) => {
    proto.node = pruned.nodes.map((n) => n.proto);
    proto.initializer = pruned.initializers;
    proto.output = (proto.output ?? []).filter((o) => o.name === of);
  });
}

/** grad = s (of - t) + g. */
function seedOf(of: string): NodeProto[] {
  const node = (opType: string, input: string[], output: string): NodeProto => {
    return { opType, name: output, input, output: [output] };
  };
  return [
    node('Sub', [of, ERROR_TARGET], 'seed/residual'),
    node('Mul', ['seed/residual', ERROR_SCALE], 'seed/scaled'),
    node('Add', ['seed/scaled', `grad_${of}`], `grad_${of}`),
  ];
}

/** What the stage reads and has a gradient by. */
function reached(
  stage: Stage,
  has: readonly string[],
  active: ReadonlySet<string>,
  onPath: ReadonlySet<Node>,
): string[] {
  const leads = new Set(has);
  for (const node of [...stage.nodes].reverse()) {
    if (!onPath.has(node) || !node.outputs.some((o) => leads.has(o))) continue;
    for (const input of readsOf(node)) if (active.has(input)) leads.add(input);
  }
  return stage.reads.filter((value) => leads.has(value) && active.has(value));
}

function ordered(model: OnnxModel): OnnxModel {
  const nodes = openGraph(model).nodes;
  return withGraph(model, (proto) => {
    proto.node = nodes.map((n) => n.proto);
  });
}
