import {
  type NodeProto,
  type OnnxModel,
  readModel,
  type Session,
  type Tensor,
  tensorOf,
  valueInfoProto,
} from '../onnx/index.ts';
import { float32, stack, unstack } from './batch.ts';
import { graphOf, readsOf, withGraph } from './graph.ts';
import type { DiffusionModel, Float32Tensor, UnetCounters, UnetInput } from './model.ts';
import type { Sessions } from './sessions.ts';

const inputs = { sample: 'sample', context: 'encoder_hidden_states' } as const;
const output = 'out_sample';
const gradOutput = `grad_${output}`;
const targetInput = 'error_target';
const scaleInput = 'error_scale';

export type Unet = Pick<DiffusionModel, 'unet' | 'unetVjp' | 'unetErrorVjp'>;

/** Feeds that differ between samples, each [B, ...]. */
type Feeds = Record<string, Float32Tensor>;

/**
 * The U-Net's three kinds of evaluation. Gradient graphs are built when first asked for, one for
 * each set of inputs; each holds the weights once more.
 */
export function createUnet(path: string, sessions: Sessions, counters: UnetCounters): Unet {
  const evaluate = (session: Session, t: readonly number[], feeds: Feeds) =>
    byTimestep(session, t, feeds);
  const gradients = (result: Record<string, Float32Tensor>, wrt: readonly UnetInput[]) => {
    const [gradSample, gradContext] = [
      result[`grad_${inputs.sample}`],
      result[`grad_${inputs.context}`],
    ];
    return {
      out: pick(result, output),
      ...(wrt.includes('sample') && gradSample && { gradSample }),
      ...(wrt.includes('context') && gradContext && { gradContext }),
    };
  };
  const vjpSession = (
    kind: string,
    wrt: readonly UnetInput[],
    edit?: (vjp: OnnxModel) => OnnxModel,
  ) => {
    const sorted = [...new Set(wrt)].sort();
    const names = sorted.map((name) => inputs[name]);
    const key = `unet ${kind} ${sorted.join('+')}`;
    return sessions.vjp(key, () => readModel(path), { of: output, wrt: names }, edit);
  };

  return {
    async unet(z, t, c) {
      const session = await sessions.get('unet', () => path);
      const result = await evaluate(session, t, { sample: z, encoder_hidden_states: c });
      counters.unetForward += t.length;
      return pick(result, output);
    },

    async unetVjp(z, t, c, gradOut, wrt) {
      const session = await vjpSession('vjp', wrt);
      const feeds = { sample: z, encoder_hidden_states: c, [gradOutput]: gradOut };
      const result = await evaluate(session, t, feeds);
      counters.unetVjp += t.length;
      return gradients(result, wrt);
    },

    async unetErrorVjp(z, t, c, target, weights, wrt) {
      const session = await vjpSession('error', wrt, errorInsteadOfGradient);
      const scale = float32(
        [t.length, 1, 1, 1],
        Float32Array.from(weights, (w) => 2 * w),
      );
      const feeds = {
        sample: z,
        encoder_hidden_states: c,
        [targetInput]: target,
        [scaleInput]: scale,
      };
      const result = await evaluate(session, t, feeds);
      counters.unetVjp += t.length;
      return gradients(result, wrt);
    },
  };
}

/**
 * Lets a gradient graph compute its own seed, grad_out = scale * (out - target), from new inputs
 * `error_target` [B, C, h, w] and `error_scale` [B, 1, 1, 1]: with scale = 2 w it differentiates
 * sum_b w_b || out_b - target_b ||^2.
 */
function errorInsteadOfGradient(vjp: OnnxModel): OnnxModel {
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

/**
 * Some exporters give the U-Net one timestep for the whole batch (a scalar, or a vector of one):
 * then samples are run in groups of equal timesteps and put back in order.
 */
async function byTimestep(
  session: Session,
  t: readonly number[],
  feeds: Feeds,
): Promise<Record<string, Float32Tensor>> {
  const info = session.inputs.find((input) => input.name === 'timestep');
  if (!info) throw new Error('the U-Net has no input "timestep"');
  const dtype = info.dtype;
  const run = (times: readonly number[], dims: readonly number[], samples: Feeds) =>
    session.run({ ...samples, timestep: tensorOf(dtype, dims, times) as Tensor });
  if (info.dims.length === 1 && info.dims[0] !== 1) {
    return (await run(t, [t.length], feeds)) as Record<string, Float32Tensor>;
  }

  const dims = info.dims.length === 0 ? [] : [1];
  const collected: Record<string, { dims: readonly number[]; samples: Float32Array[] }> = {};
  for (const time of new Set(t)) {
    const members = t.flatMap((value, i) => (value === time ? [i] : []));
    const part = Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => {
        const samples = unstack(feed);
        return [
          name,
          stack(
            members.map((i) => samples[i] as Float32Array),
            feed.dims.slice(1),
          ),
        ];
      }),
    );
    const result = (await run([time], dims, part)) as Record<string, Float32Tensor>;
    for (const [name, value] of Object.entries(result)) {
      collected[name] ??= { dims: value.dims.slice(1), samples: [] };
      const samples = collected[name].samples;
      unstack(value).forEach((sample, i) => {
        samples[members[i] as number] = sample;
      });
    }
  }
  return Object.fromEntries(
    Object.entries(collected).map(([name, { dims: shape, samples }]) => [
      name,
      stack(samples, shape),
    ]),
  );
}

function pick(result: Record<string, Float32Tensor>, name: string): Float32Tensor {
  const value = result[name];
  if (!value) throw new Error(`the graph made no "${name}"`);
  return value;
}
