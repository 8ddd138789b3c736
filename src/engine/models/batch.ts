import { sizeOf } from '../onnx/tensor.ts';
import type { Float32Tensor } from './model.ts';

/** A float32 tensor around `data`, zeros without it. @throws RangeError where sizes disagree */
export function float32(dims: readonly number[], data?: Float32Array): Float32Tensor {
  const values = data ?? new Float32Array(sizeOf(dims));
  if (values.length !== sizeOf(dims)) {
    throw new RangeError(`[${dims}] needs ${sizeOf(dims)} values, not ${values.length}`);
  }
  return { dtype: 'float32', dims, data: values };
}

/** Samples of equal shape, one after the other: n of `dims` -> [n, ...dims]. Copies. */
export function stack(samples: readonly Float32Array[], dims: readonly number[]): Float32Tensor {
  const out = float32([samples.length, ...dims]);
  samples.forEach((sample, i) => {
    if (sample.length !== sizeOf(dims)) {
      throw new RangeError(`sample ${i} has ${sample.length} values, not those of [${dims}]`);
    }
    out.data.set(sample, i * sample.length);
  });
  return out;
}

/** The samples of a batch, as copies: [n, ...] -> n arrays. */
export function unstack(batch: Float32Tensor): Float32Array[] {
  const count = batch.dims[0] ?? 0;
  const size = batch.data.length / count;
  return Array.from({ length: count }, (_, i) => batch.data.slice(i * size, (i + 1) * size));
}

/** Shape of one sample of a batch. */
export function sampleDims(batch: Float32Tensor): number[] {
  return batch.dims.slice(1);
}

/** Mean of squared differences, summed in double precision. */
export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / a.length;
}
