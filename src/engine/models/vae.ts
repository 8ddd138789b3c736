import { type NodeProto, type OnnxModel, readModel } from '../onnx/index.ts';
import { float32, stack, unstack } from './batch.ts';
import { graphOf, withGraph } from './graph.ts';
import type { DiffusionModel, Float32Tensor } from './model.ts';
import type { Sessions } from './sessions.ts';
import { unusable } from './unusable.ts';

export type Vae = Pick<DiffusionModel, 'encode' | 'decode' | 'decodeVjp'>;

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

    async decodeVjp(z, gradPixels) {
      const session = await sessions.vjp('vae_decoder vjp', () => readModel(options.decoder), {
        of: 'sample',
        wrt: ['latent_sample'],
      });
      const result = await session.run({ latent_sample: unscale(z), grad_sample: gradPixels });
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
 * The encoder's mean: exporters that sample inside the graph draw noise of the shape of another
 * value; x - x in its place leaves mean + deviation * 0.
 */
function withoutNoise(model: OnnxModel): OnnxModel {
  const graph = graphOf(model);
  const nodes = graph.node ?? [];
  if (!nodes.some((node) => node.opType === 'RandomNormalLike')) return model;
  const quiet = (node: NodeProto): NodeProto => {
    const like = node.input?.[0] ?? '';
    return { opType: 'Sub', name: node.name ?? '', input: [like, like], output: node.output ?? [] };
  };
  return withGraph(model, {
    node: nodes.map((node) => (node.opType === 'RandomNormalLike' ? quiet(node) : node)),
  });
}
