import {
  alphaCumprod,
  type DiffusionModel,
  diffuse,
  type Float32Tensor,
  float32,
  meanSquaredError,
  stack,
} from '../models/index.ts';
import { evaluateUnet } from '../synthesis/index.ts';
import type { Draw } from './draws.ts';
import { createRandom } from './random.ts';

/** Draws measured together: a set of draws is always measured whole, so its bits do not change. */
const heldOutBatch = 8;

/**
 * Eq. 2 for one batch of draws: the mean over samples and elements of
 * (target - U(z_t, t, C(K)))^2, where the target is the noise (or v).
 * @param latents E of the variants of the picture, [V, C, h, w]
 * @param k token embeddings, [L, Dt]
 */
export async function tokenLoss(
  model: DiffusionModel,
  latents: Float32Tensor,
  k: Float32Array,
  draws: readonly Draw[],
  signal?: AbortSignal,
): Promise<number> {
  const c = (await model.encodeTokens(tokensTensor(model, k))).data;
  const samples = draws.map((draw) => noisy(model, latents, draw));
  const predictions = await evaluateUnet(
    model,
    samples.map(({ noisy: z }, i) => ({ z, t: (draws[i] as Draw).t, c })),
    { batch: heldOutBatch, signal },
  );
  const errors = predictions.map((u, i) => meanSquaredError(u, samples[i]?.target ?? []));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** The same, and its gradient by K, [L, Dt]: one U-Net VJP a sample. */
export async function tokenLossGradient(
  model: DiffusionModel,
  latents: Float32Tensor,
  k: Float32Array,
  draws: readonly Draw[],
  signal?: AbortSignal,
): Promise<{ loss: number; gradient: Float32Array }> {
  const embeddings = tokensTensor(model, k);
  const c = await model.encodeTokens(embeddings);
  const samples = draws.map((draw) => noisy(model, latents, draw));
  const dims = latents.dims.slice(1);
  const target = stack(
    samples.map((sample) => sample.target),
    dims,
  );
  signal?.throwIfAborted();
  const { out, gradContext } = await model.unetErrorVjp(
    stack(
      samples.map((sample) => sample.noisy),
      dims,
    ),
    draws.map((draw) => draw.t),
    stack(
      draws.map(() => c.data),
      c.dims.slice(1),
    ),
    target,
    draws.map(() => 1 / target.data.length),
    ['context'],
  );
  signal?.throwIfAborted();
  // Every sample has the same c: its gradient is the sum over the batch.
  const gradC = float32(c.dims);
  gradContext?.data.forEach((value, i) => {
    const at = i % gradC.data.length;
    gradC.data[at] = (gradC.data[at] as number) + value;
  });
  const { gradEmbeddings } = await model.encodeTokensVjp(embeddings, gradC);
  return { loss: meanSquaredError(out.data, target.data), gradient: gradEmbeddings.data };
}

/**
 * What the tokens say the picture is: its latents made half noisy, and cleaned again in one step
 * under C(K). Costs one U-Net evaluation and a decode.
 * @returns [1, 3, H, W]
 */
export async function tokenPreview(
  model: DiffusionModel,
  latents: Float32Tensor,
  k: Float32Array,
): Promise<Float32Tensor> {
  const { channels, height, width } = model.latent;
  const t = Math.floor(model.schedule.trainSteps / 2);
  const noise = createRandom(0, 'preview').gaussians(channels * height * width);
  const { noisy: z } = noisy(model, latents, { variant: 0, t, noise });
  const c = (await model.encodeTokens(tokensTensor(model, k))).data;
  const [u] = await evaluateUnet(model, [{ z, t, c }], { batch: 1 });
  const a = alphaCumprod(model.schedule, t);
  const clean = z.map((value, i) =>
    model.schedule.prediction === 'epsilon'
      ? (value - Math.sqrt(1 - a) * (u?.[i] as number)) / Math.sqrt(a)
      : Math.sqrt(a) * value - Math.sqrt(1 - a) * (u?.[i] as number),
  );
  return model.decode(float32([1, channels, height, width], clean));
}

function noisy(model: DiffusionModel, latents: Float32Tensor, { variant, t, noise }: Draw) {
  const size = noise.length;
  const z = latents.data.subarray(variant * size, (variant + 1) * size);
  return diffuse(model.schedule, t, z, noise);
}

export function tokensTensor(model: DiffusionModel, k: Float32Array): Float32Tensor {
  return float32([1, model.text.length, model.text.tokenWidth], k);
}
