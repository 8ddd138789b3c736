import { ERROR_SCALE as scaleInput, ERROR_TARGET as targetInput } from '../autodiff/index.ts';
import { type NodeProto, type OnnxModel, valueInfoProto } from '../onnx/index.ts';
import { float32 } from './batch.ts';
import { graphOf, readsOf, withGraph } from './graph.ts';
import type { Float32Tensor } from './model.ts';

/**
 * Lets a gradient graph compute its own seed, grad_out = scale * (out - target), from new inputs
 * `error_target` [B, C, H, W] and `error_scale` [B, 1, 1, 1]: with scale = 2 w it differentiates
 * sum_b w_b || out_b - target_b ||^2, and nobody has to run the graph before to know the residual.
 * @param output what is differentiated; the graph keeps it
 */
export function errorInsteadOfGradient(vjp: OnnxModel, output: string): OnnxModel {
  const gradOutput = `grad_${output}`;
  const graph = graphOf(vjp);
  const nodes = graph.node ?? [];
  const seed: NodeProto[] = [
    { opType: 'Sub', name: 'error', input: [output, targetInput], output: ['error_residual'] },
    { opType: 'Mul', name: 'seed', input: ['error_residual', scaleInput], output: [gradOutput] },
  ];
  // Nodes must stand after those they read: behind the one that makes the output is early enough.
  const made = nodes.findIndex((node) => node.output?.includes(output));
  const used = nodes.findIndex((node) => readsOf(node).includes(gradOutput));
  const ordered =
    used > made
      ? [...nodes.slice(0, made + 1), ...seed, ...nodes.slice(made + 1)]
      : reorder([...nodes, ...seed]);
  const target = (graph.input ?? []).find((input) => input.name === gradOutput);
  return withGraph(vjp, {
    node: ordered,
    input: [
      ...(graph.input ?? []).filter((input) => input !== target),
      { ...target, name: targetInput },
      valueInfoProto(scaleInput, 'float32', ['batch', 1, 1, 1]),
    ],
  });
}

/** What such a graph wants besides. @param weights w, one a sample */
export function errorFeeds(
  target: Float32Tensor,
  weights: readonly number[],
): Record<string, Float32Tensor> {
  const scale = float32(
    [weights.length, 1, 1, 1],
    Float32Array.from(weights, (w) => 2 * w),
  );
  return { [targetInput]: target, [scaleInput]: scale };
}

/** Topological order that keeps the given one where it can. */
function reorder(nodes: readonly NodeProto[]): NodeProto[] {
  const makers = new Map(
    nodes.flatMap((node) => (node.output ?? []).map((o) => [o, node] as const)),
  );
  const ordered = new Set<NodeProto>();
  const visit = (node: NodeProto): void => {
    if (ordered.has(node)) return;
    for (const name of readsOf(node)) {
      const maker = makers.get(name);
      if (maker && maker !== node) visit(maker);
    }
    ordered.add(node);
  };
  nodes.forEach(visit);
  return [...ordered];
}
