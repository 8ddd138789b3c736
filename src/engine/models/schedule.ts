/** The forward process z_t = sqrt(abar_t) z_0 + sqrt(1 - abar_t) eps, t = 0 … T - 1. */
export interface NoiseSchedule {
  /** T. */
  readonly trainSteps: number;
  /** abar_t, [T], falling from about 1 towards 0. */
  readonly alphasCumprod: Float64Array;
  /** What the U-Net predicts: the noise, or v = sqrt(abar) eps - sqrt(1 - abar) z_0. */
  readonly prediction: 'epsilon' | 'v_prediction';
  /** Added to every timestep of a sampler's grid. */
  readonly stepsOffset: number;
  /** abar where the sampler ends: 1, or abar_0. */
  readonly finalAlphaCumprod: number;
}

export const betaSchedules = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;

export interface ScheduleOptions {
  trainSteps: number;
  /** Of `linear` and `scaled_linear`. */
  betaStart: number;
  betaEnd: number;
  betaSchedule: (typeof betaSchedules)[number];
  prediction: NoiseSchedule['prediction'];
  stepsOffset: number;
  setAlphaToOne: boolean;
  /** beta_t themselves, [T], in place of a rule for them. */
  trainedBetas?: readonly number[] | undefined;
  /** See `withoutSignal`. @default false */
  zeroTerminalSnr?: boolean | undefined;
}

/**
 * Stable Diffusion's schedules: beta_t is linear in t, or its square root is (`scaled_linear`), or
 * abar is a squared cosine; abar_t is the product of 1 - beta up to t (DDPM, arXiv 2006.11239).
 *
 * Where abar ends at 0, the last latent is pure noise. Only a model of v can be asked there: v is then
 * -z_0, while noise says nothing of the picture, and the sampler's step divides by abar.
 * @throws RangeError for a model of epsilon whose abar ends at 0, and for betas that are not T
 */
export function noiseSchedule(options: ScheduleOptions): NoiseSchedule {
  const { trainSteps, prediction } = options;
  const betas = options.trainedBetas ?? betasOf(options);
  if (betas.length !== trainSteps) {
    throw new RangeError(`${betas.length} betas for ${trainSteps} timesteps`);
  }
  const products = new Float64Array(trainSteps);
  let product = 1;
  betas.forEach((beta, t) => {
    product *= 1 - beta;
    products[t] = product;
  });
  const alphasCumprod = options.zeroTerminalSnr ? withoutSignal(products) : products;
  if (prediction === 'epsilon' && alphasCumprod.at(-1) === 0) {
    throw new RangeError('without signal at its end a schedule needs a model of v_prediction');
  }
  return {
    trainSteps,
    alphasCumprod,
    prediction,
    stepsOffset: options.stepsOffset,
    finalAlphaCumprod: options.setAlphaToOne ? 1 : (alphasCumprod[0] ?? 1),
  };
}

function betasOf({ trainSteps, betaStart, betaEnd, betaSchedule }: ScheduleOptions): number[] {
  const between = (a: number, b: number, t: number) =>
    a + (trainSteps === 1 ? 0 : t / (trainSteps - 1)) * (b - a);
  const rules = {
    linear: (t: number) => between(betaStart, betaEnd, t),
    scaled_linear: (t: number) => between(Math.sqrt(betaStart), Math.sqrt(betaEnd), t) ** 2,
    squaredcos_cap_v2: (t: number) =>
      Math.min(1 - cosine((t + 1) / trainSteps) / cosine(t / trainSteps), 0.999),
  };
  return Array.from({ length: trainSteps }, (_, t) => rules[betaSchedule](t));
}

/** abar at a share of all time, not yet scaled to begin at 1 (arXiv 2102.09672, eq. 17). */
function cosine(share: number): number {
  return Math.cos(((share + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
}

/**
 * abar rescaled so that it ends at exactly 0 and begins as before: sqrt(abar) is shifted by its last
 * value and stretched (arXiv 2305.08891, algorithm 1).
 */
function withoutSignal(alphasCumprod: Float64Array): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const [first = 1, last = 0] = [roots[0], roots.at(-1)];
  return roots.map((root) => (((root - last) * first) / (first - last)) ** 2);
}

/** abar_t. @throws RangeError where t is not an integer in [0, T) */
export function alphaCumprod(schedule: NoiseSchedule, t: number): number {
  const value = schedule.alphasCumprod[t];
  if (value === undefined) {
    throw new RangeError(`timestep ${t} is not in 0 … ${schedule.trainSteps - 1}`);
  }
  return value;
}

/**
 * z_t, and what the U-Net should predict for it, of one sample.
 * @param z0 latents, any shape; `noise` has the same length
 */
export function diffuse(
  schedule: NoiseSchedule,
  t: number,
  z0: Float32Array,
  noise: Float32Array,
): { noisy: Float32Array; target: Float32Array } {
  const signal = Math.sqrt(alphaCumprod(schedule, t));
  const sigma = Math.sqrt(1 - alphaCumprod(schedule, t));
  const noisy = new Float32Array(z0.length);
  const target = schedule.prediction === 'epsilon' ? noise : new Float32Array(z0.length);
  for (let i = 0; i < z0.length; i++) {
    const [z, e] = [z0[i] as number, noise[i] as number];
    noisy[i] = signal * z + sigma * e;
    if (schedule.prediction === 'v_prediction') target[i] = signal * e - sigma * z;
  }
  return { noisy, target };
}
