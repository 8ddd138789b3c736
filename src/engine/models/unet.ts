import { type OnnxModel, readModel, type Session, type Tensor, tensorOf } from '../onnx/index.ts';
import { stack, unstack } from './batch.ts';
import { errorFeeds, errorInsteadOfGradient } from './error-seed.ts';
import type { DiffusionModel, Float32Tensor, UnetCounters, UnetInput } from './model.ts';
import type { Sessions } from './sessions.ts';

const inputs = { sample: 'sample', context: 'encoder_hidden_states' } as const;
const output = 'out_sample';
const gradOutput = `grad_${output}`;

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
      const session = await vjpSession('error', wrt, (vjp) => errorInsteadOfGradient(vjp, output));
      const feeds = {
        sample: z,
        encoder_hidden_states: c,
        ...errorFeeds(target, weights),
      };
      const result = await evaluate(session, t, feeds);
      counters.unetVjp += t.length;
      return gradients(result, wrt);
    },
  };
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
