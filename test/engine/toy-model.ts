import { createRandom } from '../../src/engine/inversion/random.ts';
import {
  alphaCumprod,
  type DiffusionModel,
  type Float32Tensor,
  float32,
  noiseSchedule,
  stack,
  unstack,
} from '../../src/engine/models/index.ts';

const [height, width, channels] = [8, 8, 2];
const [length, tokenWidth, contextWidth, vocabulary] = [6, 4, 5, 12];
const pixelCount = 3 * height * width;
const latentCount = channels * (height / 2) * (width / 2);
const contextCount = length * contextWidth;

export interface ToyOptions {
  prediction?: 'epsilon' | 'v_prediction';
  /** Share of the U-Net's answer that is not linear in z. */
  bend?: number;
  withTokenEncoder?: boolean;
}

/**
 * A diffusion model in a few matrices, with its gradients by hand: the exact denoiser of Gaussian
 * latents whose mean mu(c) the text decides, bent a little so that nothing is linear. Its Eq. 2 is
 * least where mu(C(K)) is the picture's latent. Pictures are 8x8, latents 2x4x4, texts 6 tokens.
 */
export function createToyModel(options: ToyOptions = {}): DiffusionModel & { closed: boolean } {
  const { prediction = 'epsilon', bend = 0.05, withTokenEncoder = false } = options;
  const schedule = noiseSchedule({
    trainSteps: 1000,
    betaStart: 0.00085,
    betaEnd: 0.012,
    betaSchedule: 'scaled_linear',
    prediction,
    stepsOffset: 1,
    setAlphaToOne: false,
  });
  const basis = orthonormal(latentCount, pixelCount, 'decoder');
  const table = matrix(vocabulary, tokenWidth, 'tokens', 0.5);
  const project = matrix(contextWidth, tokenWidth, 'text', 1);
  const mean = matrix(latentCount, contextCount, 'mean', 0.35);
  const counters = { unetForward: 0, unetVjp: 0 };
  const variance = 0.2;

  const encodeOne = (pixels: Float32Array) => times(basis, pixels);
  const warp = (z: Float64Array) => z.map((v) => v + 0.05 * Math.sin(v));
  const decodeOne = (z: ArrayLike<number>) => timesTransposed(basis, warp(Float64Array.from(z)));
  const decodeBack = (z: ArrayLike<number>, grad: ArrayLike<number>) =>
    times(basis, grad).map((g, i) => g * (1 + 0.05 * Math.cos(z[i] as number)));

  // c_l = tanh(W mean of K_0 … K_l): causal, as CLIP's text encoder is.
  const textOne = (k: Float32Array) => {
    const c = new Float64Array(contextCount);
    const sum = new Float64Array(tokenWidth);
    for (let l = 0; l < length; l++) {
      for (let d = 0; d < tokenWidth; d++) sum[d]! += k[l * tokenWidth + d]!;
      const row = times(
        project,
        sum.map((v) => v / Math.sqrt(l + 1)),
      );
      c.set(row.map(Math.tanh), l * contextWidth);
    }
    return c;
  };
  const textBack = (k: Float32Array, gradC: Float32Array) => {
    const c = textOne(k);
    const grad = new Float64Array(length * tokenWidth);
    for (let l = 0; l < length; l++) {
      const inner = new Float64Array(contextWidth).map((_, d) => {
        const i = l * contextWidth + d;
        return gradC[i]! * (1 - c[i]! ** 2);
      });
      const back = timesTransposed(project, inner);
      for (let m = 0; m <= l; m++) {
        for (let d = 0; d < tokenWidth; d++) {
          grad[m * tokenWidth + d]! += back[d]! / Math.sqrt(l + 1);
        }
      }
    }
    return grad;
  };

  // epsilon* = sqrt(1-a) (z - sqrt(a) mu) / (a s^2 + 1 - a), then turned into v where asked for.
  const unetOne = (z: Float32Array, t: number, c: Float32Array) => {
    const a = alphaCumprod(schedule, t);
    const mu = times(mean, c);
    const density = a * variance + 1 - a;
    return Float64Array.from(z, (v, i) => {
      const epsilon =
        (Math.sqrt(1 - a) * (v - Math.sqrt(a) * mu[i]!)) / density + bend * Math.tanh(v);
      return prediction === 'epsilon' ? epsilon : (epsilon - Math.sqrt(1 - a) * v) / Math.sqrt(a);
    });
  };
  const unetBack = (z: Float32Array, t: number, grad: ArrayLike<number>) => {
    const a = alphaCumprod(schedule, t);
    const density = a * variance + 1 - a;
    const outer = prediction === 'epsilon' ? 1 : 1 / Math.sqrt(a);
    const inner = prediction === 'epsilon' ? 0 : Math.sqrt((1 - a) / a);
    const sample = Float64Array.from(z, (v, i) => {
      const slope = Math.sqrt(1 - a) / density + bend * (1 - Math.tanh(v) ** 2);
      return grad[i]! * (outer * slope - inner);
    });
    const factor = (-outer * Math.sqrt(1 - a) * Math.sqrt(a)) / density;
    const context = timesTransposed(
      mean,
      Float64Array.from(z, (_, i) => grad[i]! * factor),
    );
    return { sample, context };
  };
  const latentDims = [channels, height / 2, width / 2];
  const each = (
    batch: Float32Tensor,
    f: (x: Float32Array, i: number) => ArrayLike<number>,
    dims: number[],
  ) =>
    stack(
      unstack(batch).map((x, i) => Float32Array.from(f(x, i))),
      dims,
    );
  const forward = (z: Float32Tensor, t: readonly number[], c: Float32Tensor) => {
    const contexts = unstack(c);
    return each(z, (x, i) => unetOne(x, t[i]!, contexts[i]!), latentDims);
  };
  const backward = (z: Float32Tensor, t: readonly number[], gradOut: Float32Tensor) => {
    const grads = unstack(gradOut);
    return {
      gradSample: each(z, (x, i) => unetBack(x, t[i]!, grads[i]!).sample, latentDims),
      gradContext: each(z, (x, i) => unetBack(x, t[i]!, grads[i]!).context, [length, contextWidth]),
    };
  };

  const toy: DiffusionModel & { closed: boolean } = {
    id: 'toy',
    hash: `toy-${prediction}-${bend}`,
    provider: 'javascript',
    precision: 'float32',
    image: { height, width },
    latent: { channels, height: height / 2, width: width / 2, scalingFactor: 1 },
    text: { length, width: contextWidth, tokenWidth, bos: 0, eos: 1, vocabulary },
    schedule,
    encode: async (pixels) => each(pixels, encodeOne, latentDims),
    decode: async (z) => each(z, decodeOne, [3, height, width]),
    decodeErrorVjp: async (z, target, weights) => {
      const pixels = each(z, decodeOne, [3, height, width]);
      const seed = pixels.data.map(
        (value, i) => 2 * weights[Math.floor(i / pixelCount)]! * (value - target.data[i]!),
      );
      const grads = unstack(float32(pixels.dims, seed));
      return { pixels, gradZ: each(z, (x, i) => decodeBack(x, grads[i]!), latentDims) };
    },
    tokenize(text) {
      const words = text
        .split(' ')
        .filter((w) => w !== '')
        .map(Number);
      return [0, ...words.slice(0, length - 2), ...new Array(length).fill(1)].slice(0, length);
    },
    tokenEmbeddings: (ids) =>
      float32(
        [ids.length, tokenWidth],
        Float32Array.from(ids.flatMap((id) => Array.from(table[id]!))),
      ),
    encodeTokens: async (k) => each(k, textOne, [length, contextWidth]),
    encodeTokensVjp: async (k, gradC) => {
      const grads = unstack(gradC);
      return {
        c: each(k, textOne, [length, contextWidth]),
        gradEmbeddings: each(k, (x, i) => textBack(x, grads[i]!), [length, tokenWidth]),
      };
    },
    unet: async (z, t, c) => {
      counters.unetForward += t.length;
      return forward(z, t, c);
    },
    unetVjp: async (z, t, c, gradOut, wrt) => {
      counters.unetVjp += t.length;
      const { gradSample, gradContext } = backward(z, t, gradOut);
      return {
        out: forward(z, t, c),
        ...(wrt.includes('sample') && { gradSample }),
        ...(wrt.includes('context') && { gradContext }),
      };
    },
    unetErrorVjp: async (z, t, c, target, weights, wrt) => {
      counters.unetVjp += t.length;
      const out = forward(z, t, c);
      const size = out.data.length / t.length;
      const seed = out.data.map(
        (value, i) => 2 * weights[Math.floor(i / size)]! * (value - target.data[i]!),
      );
      const { gradSample, gradContext } = backward(z, t, float32(out.dims, seed));
      return {
        out,
        ...(wrt.includes('sample') && { gradSample }),
        ...(wrt.includes('context') && { gradContext }),
      };
    },
    counters,
    closed: false,
    close: async () => {
      toy.closed = true;
    },
  };
  if (withTokenEncoder) {
    const guess = matrix(4 * tokenWidth, latentCount, 'guess', 0.05);
    toy.predictTokens = async (z) => each(z, (x) => times(guess, x), [4, tokenWidth]);
  }
  return toy;
}

/** A picture that the toy model can draw: its decoder applied to latents of the given seed. */
export async function toyPicture(model: DiffusionModel, seed: number): Promise<Float32Tensor> {
  const k = float32(
    [1, length, tokenWidth],
    createRandom(seed, 'picture').gaussians(length * tokenWidth),
  );
  k.data.set(model.tokenEmbeddings([model.text.bos]).data, 0);
  const c = await model.encodeTokens(k);
  const mean = matrix(latentCount, contextCount, 'mean', 0.35);
  const z = Float32Array.from(times(mean, c.data), (v) => v);
  return model.decode(stack([z], [channels, height / 2, width / 2]));
}

type Matrix = readonly Float64Array[];

function matrix(rows: number, columns: number, name: string, scale: number): Matrix {
  const random = createRandom(1, name);
  return Array.from({ length: rows }, () =>
    Float64Array.from({ length: columns }, () => scale * random.gaussian()),
  );
}

function orthonormal(rows: number, columns: number, name: string): Matrix {
  const out = matrix(rows, columns, name, 1).map((row) => row.slice());
  out.forEach((row, i) => {
    for (const other of out.slice(0, i)) {
      const overlap = row.reduce((sum, v, k) => sum + v * other[k]!, 0);
      for (let k = 0; k < columns; k++) row[k]! -= overlap * other[k]!;
    }
    const norm = Math.hypot(...row);
    for (let k = 0; k < columns; k++) row[k]! /= norm;
  });
  return out;
}

function times(m: Matrix, x: ArrayLike<number>): Float64Array {
  return Float64Array.from(m, (row) => row.reduce((sum, v, k) => sum + v * x[k]!, 0));
}

function timesTransposed(m: Matrix, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(m[0]?.length ?? 0);
  m.forEach((row, i) => {
    for (let k = 0; k < row.length; k++) out[k]! += row[k]! * x[i]!;
  });
  return out;
}
