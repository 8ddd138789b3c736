import {
  AttributeType,
  dtypeOfCode,
  type NodeProto,
  type OnnxModel,
  readModel,
  tensorToProto,
  zeros,
} from '../onnx/index.ts';
import { float32, stack, unstack } from './batch.ts';
import { errorFeeds, errorInsteadOfGradient } from './error-seed.ts';
import { graphOf, withGraph } from './graph.ts';
import type { DiffusionModel, Float32Tensor } from './model.ts';
import type { Sessions } from './sessions.ts';
import { unusable } from './unusable.ts';

export type Vae = Pick<DiffusionModel, 'encode' | 'decode' | 'decodeErrorVjp'>;

export interface VaeOptions {
  dir: string;
  encoder: string;
  decoder: string;
  scalingFactor: number;
  /** C */
  channels: number;
}

/** The autoencoder; graphs speak unscaled latents, everybody else scaled ones. */
export function createVae(options: VaeOptions, sessions: Sessions): Vae {
  const { scalingFactor, channels } = options;
  const unscale = (z: Float32Tensor) => scaled(z, 1 / scalingFactor);

  return {
    async encode(pixels) {
      const session = await sessions.get('vae_encoder', () =>
        withoutNoise(readModel(options.encoder)),
      );
      const name = session.outputs[0]?.name ?? '';
      const result = (await session.run({ sample: pixels }, [name]))[name] as Float32Tensor;
      if (name === 'latent_sample') return scaled(result, scalingFactor);
      if (name !== 'latent_parameters') {
        throw unusable(
          options.dir,
          `vae_encoder/model.onnx has no latent_sample or latent_parameters`,
        );
      }
      // Mean and log-variance along the channels: the first half is the mean.
      const [, , height = 0, width = 0] = result.dims;
      const means = unstack(result).map((sample) => sample.slice(0, channels * height * width));
      return scaled(stack(means, [channels, height, width]), scalingFactor);
    },

    async decode(z) {
      const session = await sessions.get('vae_decoder', () => options.decoder);
      return (await session.run({ latent_sample: unscale(z) })).sample as Float32Tensor;
    },

    async decodeErrorVjp(z, target, weights) {
      const session = await sessions.vjp(
        'vae_decoder error',
        () => readModel(options.decoder),
        { of: 'sample', wrt: ['latent_sample'] },
        (vjp) => errorInsteadOfGradient(vjp, 'sample'),
      );
      const feeds = { latent_sample: unscale(z), ...errorFeeds(target, weights) };
      const result = await session.run(feeds);
      return {
        pixels: result.sample as Float32Tensor,
        gradZ: unscale(result.grad_latent_sample as Float32Tensor),
      };
    },
  };
}

function scaled(z: Float32Tensor, factor: number): Float32Tensor {
  return float32(
    z.dims,
    z.data.map((value) => value * factor),
  );
}

/**
 * The encoder's mean: exporters that sample inside the graph draw noise, of the shape of another
 * value or, where shapes are fixed, of a given one. Zeros in its place leave mean + deviation * 0.
 */
export function withoutNoise(model: OnnxModel): OnnxModel {
  const nodes = graphOf(model).node ?? [];
  if (!nodes.some(({ opType = '' }) => opType in quiet)) return model;
  return withGraph(model, { node: nodes.map((node) => quiet[node.opType ?? '']?.(node) ?? node) });
}

/** What takes the place of operators that draw. */
const quiet: Record<string, (node: NodeProto) => NodeProto> = {
  RandomNormalLike(node) {
    const like = node.input?.[0] ?? '';
    return { opType: 'Sub', name: node.name ?? '', input: [like, like], output: node.output ?? [] };
  },
  RandomNormal(node) {
    const attribute = (name: string) => node.attribute?.find((one) => one.name === name);
    const dtype = dtypeOfCode(Number(attribute('dtype')?.i ?? 1)) ?? 'float32';
    const value = tensorToProto('', zeros(dtype, (attribute('shape')?.ints ?? []).map(Number)));
    return {
      opType: 'Constant',
      name: node.name ?? '',
      input: [],
      output: node.output ?? [],
      attribute: [{ name: 'value', type: AttributeType.tensor, t: value }],
    };
  },
};
