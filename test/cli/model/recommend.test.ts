import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../config/index.ts';
import type { Half } from '../../../src/cli/model/half.ts';
import type { Timings } from '../../../src/cli/model/measure.ts';
import {
  type Advice,
  recommend,
  renderSeconds,
  tripleSeconds,
} from '../../../src/cli/model/recommend.ts';
import { presets } from '../../../src/engine/inversion/index.ts';

const model: Parameters<typeof recommend>[0] = { provider: 'cpu' };
const quick: Timings = {
  unet: 0.001,
  decode: 0.001,
  tokenStep: 0.01,
  batch: 4,
  noiseGradient: 0.05,
  steps: 10,
};
/** Stable Diffusion on a processor. */
const slow: Timings = {
  unet: 8,
  decode: 10,
  tokenStep: 120,
  batch: 4,
  noiseGradient: 600,
  steps: 10,
};
const settings = (env: Record<string, string> = {}) => loadConfig(env);

describe('tripleSeconds', () => {
  test('counts what a preset does, by hand', () => {
    // fast, without a guess: 20 steps of batch 4 and 8/10 of a sample each, 3 times; 10 x 7 fixed-point
    // evaluations; one picture of 20 evaluations and a decode.
    const expected = 3 * 20 * (120 + 0.8 * 8) + 70 * 8 + (20 * 8 + 10);
    expect(tripleSeconds(model, presets.fast, slow, 1)).toBeCloseTo(expected);
    // paper: 400 steps of batch 8; 260 gradients.
    const paper = 3 * 400 * 240 + 260 * 600 + 5 * renderSeconds(slow, 10);
    expect(tripleSeconds(model, presets.paper, slow, 5)).toBeCloseTo(paper);
  });
});

describe('recommend', () => {
  const names = (timings: Timings, env?: Record<string, string>) =>
    recommend(model, timings, settings(env), presets).map(({ setting }) => setting);

  test('has nothing to say where all is quick', () => {
    expect(names(quick)).toEqual([]);
    expect(names(quick, { LIKEWISE_PRESET: 'paper' })).toEqual([]);
  });

  test('where it is slow: a GPU, small pieces of work, more time for a user', () => {
    const found = names(slow, { LIKEWISE_PRESET: 'paper' });
    expect(found).toContain('LIKEWISE_PRESET=fast');
    expect(found).toContain('LIKEWISE_RENDER_BATCH_CELLS=1');
    expect(found.some((name) => name.startsWith('LIKEWISE_PROVIDER='))).toBe(true);
    const seconds = found
      .map((name) => /^LIKEWISE_JOBS_USER_DEVICE_SECONDS=(\d+)$/.exec(name)?.[1])
      .find((value) => value !== undefined);
    const triple = tripleSeconds(model, presets.fast, slow, 5);
    expect(Number(seconds)).toBeGreaterThanOrEqual(10 * triple);
  });

  test('what it says are settings, with values that are taken', () => {
    const advice = names(slow, { LIKEWISE_PRESET: 'paper' }).filter((name) => !name.includes(' '));
    const env = Object.fromEntries(advice.map((name) => name.split('=') as [string, string]));
    expect(() => settings(env)).not.toThrow();
    // With them set, only the device is still too slow.
    expect(names(slow, env).every((name) => name.startsWith('LIKEWISE_PROVIDER='))).toBe(true);
  });

  describe('float16', () => {
    /** A model by float16 that takes this share of the time, with gradients this far off. */
    const half = (share: number, error: number): Half => {
      const { batch, steps, ...seconds } = slow;
      const shorter = Object.entries(seconds).map(([name, value]) => [name, share * value]);
      const timings = { batch, steps, ...Object.fromEntries(shorter) } as Timings;
      return { opening: 1, timings, error };
    };
    const advised = (tried: Half) =>
      recommend({ provider: 'cuda' }, slow, settings(), presets, tried);
    const isHalf = ({ setting }: Advice) => setting === 'LIKEWISE_PRECISION=float16';

    test('is advised where it is right and clearly faster, with both times', () => {
      const why = advised(half(0.5, 0.004)).find(isHalf)?.why ?? '';
      const [other, single] = [0.5, 1].map((share) =>
        Math.round((share * tripleSeconds(model, presets.fast, slow, 5)) / 60),
      );
      expect(why).toContain(`about ${other} min, by float32 ${single} min`);
      expect(why).toContain('0.40 % off');
    });

    test.each([
      ['hardly faster', half(0.9, 0.004)],
      ['slower', half(1.5, 0.004)],
      ['faster but wrong', half(0.3, 0.03)],
      ['faster without numbers', half(0.3, Number.NaN)],
    ])('is not advised where it is %s', (_, tried) => {
      expect(advised(tried).some(isHalf)).toBe(false);
      expect(advised(tried)).toEqual(recommend({ provider: 'cuda' }, slow, settings(), presets));
    });

    test('what else is advised goes by its times', () => {
      const others = advised(half(0.01, 0)).filter((one) => !isHalf(one));
      const { timings } = half(0.01, 0);
      expect(others).toEqual(recommend({ provider: 'cuda' }, timings, settings(), presets));
    });
  });
});
