import { type DiffusionModel, type Float32Tensor, stack, unstack } from '../models/index.ts';

export interface UnetSample {
  /** [C, h, w] */
  readonly z: Float32Array;
  readonly t: number;
  /** [L, D] */
  readonly c: Float32Array;
}

export interface EvaluateOptions {
  /**
   * Samples in one run of a graph. ONNX Runtime gives a sample other last bits in another batch, and
   * on some graphs in another place of the same batch (its matrix kernels treat the last rows of a
   * block differently). So 1 is the size at which a sample's result does not depend on its company;
   * on two CPU cores it costs two thirds more than 8. Larger batches are for samples that always come
   * together, and for GPUs, where they pay.
   */
  batch: number;
  signal?: AbortSignal | undefined;
}

/** U of any number of samples, each [C, h, w]. */
export async function evaluateUnet(
  model: DiffusionModel,
  samples: readonly UnetSample[],
  options: EvaluateOptions,
): Promise<Float32Array[]> {
  const { text } = model;
  return inChunks(samples, options, async (chunk) =>
    model.unet(
      stack(
        chunk.map((sample) => sample.z),
        latentDims(model),
      ),
      chunk.map((sample) => sample.t),
      stack(
        chunk.map((sample) => sample.c),
        [text.length, text.width],
      ),
    ),
  );
}

/** D of any number of latents [C, h, w]: pictures of [3, H, W]. */
export async function evaluateDecoder(
  model: DiffusionModel,
  latents: readonly Float32Array[],
  options: EvaluateOptions,
): Promise<Float32Array[]> {
  return inChunks(latents, options, (chunk) => model.decode(stack(chunk, latentDims(model))));
}

async function inChunks<T>(
  items: readonly T[],
  { batch, signal }: EvaluateOptions,
  run: (chunk: readonly T[]) => Promise<Float32Tensor>,
): Promise<Float32Array[]> {
  const out: Float32Array[] = [];
  for (let i = 0; i < items.length; i += batch) {
    signal?.throwIfAborted();
    out.push(...unstack(await run(items.slice(i, i + batch))));
  }
  return out;
}

function latentDims({ latent }: DiffusionModel): number[] {
  return [latent.channels, latent.height, latent.width];
}
