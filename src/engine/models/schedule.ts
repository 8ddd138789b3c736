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

export interface ScheduleOptions {
  trainSteps: number;
  betaStart: number;
  betaEnd: number;
  betaSchedule: 'linear' | 'scaled_linear';
  prediction: NoiseSchedule['prediction'];
  stepsOffset: number;
  setAlphaToOne: boolean;
}

/**
 * Stable Diffusion's schedules: beta_t is linear in t, or its square root is (`scaled_linear`);
 * abar_t is the product of 1 - beta up to t (DDPM, arXiv 2006.11239).
 */
export function noiseSchedule(options: ScheduleOptions): NoiseSchedule {
  const { trainSteps, betaStart, betaEnd, betaSchedule } = options;
  const alphasCumprod = new Float64Array(trainSteps);
  let product = 1;
  for (let t = 0; t < trainSteps; t++) {
    const share = trainSteps === 1 ? 0 : t / (trainSteps - 1);
    const beta =
      betaSchedule === 'linear'
        ? betaStart + share * (betaEnd - betaStart)
        : (Math.sqrt(betaStart) + share * (Math.sqrt(betaEnd) - Math.sqrt(betaStart))) ** 2;
    product *= 1 - beta;
    alphasCumprod[t] = product;
  }
  return {
    trainSteps,
    alphasCumprod,
    prediction: options.prediction,
    stepsOffset: options.stepsOffset,
    finalAlphaCumprod: options.setAlphaToOne ? 1 : (alphasCumprod[0] ?? 1),
  };
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
