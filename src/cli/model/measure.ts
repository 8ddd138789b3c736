import {
  createRandom,
  drawBatch,
  noiseLossGradient,
  type Preset,
  tokenLossGradient,
  tokensOptions,
} from '../../engine/inversion/index.ts';
import type { DiffusionModel } from '../../engine/models/index.ts';
import type { Probe } from './gradients.ts';

/** Seconds, each without what is done once. */
export interface Timings {
  /** The U-Net forward, one sample. */
  unet: number;
  decode: number;
  /** One step of Eq. 2, and the samples in its batch. */
  tokenStep: number;
  batch: number;
  /** One gradient of Eq. 3: `steps` sampler steps forward and back. */
  noiseGradient: number;
  steps: number;
}

/** A model that is closed at the end of its block, and the seconds that opening it took. */
export async function timedOpening(
  open: () => Promise<DiffusionModel>,
): Promise<{ readonly model: DiffusionModel; readonly seconds: number } & AsyncDisposable> {
  const began = performance.now();
  const model = await open();
  const took = (performance.now() - began) / 1000;
  return { model, seconds: took, [Symbol.asyncDispose]: () => model.close() };
}

/** Measures what an inversion and a render are made of. */
export async function measure(
  model: DiffusionModel,
  { pixels, z, noisy, t, tokens, c }: Probe,
  preset: Preset,
  signal: AbortSignal,
): Promise<Timings> {
  const { batch, timesteps } = tokensOptions(preset, model);
  const { steps } = preset;
  const draws = drawBatch(model, { seed: 0, batch, variants: 1, timesteps }, 0);
  const noise = createRandom(0, 'start').gaussians(z.data.length);
  const tokenStep = () => tokenLossGradient(model, z, tokens.data, draws, signal);
  // The first of each opens sessions and builds graphs; a GPU also looks for its kernels, at each size of a
  // batch anew. One sampler step does it for Eq. 3.
  const first = model.provider === 'cpu' ? draws.slice(0, 1) : draws;
  await tokenLossGradient(model, z, tokens.data, first, signal);
  await noiseLossGradient(model, { pixels, z: z.data, c: c.data }, noise, 1, signal);
  const input = { pixels, z: z.data, c: c.data };
  return {
    unet: await seconds(() => model.unet(noisy, [t], c)),
    decode: await seconds(() => model.decode(z)),
    tokenStep: await seconds(tokenStep),
    batch,
    noiseGradient: await seconds(() => noiseLossGradient(model, input, noise, steps, signal)),
    steps,
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
