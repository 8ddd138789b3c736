import { type Tensor, tensorOf } from '../onnx/index.ts';
import { stack, unstack } from './batch.ts';
import type { Differentiable, Seed } from './differentiable.ts';
import type { DiffusionModel, Float32Tensor, UnetCounters, UnetInput } from './model.ts';

/** What the U-Net's graph calls its inputs and its output. */
export const unetInputs = { sample: 'sample', context: 'encoder_hidden_states' } as const;
export const unetOutput = 'out_sample';

export type Unet = Pick<DiffusionModel, 'unet' | 'unetVjp' | 'unetErrorVjp'>;

/** Tensors that differ between samples, each [B, ...]. */
type Samples = Record<string, Float32Tensor>;
type Results = Record<string, Float32Tensor>;

/** The U-Net's three kinds of evaluation. */
export function createUnet(part: Differentiable, counters: UnetCounters): Unet {
  const gradients = async (
    z: Float32Tensor,
    t: readonly number[],
    c: Float32Tensor,
    seed: Seed,
    wrt: readonly UnetInput[],
  ) => {
    const names = wrt.map((name) => unetInputs[name]);
    const seeds: Samples =
      'cotangent' in seed ? { cotangent: seed.cotangent } : { target: seed.target };
    const samples = { [unetInputs.sample]: z, [unetInputs.context]: c, ...seeds };
    const result = await byTimestep(part, t, samples, (times, group, members) => {
      const { cotangent, target, ...feeds } = group;
      const own: Seed =
        'cotangent' in seed
          ? { cotangent: cotangent as Float32Tensor }
          : {
              target: target as Float32Tensor,
              weights: members.map((i) => seed.weights[i] as number),
            };
      return part.gradients({ ...feeds, timestep: times }, own, names);
    });
    counters.unetVjp += t.length;
    const [gradSample, gradContext] = [
      result[`grad_${unetInputs.sample}`],
      result[`grad_${unetInputs.context}`],
    ];
    return {
      out: pick(result, unetOutput),
      ...(wrt.includes('sample') && gradSample && { gradSample }),
      ...(wrt.includes('context') && gradContext && { gradContext }),
    };
  };

  return {
    async unet(z, t, c) {
      const samples = { [unetInputs.sample]: z, [unetInputs.context]: c };
      const result = await byTimestep(part, t, samples, async (timestep, feeds) => ({
        [unetOutput]: await part.forward({ ...feeds, timestep }),
      }));
      counters.unetForward += t.length;
      return pick(result, unetOutput);
    },
    unetVjp: (z, t, c, cotangent, wrt) => gradients(z, t, c, { cotangent }, wrt),
    unetErrorVjp: (z, t, c, target, weights, wrt) => gradients(z, t, c, { target, weights }, wrt),
  };
}

/**
 * Some exporters give the U-Net one timestep for the whole batch (a scalar, or a vector of one):
 * then samples are run in groups of equal timesteps and put back in order.
 * @param run is given the timestep as the graph wants it, and which samples it is about
 */
async function byTimestep(
  part: Differentiable,
  t: readonly number[],
  samples: Samples,
  run: (timestep: Tensor, group: Samples, members: readonly number[]) => Promise<Results>,
): Promise<Results> {
  const info = part.input('timestep');
  if (!info) throw new Error('the U-Net has no input "timestep"');
  const { dtype } = info;
  if (info.dims.length === 1 && info.dims[0] !== 1) {
    const all = t.map((_, i) => i);
    return run(tensorOf(dtype, [t.length], t), samples, all);
  }

  const dims = info.dims.length === 0 ? [] : [1];
  const collected: Record<string, { dims: readonly number[]; samples: Float32Array[] }> = {};
  for (const time of new Set(t)) {
    const members = t.flatMap((value, i) => (value === time ? [i] : []));
    const group = Object.fromEntries(
      Object.entries(samples).map(([name, feed]) => {
        const every = unstack(feed);
        const own = members.map((i) => every[i] as Float32Array);
        return [name, stack(own, feed.dims.slice(1))];
      }),
    );
    const result = await run(tensorOf(dtype, dims, [time]), group, members);
    for (const [name, value] of Object.entries(result)) {
      collected[name] ??= { dims: value.dims.slice(1), samples: [] };
      const places = collected[name].samples;
      unstack(value).forEach((sample, i) => {
        places[members[i] as number] = sample;
      });
    }
  }
  return Object.fromEntries(
    Object.entries(collected).map(([name, { dims: shape, samples: own }]) => [
      name,
      stack(own, shape),
    ]),
  );
}

function pick(result: Results, name: string): Float32Tensor {
  const value = result[name];
  if (!value) throw new Error(`the graph made no "${name}"`);
  return value;
}
