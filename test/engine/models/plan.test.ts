import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryOf, type PartPlan, weightBytes } from '../../../src/engine/models/memory.ts';
import { withSizes } from '../../../src/engine/models/sizes.ts';
import { decodeModel, type Provider } from '../../../src/engine/onnx/index.ts';
import { LikewiseError } from '../../../src/errors.ts';

/** Stable Diffusion 1.5 at its full size, as diffusers' script exports it, without the weights. */
const graphOf = (part: string) =>
  decodeModel(gunzipSync(readFileSync(`test/fixtures/sd15/${part}.onnx.gz`)), null);
const graphs = {
  text_encoder: graphOf('text_encoder'),
  unet: graphOf('unet'),
  vae_encoder: graphOf('vae_encoder'),
  vae_decoder: graphOf('vae_decoder'),
};
const latents = [undefined, 4, 64, 64];
const unet = withSizes(graphs.unet, {
  sample: latents,
  timestep: [undefined],
  encoder_hidden_states: [undefined, 77, 768],
});
const decoder = withSizes(graphs.vae_decoder, { latent_sample: latents });

function planned(
  provider: Provider,
  megabytes: number,
  precision: 'float32' | 'float16' = 'float32',
  ofGpu?: number,
) {
  const resident = Object.values(graphs).reduce((sum, g) => sum + weightBytes(g, precision), 0);
  const memory = memoryOf('sd15', resident, { provider, megabytes, precision }, () => ofGpu);
  return {
    memory,
    unet: () => memory.plan('unet', unet, 'out_sample', ['sample', 'encoder_hidden_states']),
    decoder: () => memory.plan('vae_decoder', decoder, 'sample', ['latent_sample']),
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

  it('fits a GPU of 12 GB, a step of Eq. 2 in one piece', () => {
    const plan = planned('cuda', 0);
    const [described, drawn] = [plan.unet(), plan.decoder()];
    expect(described.most).toBeGreaterThanOrEqual(4);
    expect(drawn.most).toBe(1);
    expect(4265 + megabytesOf(described) + megabytesOf(drawn)).toBeLessThan(11_000);
    // Where the driver tells what such a card has, it is about the same.
    const told = planned('cuda', 0, 'float32', 12_884);
    expect(told.decoder()).toEqual(drawn);
  });

  it('fits a GPU of 8 GB by float16, and is refused by float32 with what it needs', () => {
    const drawn = planned('cuda', 0, 'float16', 8589).decoder();
    expect(2133 + megabytesOf(drawn, 2)).toBeLessThan(7000);
    const refused = () => planned('cuda', 0, 'float32', 8589).decoder();
    expect(refused).toThrow(LikewiseError);
    expect(refused).toThrow(/vae_decoder .* needs about 1\d{4} MB of memory in all, and 7730 MB/);
  });

  it('fits a machine of 24 GB without a GPU, a sample at a time', () => {
    expect(planned('cpu', 18_000).decoder().most).toBe(1);
  });

  it('takes more samples at once where there is more memory, in the same graph', () => {
    const small = planned('cuda', 0, 'float32', 12_884);
    const large = planned('cuda', 0, 'float32', 85_520);
    const [few, many] = [small.decoder(), large.decoder()];
    expect(many.most).toBeGreaterThan(few.most);
    expect(many.staged).toEqual(few.staged);
    expect(large.memory.key).not.toBe(small.memory.key);
  });
});
