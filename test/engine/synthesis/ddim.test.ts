import { describe, expect, it } from 'vitest';
import { alphaCumprod, noiseSchedule } from '../../../src/engine/models/index.ts';
import { ddimGrid, ddimStep, ddimStepBack } from '../../../src/engine/synthesis/index.ts';

const stableDiffusion = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'epsilon',
  stepsOffset: 1,
  setAlphaToOne: false,
} as const;

describe('the noise schedule', () => {
  it("is Stable Diffusion's", () => {
    // Recorded from diffusers' DDIMScheduler with Stable Diffusion 1's settings.
    const { alphasCumprod } = noiseSchedule(stableDiffusion);
    expect(alphasCumprod[0]).toBeCloseTo(0.99915, 8);
    expect(alphasCumprod[500]).toBeCloseTo(0.276_8, 3);
    expect(alphasCumprod[999]).toBeCloseTo(0.004_66, 6);
  });

  it('refuses timesteps outside', () => {
    const schedule = noiseSchedule(stableDiffusion);
    expect(() => alphaCumprod(schedule, 1000)).toThrow(RangeError);
    expect(() => alphaCumprod(schedule, 0.5)).toThrow(RangeError);
  });
});

describe('the DDIM grid', () => {
  it('is 901, 801, …, 1 for ten steps', () => {
    const grid = ddimGrid(noiseSchedule(stableDiffusion), 10);
    expect(grid.map((step) => step.t)).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1]);
    for (const [i, step] of grid.slice(1).entries()) expect(step.alpha).toBe(grid[i]?.alphaPrev);
  });

  it('ends at abar_0, or at 1 by set_alpha_to_one', () => {
    const end = (setAlphaToOne: boolean) =>
      ddimGrid(noiseSchedule({ ...stableDiffusion, setAlphaToOne }), 10).at(-1)?.alphaPrev;
    expect(end(false)).toBeCloseTo(0.99915, 8);
    expect(end(true)).toBe(1);
  });

  it('refuses step counts that make no grid', () => {
    for (const steps of [0, -1, 1.5, 1001, Number.NaN]) {
      expect(() => ddimGrid(noiseSchedule(stableDiffusion), steps)).toThrow(RangeError);
    }
    expect(ddimGrid(noiseSchedule(stableDiffusion), 1000).length).toBe(1000);
  });

  for (const prediction of ['epsilon', 'v_prediction'] as const) {
    it(`keeps signal and noise in their shares when the prediction is exact: ${prediction}`, () => {
      const schedule = noiseSchedule({ ...stableDiffusion, prediction });
      const [clean, noise] = [Float32Array.of(0.7, -1.2), Float32Array.of(0.3, 2)];
      const mix = (a: number) =>
        clean.map((z, i) => Math.sqrt(a) * z + Math.sqrt(1 - a) * (noise[i] as number));
      const grid = ddimGrid(schedule, 10);
      let x: Float32Array = mix(grid[0]?.alpha ?? 0);
      for (const step of grid) {
        const v = noise.map(
          (e, i) => Math.sqrt(step.alpha) * e - Math.sqrt(1 - step.alpha) * (clean[i] as number),
        );
        const predicted = prediction === 'epsilon' ? noise : v;
        const next = ddimStep(step, x, predicted);
        mix(step.alphaPrev).forEach((value, i) => {
          expect(next[i]).toBeCloseTo(value, 5);
        });
        ddimStepBack(step, next, predicted).forEach((value, i) => {
          expect(value).toBeCloseTo(x[i] as number, 4);
        });
        x = next;
      }
    });
  }
});
