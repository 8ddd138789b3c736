import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { graphOf, withGraph } from '../../../src/engine/models/graph.ts';
import { latentChannels, refuseOtherUnets } from '../../../src/engine/models/refusals.ts';
import {
  copyMessage,
  dimsOfType,
  type OnnxModel,
  readModel,
  valueInfoProto,
} from '../../../src/engine/onnx/index.ts';
import { fixtureDir } from './fixtures.ts';

const graphs = {
  unet: readModel(join(fixtureDir('script'), 'unet/model.onnx')),
  vae_decoder: readModel(join(fixtureDir('script'), 'vae_decoder/model.onnx')),
};

/** Why a U-Net is refused, in its own words. */
function reason(
  unet: OnnxModel,
  { taken, predicted }: { taken?: number; predicted?: number } = {},
  decoder = graphs.vae_decoder,
): string {
  const unetChannels = { in: taken, out: predicted };
  try {
    refuseOtherUnets({ dir: 'folder', unetChannels }, { unet, vae_decoder: decoder });
  } catch (error) {
    return (error as Error).message;
  }
  return 'it was accepted';
}

const withInputs = (...names: string[]) =>
  withGraph(graphs.unet, {
    input: [
      ...(graphOf(graphs.unet).input ?? []),
      ...names.map((name) => valueInfoProto(name, 'float32', ['batch', 6])),
    ],
  });

/** Free channels at one end, and the kernel there of another size; its values are not looked at. */
function freed(model: OnnxModel, end: 'input' | 'output', name: string, kernel?: number) {
  const graph = graphOf(model);
  const ends = (graph[end] ?? []).map((info) =>
    info.name === name
      ? valueInfoProto(
          name,
          'float32',
          (dimsOfType(info.type) ?? []).map((_, i) => `d${i}`),
        )
      : info,
  );
  const conv = (graph.node ?? []).find(
    ({ opType, input = [], output = [] }) =>
      opType === 'Conv' && (end === 'input' ? input : output)[0] === name,
  );
  const initializer = (graph.initializer ?? []).map((tensor) => {
    if (kernel === undefined || tensor.name !== conv?.input?.[1]) return tensor;
    const changed = copyMessage(tensor);
    const dims = [...(tensor.dims ?? [])];
    dims[end === 'input' ? 1 : 0] = kernel;
    changed.dims = dims;
    return changed;
  });
  return withGraph(model, { [end]: ends, initializer });
}

describe('a U-Net that wants more than text', () => {
  it.each<[string[], RegExp]>([
    [
      ['text_embeds', 'time_ids'],
      /wants text_embeds, time_ids as well.*it is SDXL's; use a text-to-image model of Stable Diff/,
    ],
    [['timestep_cond'], /latent consistency model \(LCM\); use the model that it was distilled/],
    [['mid_block_additional_residual'], /one for ControlNet.*; export the model without it/],
    [['image_embeds'], /IP-Adapter say; export the model without that/],
    [['class_labels'], /upscaler or of unCLIP; use a text-to-image model/],
    [['mask'], /wants mask as well.*made for more than text; use a text-to-image model/],
  ])('is refused with what it is and what to use: %j', (names, message) => {
    expect(reason(withInputs(...names))).toMatch(message);
  });
});

describe('channels of a U-Net', () => {
  it('are those of the latents, by its settings or by its graph', () => {
    expect(reason(graphs.unet)).toBe('it was accepted');
    expect(reason(graphs.unet, { taken: 4, predicted: 4 })).toBe('it was accepted');
    const free = freed(freed(graphs.unet, 'input', 'sample'), 'output', 'out_sample');
    const decoder = freed(graphs.vae_decoder, 'input', 'latent_sample');
    expect(latentChannels(decoder)).toBe(4);
    expect(reason(free, {}, decoder)).toBe('it was accepted');
  });

  it.each<[number, RegExp]>([
    [9, /takes 9 channels where latents have 4, as those for inpainting do: use a text-to-image/],
    [8, /as those for editing by instructions \(instruct-pix2pix\) do: .* whose U-Net takes 4\./],
    [5, /as those for pictures with a depth map do/],
    [7, /as those for upscaling do/],
    [6, /takes 6 channels where latents have 4: use a text-to-image/],
  ])('are refused where they are %d, whoever says so', (taken, message) => {
    expect(reason(graphs.unet, { taken })).toMatch(message);
    expect(reason(freed(graphs.unet, 'input', 'sample', taken))).toMatch(message);
  });

  it('are refused where it predicts more than noise', () => {
    const message = /predicts 8 channels where latents have 4: use a text-to-image/;
    expect(reason(graphs.unet, { predicted: 8 })).toMatch(message);
    expect(reason(freed(graphs.unet, 'output', 'out_sample', 8))).toMatch(message);
  });
});
