import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { graphOf, withGraph } from '../../../src/engine/models/graph.ts';
import {
  heldWeights,
  memoryOf,
  type PartGraph,
  type PartPlan,
  weightBytes,
} from '../../../src/engine/models/memory.ts';
import { withSizes } from '../../../src/engine/models/sizes.ts';
import { decodeModel, dimsOf, type Provider, readModel } from '../../../src/engine/onnx/index.ts';

/** Stable Diffusion 1.5 at its full size, as diffusers' script exports it, without the weights. */
const partOf = (part: string) =>
  decodeModel(gunzipSync(readFileSync(`test/fixtures/sd15/${part}.onnx.gz`)), null);
const graphs = {
  text_encoder: partOf('text_encoder'),
  unet: partOf('unet'),
  vae_encoder: partOf('vae_encoder'),
  vae_decoder: partOf('vae_decoder'),
};
const latents = [undefined, 4, 64, 64];
const unet = withSizes(graphs.unet, {
  sample: latents,
  timestep: [undefined],
  encoder_hidden_states: [undefined, 77, 768],
});
const decoder = withSizes(graphs.vae_decoder, { latent_sample: latents });

/** Without the table of tokens, as it is run. */
const text = withGraph(graphs.text_encoder, {
  initializer: graphOf(graphs.text_encoder).initializer!.filter((t) => dimsOf(t)[0] !== 49_408),
});
const parts = {
  unet: { model: () => unet, of: 'out_sample', wrt: ['sample', 'encoder_hidden_states'] },
  vae_decoder: { model: () => decoder, of: 'sample', wrt: ['latent_sample'] },
};

function planned(
  provider: Provider,
  megabytes: number,
  precision: 'float32' | 'float16' = 'float32',
  ofGpu?: number,
  others: { unet?: PartGraph } = {},
) {
  const held = heldWeights({ ...graphs, text_encoder: text }, precision);
  const settings = { provider, megabytes, precision };
  const memory = memoryOf('sd15', held, { ...parts, ...others }, settings, () => ofGpu);
  return {
    memory,
    unet: () => memory.plan('unet'),
    decoder: () => memory.plan('vae_decoder'),
  };
}

/** MB that the stages hold of all samples that are run at once. */
const megabytesOf = ({ staged, most }: PartPlan, bytesPerFloat = 4) =>
  ((staged?.backwardBytes ?? Number.NaN) * most * bytesPerFloat) / 4e6;

describe('the plan of Stable Diffusion 1.5 at 512 x 512', () => {
  it('has its weights: 1,066 million of them', () => {
    const bytes = Object.values(graphs).map((g) => weightBytes(g, 'float32'));
    expect(bytes.reduce((sum, one) => sum + one, 0) / 4e6).toBeCloseTo(1066.2, 0);
  });

  it('holds the text encoder twice, and backward in two arrangements, whatever the precision', () => {
    const megabytes = (precision: 'float32' | 'float16') =>
      Math.round(heldWeights({ ...graphs, text_encoder: text }, precision).all / 1e6);
    expect(weightBytes(text, 'float32') / 4e6).toBeCloseTo(85.1, 0);
    expect(megabytes('float32')).toBe(4794);
    expect(megabytes('float16')).toBe(2976);
  });

  it('fits a GPU of 12 GB, a step of Eq. 2 in one piece, and takes more samples on a larger one', () => {
    const plan = planned('cuda', 0);
    const [described, drawn] = [plan.unet(), plan.decoder()];
    expect(described.most).toBeGreaterThanOrEqual(4);
    expect(drawn.most).toBe(1);
    expect(4794 + megabytesOf(described) + megabytesOf(drawn)).toBeLessThan(11_500 - 1500);
    // In the same graph, also where the driver tells what there is.
    const large = planned('cuda', 0, 'float32', 85_520);
    const many = large.decoder();
    expect(many.most).toBeGreaterThan(drawn.most);
    expect(many.staged).toEqual(drawn.staged);
    expect(large.memory.key).not.toBe(plan.memory.key);
  });

  it('rearranges weights on WebGPU where there is room for copies, and fits 12 GB without', () => {
    const small = planned('webgpu', 0, 'float32', 12_884);
    expect(small.decoder()).toMatchObject({ weights: 'shared', most: 1 });
    // A small graph in the place of the U-Net's, which takes seconds to plan.
    const tiny = withSizes(readModel('test/fixtures/models/script/vae_decoder/model.onnx'), {
      latent_sample: [undefined, 4, 8, 8],
    });
    const unet = { ...parts.vae_decoder, model: () => tiny };
    const large = planned('webgpu', 0, 'float32', 25_770, { unet });
    const drawn = large.decoder();
    expect(drawn.weights).toBe('rearranged');
    expect(4794 + 3636 + megabytesOf(drawn)).toBeLessThan(0.9 * 25_770 - 1500);
    expect(large.unet()).toMatchObject({ staged: undefined });
    expect(large.memory.key).not.toBe(small.memory.key);
  });

  it('fits a GPU of 8 GB by float16, and is refused by float32 with what it needs', () => {
    const drawn = planned('cuda', 0, 'float16', 8589).decoder();
    expect(2976 + megabytesOf(drawn, 2)).toBeLessThan(7000);
    expect(() => planned('cuda', 0, 'float32', 8589).decoder()).toThrow(
      expect.objectContaining({
        code: 'MEMORY_TOO_SMALL',
        message: expect.stringMatching(
          /vae_decoder .* about 1\d{4} MB of memory in all, and 7730 MB/,
        ),
      }),
    );
  });

  it('fits a machine of 24 GB without a GPU, a sample at a time', () => {
    expect(planned('cpu', 18_000).decoder().most).toBe(1);
  });
});
