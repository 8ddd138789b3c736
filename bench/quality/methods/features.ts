/** True captions as text features, and pictures to latents and back: what baselines are made of. */

import { fromModelPixels, toModelPixels } from '../../../src/engine/intake/index.ts';
import {
  type DiffusionModel,
  type Float32Tensor,
  float32,
  stack,
  unstack,
} from '../../../src/engine/models/index.ts';
import { type DdimStep, ddimStep } from '../../../src/engine/synthesis/ddim.ts';
import { type Attributes, caption } from '../../../training/avatars/attributes.ts';
import type { Rgb } from '../judge.ts';

/** Text features c of sentences, [L, D] each. */
export async function featuresOf(
  model: DiffusionModel,
  sentences: readonly string[],
): Promise<Float32Array[]> {
  const { length, tokenWidth } = model.text;
  const embeddings = sentences.map((s) => model.tokenEmbeddings(model.tokenize(s)).data);
  return unstack(await model.encodeTokens(stack(embeddings, [length, tokenWidth])));
}

/** c_B, and e = c_A' - c_A by the true captions. */
export async function captionFeatures(
  model: DiffusionModel,
  a: Attributes,
  a2: Attributes,
  b: Attributes,
): Promise<{ cB: Float32Array; direction: Float32Array }> {
  const [cA, cA2, cB] = (await featuresOf(model, [a, a2, b].map(caption))) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { cB, direction: cA2.map((value, i) => value - (cA[i] as number)) };
}

/** c_B + lambda e. */
export function shifted(cB: Float32Array, direction: Float32Array, lambda: number): Float32Array {
  return cB.map((value, i) => value + lambda * (direction[i] as number));
}

/** E of an 8-bit picture: [C, h, w]. */
export async function latentOf(model: DiffusionModel, picture: Rgb): Promise<Float32Array> {
  const { height, width } = model.image;
  const pixels = toModelPixels({ rgb: picture, height, width });
  return (await model.encode(float32([1, 3, height, width], pixels))).data;
}

/** D of latents, as 8-bit pictures. */
export async function picturesOf(
  model: DiffusionModel,
  latents: readonly Float32Array[],
): Promise<Rgb[]> {
  const decoded = await model.decode(stack(latents, latentDims(model)));
  return unstack(decoded).map((pixels) => fromModelPixels(pixels, model.image).rgb);
}

export function latentDims(model: DiffusionModel): number[] {
  return [model.latent.channels, model.latent.height, model.latent.width];
}

/**
 * DDIM steps of several samples in one batch, each under its own features, with classic guidance
 * U = U(base) + sigma (U(c) - U(base)), where `base` are the features of the empty caption or c_B.
 * @returns the latents after the last step
 */
export async function sample(
  model: DiffusionModel,
  steps: readonly DdimStep[],
  starts: readonly Float32Array[],
  features: readonly Float32Array[],
  guidance: { base: Float32Array; sigma: number },
): Promise<Float32Array[]> {
  const { base, sigma } = guidance;
  const { length, width } = model.text;
  const both = sigma === 1 ? features : [...features, ...features.map(() => base)];
  const context = stack(both, [length, width]);
  let latents = [...starts];
  for (const step of steps) {
    const batch = sigma === 1 ? latents : [...latents, ...latents];
    const times = batch.map(() => step.t);
    const out: Float32Tensor = await model.unet(stack(batch, latentDims(model)), times, context);
    const predicted = unstack(out);
    latents = latents.map((x, i) => {
      const conditional = predicted[i] as Float32Array;
      const other = predicted[latents.length + i];
      const guided = other
        ? conditional.map(
            (value, k) => (other[k] as number) + sigma * (value - (other[k] as number)),
          )
        : conditional;
      return ddimStep(step, x, guided);
    });
  }
  return latents;
}
