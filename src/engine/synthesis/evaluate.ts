import { type DiffusionModel, stack, unstack } from '../models/index.ts';

export interface UnetSample {
  /** [C, h, w] */
  readonly z: Float32Array;
  readonly t: number;
  /** [L, D] */
  readonly c: Float32Array;
}

/** Samples in one run of a graph: enough to keep the cores busy, little enough for memory. */
const batchSize = 8;

/**
 * U of any number of samples, so that a sample's result does not depend on its company.
 *
 * ONNX Runtime's CPU kernels give a sample the same bits in any batch, at any place, with any
 * number of threads (a test holds it to that), so there the batch is what it happens to be. Other
 * providers choose kernels by shape: for them every run has the same size, filled up with copies.
 */
export async function evaluateUnet(
  model: DiffusionModel,
  samples: readonly UnetSample[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { latent, text, provider } = model;
  const out: Float32Array[] = [];
  for (const chunk of inChunks(samples, provider)) {
    signal?.throwIfAborted();
    const result = await model.unet(
      stack(
        chunk.map((sample) => sample.z),
        [latent.channels, latent.height, latent.width],
      ),
      chunk.map((sample) => sample.t),
      stack(
        chunk.map((sample) => sample.c),
        [text.length, text.width],
      ),
    );
    out.push(...unstack(result));
  }
  return out.slice(0, samples.length);
}

/** D of any number of latents [C, h, w], on the same terms: pictures of [3, H, W]. */
export async function evaluateDecoder(
  model: DiffusionModel,
  latents: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { latent, provider } = model;
  const out: Float32Array[] = [];
  for (const chunk of inChunks(latents, provider)) {
    signal?.throwIfAborted();
    const pixels = await model.decode(stack(chunk, [latent.channels, latent.height, latent.width]));
    out.push(...unstack(pixels));
  }
  return out.slice(0, latents.length);
}

/** Only the last chunk is padded, by copies of its first sample, whose results come last. */
function inChunks<T>(items: readonly T[], provider: string): T[][] {
  const anySize = provider === 'cpu' || provider === 'javascript';
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += batchSize) {
    const chunk = items.slice(i, i + batchSize);
    while (!anySize && chunk.length < batchSize) chunk.push(chunk[0] as T);
    chunks.push(chunk);
  }
  return chunks;
}
