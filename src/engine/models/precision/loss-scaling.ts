import { OnnxError } from '../../onnx/index.ts';
import type { Float32Tensor } from '../model.ts';

/**
 * Loss scaling (Micikevicius et al., arXiv 1710.03740): a gradient is linear in its cotangent, so a
 * cotangent multiplied by S before the backward pass and a gradient divided by S after it are the
 * same numbers, in a part of float16's range where they do not vanish.
 *
 * The usual "dynamic" scaling keeps S from step to step and lets it grow after some good ones. Here
 * S is a function of one evaluation's inputs and nothing else: equal inputs give equal bits, in any
 * order of evaluations and after a crash and a resume. And each sample of a batch has its own, so
 * that no result depends on what else was in the batch. S is a power of two: scaling rounds nothing.
 */
export interface LossScaling {
  /**
   * The largest element of a scaled cotangent is brought to [2^target, 2^(target+1)). float16 goes
   * up to 2^16, and down to 2^-14 with all its digits: 8 leaves gradients room to grow by some
   * hundreds, and to shrink by some millions.
   * @default 8
   */
  target?: number;
  /** Evaluations before giving up. @default 8 */
  attempts?: number;
}

/** Results of a gradient graph; gradients are those named `grad_…`, all of them [B, …]. */
export type GradientResults = Record<string, Float32Tensor>;

const isGradient = (name: string) => name.startsWith('grad_');

/** Each sample's part of a batch. */
function sampleOf({ data, dims }: Float32Tensor, b: number): Float32Array {
  const size = data.length / (dims[0] ?? 1);
  return data.subarray(b * size, (b + 1) * size);
}

const allFinite = (values: Float32Array) => values.every((v) => Number.isFinite(v));

/**
 * The exponents of S that loss scaling begins with, one for each sample of a cotangent [B, …]; 0 for
 * a sample without a largest element: all zeros, or not finite.
 */
export function scalesOf(cotangent: Float32Tensor, target = 8): number[] {
  return Array.from({ length: cotangent.dims[0] ?? 0 }, (_, b) => {
    const largest = sampleOf(cotangent, b).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    if (!(largest > 0) || !Number.isFinite(largest)) return 0;
    let exponent = Math.floor(Math.log2(largest));
    // log2 rounds: just below a power of two it may say that it is there.
    if (2 ** exponent > largest) exponent--;
    return target - exponent;
  });
}

/** A batch with each sample multiplied by a power of two. */
function scaled(batch: Float32Tensor, exponents: readonly number[]): Float32Tensor {
  const data = new Float32Array(batch.data.length);
  const size = data.length / (batch.dims[0] ?? 1);
  for (let i = 0; i < data.length; i++) {
    // In double precision: 2^140, for subnormal numbers, is none in float32; the product is.
    data[i] = (batch.data[i] as number) * 2 ** (exponents[Math.floor(i / size)] as number);
  }
  return { dtype: 'float32', dims: batch.dims, data };
}

/**
 * Runs a gradient graph in float16 so that small gradients survive. Where a sample's gradient has
 * an element that is not finite, S is lowered for that sample and the evaluation repeated: by 2 at
 * first, then by 4, 8, … so that a large overflow does not cost one run for each bit.
 * @param cotangent [B, …]: whatever the gradients are linear in, a cotangent itself or the
 *   `error_scale` of a graph that computes its own
 * @param evaluate one run with the scaled cotangent in its place; the gradients must be [B, …]
 * @returns the results, their `grad_…` divided by S again
 * @throws OnnxError `session` where no S helps: the forward pass itself leaves float16's range
 */
export async function lossScaled(
  cotangent: Float32Tensor,
  evaluate: (scaledCotangent: Float32Tensor) => Promise<GradientResults>,
  { target = 8, attempts = 8 }: LossScaling = {},
): Promise<GradientResults> {
  const exponents = scalesOf(cotangent, target);
  // What was not finite before cannot become so, and is the caller's, as in float32.
  const broken = exponents.map((_, b) => !allFinite(sampleOf(cotangent, b)));
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const results = await evaluate(scaled(cotangent, exponents));
    const entries = Object.entries(results);
    const bad = exponents.map(
      (_, b) => !broken[b] && entries.some(([, value]) => !allFinite(sampleOf(value, b))),
    );
    if (!bad.includes(true)) {
      const back = exponents.map((e) => -e);
      return Object.fromEntries(
        entries.map(([name, value]) => [name, isGradient(name) ? scaled(value, back) : value]),
      );
    }
    const forward = entries.some(
      ([name, value]) =>
        !isGradient(name) && bad.some((is, b) => is && !allFinite(sampleOf(value, b))),
    );
    if (forward) break;
    for (const [b, is] of bad.entries()) if (is) exponents[b] = (exponents[b] as number) - attempt;
  }
  throw new OnnxError('session', 'this model leaves the range of float16: compute it in float32');
}
