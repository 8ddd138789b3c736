import { alphaCumprod, type NoiseSchedule } from '../models/schedule.ts';

/**
 * One step of a DDIM sampler. With eta = 0 it is linear in what the U-Net predicts, whichever of
 * noise or v that is:
 *
 *     x_prev = phi * x + psi * U(x, t, c)
 */
export interface DdimStep {
  /** Timestep that the U-Net is asked at. */
  readonly t: number;
  readonly phi: number;
  readonly psi: number;
  /** abar before and after the step. */
  readonly alpha: number;
  readonly alphaPrev: number;
}

/**
 * The grid of M steps from noise to picture: timesteps `leading`, spaced T / M and shifted by the
 * schedule's offset, as Stable Diffusion's own: 901, 801, …, 1 for M = 10 and T = 1000.
 *
 * DDIM (arXiv 2010.02502), eq. 12, eta = 0, with abar = a and abar_prev = b:
 * epsilon: x_prev = sqrt(b) (x - sqrt(1-a) U) / sqrt(a) + sqrt(1-b) U;
 * v: the same with x_0 = sqrt(a) x - sqrt(1-a) U and noise = sqrt(a) U + sqrt(1-a) x.
 *
 * @param steps M, from 1 to T
 */
export function ddimGrid(schedule: NoiseSchedule, steps: number): DdimStep[] {
  if (!Number.isInteger(steps) || steps < 1 || steps > schedule.trainSteps) {
    throw new RangeError(`sampler steps must be an integer from 1 to ${schedule.trainSteps}`);
  }
  const spacing = Math.floor(schedule.trainSteps / steps);
  return Array.from({ length: steps }, (_, i) => {
    const index = steps - 1 - i;
    const t = Math.min(index * spacing + schedule.stepsOffset, schedule.trainSteps - 1);
    const previous = t - spacing;
    const a = alphaCumprod(schedule, t);
    const b = previous >= 0 ? alphaCumprod(schedule, previous) : schedule.finalAlphaCumprod;
    const x = Math.sqrt(1 - b);
    const factors =
      schedule.prediction === 'epsilon'
        ? { phi: Math.sqrt(b / a), psi: x - Math.sqrt((b * (1 - a)) / a) }
        : {
            phi: Math.sqrt(b * a) + x * Math.sqrt(1 - a),
            psi: x * Math.sqrt(a) - Math.sqrt(b * (1 - a)),
          };
    return { t, ...factors, alpha: a, alphaPrev: b };
  });
}

/** x_prev = phi x + psi U, elementwise, in double precision, rounded once. */
export function ddimStep(step: DdimStep, x: Float32Array, predicted: Float32Array): Float32Array {
  return x.map((value, i) => step.phi * value + step.psi * (predicted[i] as number));
}

/** The x from which `ddimStep` with the same prediction arrives at x_prev. */
export function ddimStepBack(
  step: DdimStep,
  previous: Float32Array,
  predicted: Float32Array,
): Float32Array {
  return previous.map((value, i) => (value - step.psi * (predicted[i] as number)) / step.phi);
}
