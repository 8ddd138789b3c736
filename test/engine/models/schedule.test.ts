import { describe, expect, it } from 'vitest';
import {
  alphaCumprod,
  diffuse,
  noiseSchedule,
  type ScheduleOptions,
} from '../../../src/engine/models/schedule.ts';
import { ddimGrid, ddimStep } from '../../../src/engine/synthesis/ddim.ts';

const options: ScheduleOptions = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'v_prediction',
  stepsOffset: 1,
  setAlphaToOne: false,
};

describe('a noise schedule', () => {
  it.each(['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const)(
    'falls: %s',
    (betaSchedule) => {
      const { alphasCumprod } = noiseSchedule({ ...options, betaSchedule });
      expect(alphasCumprod.every((a, t) => t === 0 || a < alphasCumprod[t - 1]!)).toBe(true);
      expect(alphasCumprod[0]).toBeGreaterThan(0.99);
      expect(alphasCumprod.at(-1)).toBeGreaterThan(0);
    },
  );

  it('follows the squared cosine until beta is capped', () => {
    const schedule = noiseSchedule({ ...options, betaSchedule: 'squaredcos_cap_v2' });
    const f = (share: number) => Math.cos(((share + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    for (const t of [0, 250, 499, 900]) {
      expect(alphaCumprod(schedule, t)).toBeCloseTo(f((t + 1) / 1000) / f(0), 12);
    }
    // The cosine ends at 0; the cap leaves a thousandth of what was there before.
    expect(alphaCumprod(schedule, 999) / alphaCumprod(schedule, 998)).toBeCloseTo(0.001, 12);
  });

  it('takes betas as they are given, one for each timestep', () => {
    const trainedBetas = [0.1, 0.2, 0.5];
    const { alphasCumprod } = noiseSchedule({ ...options, trainSteps: 3, trainedBetas });
    [0.9, 0.72, 0.36].forEach((a, t) => {
      expect(alphasCumprod[t]).toBeCloseTo(a, 12);
    });
    expect(() => noiseSchedule({ ...options, trainedBetas })).toThrow(/3 betas for 1000/);
  });
});

describe('a schedule that ends without signal', () => {
  const plain = noiseSchedule(options);
  const schedule = noiseSchedule({ ...options, zeroTerminalSnr: true });

  it('ends at exactly 0, begins as before, and keeps the proportions between', () => {
    expect(alphaCumprod(schedule, 999)).toBe(0);
    expect(alphaCumprod(schedule, 0)).toBeCloseTo(alphaCumprod(plain, 0), 12);
    const root = (s: typeof plain, t: number) => Math.sqrt(alphaCumprod(s, t));
    const share = (s: typeof plain) => (root(s, 300) - root(s, 700)) / (root(s, 0) - root(s, 999));
    expect(share(schedule)).toBeCloseTo(share(plain), 12);
  });

  it('is sampled from pure noise: v there is the picture, turned round', () => {
    const z = Float32Array.of(0.5, -1);
    const noise = Float32Array.of(2, 3);
    const { noisy, target } = diffuse(schedule, 999, z, noise);
    expect([...noisy]).toEqual([...noise]);
    expect([...target]).toEqual([-0.5, 1]);
    // A thousand steps begin at t = 999; the true v leads onto the same noise at the next timestep.
    const step = ddimGrid(schedule, 1000)[0]!;
    expect(step.alpha).toBe(0);
    const next = ddimStep(step, noisy, target);
    const expected = diffuse(schedule, 999 - 1, z, noise).noisy;
    next.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  it('is for models of v only', () => {
    const epsilon = { ...options, prediction: 'epsilon' as const };
    expect(() => noiseSchedule({ ...epsilon, zeroTerminalSnr: true })).toThrow(RangeError);
    const trainedBetas = [0.1, 1];
    expect(() => noiseSchedule({ ...epsilon, trainSteps: 2, trainedBetas })).toThrow(RangeError);
  });
});
