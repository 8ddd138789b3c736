import { createRandom } from '../../engine/inversion/index.ts';
import {
  type DiffusionModel,
  diffuse,
  type Float32Tensor,
  float32,
} from '../../engine/models/index.ts';

/** How far a gradient is from finite differences, relative to its own length; the worst direction. */
export interface GradientCheck {
  part: string;
  error: number;
}

/** What every check is made with: a made-up picture, half noisy, and a sentence. */
export interface Probe {
  pixels: Float32Tensor;
  /** Clean and noisy latents, [1, C, h, w]. */
  z: Float32Tensor;
  noisy: Float32Tensor;
  t: number;
  /** Token embeddings [1, L, Dt] and their features [1, L, D]. */
  tokens: Float32Tensor;
  c: Float32Tensor;
}

/** Runs every part of the model forward once. */
export async function probe(model: DiffusionModel): Promise<Probe> {
  const { height, width } = model.image;
  const pixels = float32([1, 3, height, width]);
  // Smooth, as pictures are, and with an edge.
  pixels.data.forEach((_, i) => {
    const [x, y] = [(i % width) / width, (Math.floor(i / width) % height) / height];
    pixels.data[i] = 0.6 * Math.sin(6 * x + 4 * y + i / (width * height)) + (x > 0.5 ? 0.3 : -0.3);
  });
  const z = await model.encode(pixels);
  const t = Math.floor(model.schedule.trainSteps / 2);
  const noise = createRandom(0, 'check').gaussians(z.data.length);
  const noisy = float32(z.dims, diffuse(model.schedule, t, z.data, noise).noisy);
  const { length, tokenWidth } = model.text;
  const rows = model.tokenEmbeddings(model.tokenize('a portrait')).data;
  const tokens = float32([1, length, tokenWidth], rows);
  return { pixels, z, noisy, t, tokens, c: await model.encodeTokens(tokens) };
}

/**
 * Holds the gradients that Eq. 2 and Eq. 3 use against central differences: of the text encoder by
 * its tokens, of the U-Net by the text features and by the latents, of the decoder by the latents.
 * @param directions random cotangents and directions of each
 */
export async function* checkGradients(
  model: DiffusionModel,
  probed: Probe,
  directions: number,
  signal: AbortSignal,
): AsyncGenerator<GradientCheck> {
  for (const part of partsOf(model, probed)) {
    let error = 0;
    for (let i = 0; i < directions; i++) {
      signal.throwIfAborted();
      error = Math.max(error, await compare(part, i));
    }
    yield { part: part.part, error };
  }
}

/** Gradients by the part that they are of, see `gradientsOf`. */
export type Gradients = ReadonlyMap<string, Float32Array>;

/** The same gradients, each of one fixed cotangent: to be held against those of another precision. */
export async function gradientsOf(
  model: DiffusionModel,
  probed: Probe,
  signal: AbortSignal,
): Promise<Gradients> {
  const found = new Map<string, Float32Array>();
  for (const { part, at, forward, gradient } of partsOf(model, probed)) {
    signal.throwIfAborted();
    const { dims, data } = await forward(at);
    const cotangent = float32(dims, createRandom(0, part).gaussians(data.length));
    found.set(part, (await gradient(cotangent))?.data ?? new Float32Array());
  }
  return found;
}

/**
 * How far the gradient is off that differs most, relative to the length of what it is held against; no
 * number where one has none.
 */
export function distance(gradients: Gradients, reference: Gradients): number {
  const errors = [...reference].map(([part, right]) => {
    const own = gradients.get(part);
    return norm(right.map((value, i) => value - (own?.[i] ?? Number.NaN))) / norm(right);
  });
  return Math.max(...errors);
}

function partsOf(model: DiffusionModel, { z, noisy, t, tokens, c }: Probe): Part[] {
  return [
    {
      part: 'text encoder by its tokens',
      at: tokens,
      forward: (x) => model.encodeTokens(x),
      gradient: async (g) => (await model.encodeTokensVjp(tokens, g)).gradEmbeddings,
    },
    {
      part: 'U-Net by the text features',
      at: c,
      forward: (x) => model.unet(noisy, [t], x),
      // As Eq. 2 asks for it: each kind of gradient is a graph of its own, with the weights once more.
      gradient: async (g) => {
        const target = targetFor(await model.unet(noisy, [t], c), g);
        return (await model.unetErrorVjp(noisy, [t], c, target, [1], ['context'])).gradContext;
      },
    },
    {
      part: 'U-Net by the latents',
      at: noisy,
      forward: (x) => model.unet(x, [t], c),
      gradient: async (g) => (await model.unetVjp(noisy, [t], c, g, ['sample'])).gradSample,
    },
    {
      part: 'decoder by the latents',
      at: z,
      forward: (x) => model.decode(x),
      gradient: async (g) =>
        (await model.decodeErrorVjp(z, targetFor(await model.decode(z), g), [1])).gradZ,
    },
  ];
}

/** Where || out - target ||^2 has the gradient of <g, out>: the target is out - g / 2. */
function targetFor(out: Float32Tensor, g: Float32Tensor): Float32Tensor {
  const data = out.data.map((value, i) => value - (g.data[i] as number) / 2);
  return float32(out.dims, data);
}

interface Part {
  part: string;
  /** Where the gradient is taken. */
  at: Float32Tensor;
  forward(x: Float32Tensor): Promise<Float32Tensor>;
  /** Of <cotangent, forward(at)>. */
  gradient(cotangent: Float32Tensor): Promise<Float32Tensor | undefined>;
}

/**
 * Steps, as shares of the point's own length. Too long a one bends, too short a one rounds: along the
 * gradient everything bends soon, along a random direction little changes at all.
 */
const shares = { along: [1e-2, 3e-3, 1e-3, 3e-4, 1e-4], across: [1e-1, 3e-2, 1e-2, 3e-3] };
/** Where a step agrees as well as this, no other is tried. */
const closeEnough = 1e-3;
/**
 * Along a random direction of n, the change is 1 / sqrt(n) of that along the gradient, and rounding
 * weighs the more: errors there count a tenth. They show what lacks in a gradient, not how exact it is.
 */
const acrossWeight = 0.1;

async function compare({ part, at, forward, gradient }: Part, i: number): Promise<number> {
  const out = await forward(at);
  const random = createRandom(i, part);
  const cotangent = float32(out.dims, random.gaussians(out.data.length));
  const found = (await gradient(cotangent))?.data;
  const length = found ? norm(found) : 0;
  // A gradient of zeros, or none, agrees with nothing.
  if (!found || !(length > 0) || !Number.isFinite(length)) return Number.POSITIVE_INFINITY;

  /** How far it is from the difference along a direction, as a share of `scale`. */
  const off = async (towards: Float32Array, steps: readonly number[], scale: number) => {
    const own = norm(towards);
    const direction = towards.map((value) => value / own);
    const expected = dot(found, direction);
    const value = async (step: number) => {
      const moved = at.data.map((x, j) => x + step * (direction[j] as number));
      return dot(cotangent.data, (await forward(float32(at.dims, moved))).data);
    };
    let best = Number.POSITIVE_INFINITY;
    for (const share of steps) {
      const step = share * norm(at.data);
      const difference = ((await value(step)) - (await value(-step))) / (2 * step);
      best = Math.min(best, Math.abs(difference - expected) / scale);
      if (best < closeEnough) break;
    }
    return best;
  };
  const along = await off(found, shares.along, length);
  const size = at.data.length;
  const across = await off(random.gaussians(size), shares.across, length / Math.sqrt(size));
  return Math.max(along, acrossWeight * across);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}
