import {
  AttributeType,
  dtypeOfCode,
  type NodeProto,
  type OnnxModel,
  tensorToProto,
  zeros,
} from '../onnx/index.ts';
import { float32, stack, unstack } from './batch.ts';
import type { Differentiable } from './differentiable.ts';
import { graphOf, withGraph } from './graph.ts';
import type { DiffusionModel, Float32Tensor } from './model.ts';
import { readLight } from './read.ts';
import type { Sessions } from './sessions.ts';
import { unusable } from './unusable.ts';

/** What the decoder's graph calls its input and its output. */
export const decoderInput = 'latent_sample';
export const decoderOutput = 'sample';

export type Vae = Pick<DiffusionModel, 'encode' | 'decode' | 'decodeErrorVjp'>;

export interface VaeOptions {
  dir: string;
  encoder: string;
  decoder: Differentiable;
  /** Samples that are encoded at once. */
  most: number;
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
      const read = () => withoutNoise(readLight(options.encoder));
      const session = await sessions.get('vae_encoder', read, { most: options.most });
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

    decode: (z) => options.decoder.forward({ [decoderInput]: unscale(z) }),

    async decodeErrorVjp(z, target, weights) {
      const feeds = { [decoderInput]: unscale(z) };
      const result = await options.decoder.gradients(feeds, { target, weights }, [decoderInput]);
      return {
        pixels: result[decoderOutput] as Float32Tensor,
        gradZ: unscale(result[`grad_${decoderInput}`] as Float32Tensor),
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
