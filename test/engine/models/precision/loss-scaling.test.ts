import { beforeAll, describe, expect, test } from 'vitest';
import { buildVjp } from '../../../../src/engine/autodiff/index.ts';
import { float32, stack, unstack } from '../../../../src/engine/models/batch.ts';
import type { Float32Tensor } from '../../../../src/engine/models/model.ts';
import {
  type GradientResults,
  lossScaled,
  scalesOf,
  toFloat16,
} from '../../../../src/engine/models/precision/index.ts';
import { isOnnxError, type OnnxModel, type Tensor } from '../../../../src/engine/onnx/index.ts';
import { loadFixture, relativeError, runOnce } from '../../autodiff/helpers.ts';
import { roundedNodeByNode } from './helpers.ts';

const { model, inputs, cotangents, gradients } = loadFixture('decoder-script-17-sizes');
const g = cotangents.sample as Float32Tensor;
const recorded = gradients.latent_sample as Tensor;
let half: OnnxModel;

beforeAll(() => {
  half = roundedNodeByNode(toFloat16(buildVjp(model, { of: 'sample', wrt: ['latent_sample'] })));
});

const evaluate = async (seed: Float32Tensor) =>
  (await runOnce(half, { ...inputs, grad_sample: seed })) as GradientResults;

function times(batch: Float32Tensor, ...factors: number[]): Float32Tensor {
  const samples = unstack(batch).map((s, b) => s.map((v) => v * (factors[b] as number)));
  return stack(samples, batch.dims.slice(1));
}

const gradientOf = (results: GradientResults) => results.grad_latent_sample as Float32Tensor;

describe('loss scaling', () => {
  test('a cotangent of 1e-7 is lost without it and kept with it', async () => {
    const tiny = times(g, 1e-7, 1e-7);
    const exact = times(recorded as Float32Tensor, 1e-7, 1e-7);
    expect(relativeError(gradientOf(await evaluate(tiny)), exact)).toBeGreaterThan(0.3);
    const kept = gradientOf(await lossScaled(tiny, evaluate));
    expect(relativeError(kept, exact)).toBeLessThan(2e-2);
  });

  test('samples of very different size do not share a scale, nor depend on each other', async () => {
    const mixed = times(g, 1e-7, 1e4);
    const exact = times(recorded as Float32Tensor, 1e-7, 1e4);
    const [first, second] = unstack(gradientOf(await lossScaled(mixed, evaluate)));
    const [a, b] = unstack(exact);
    const error = (x: Float32Array | undefined, y: Float32Array | undefined) =>
      relativeError(float32([x?.length ?? 0], x), float32([y?.length ?? 0], y));
    expect(error(first, a)).toBeLessThan(2e-2);
    expect(error(second, b)).toBeLessThan(2e-2);
    const alone = unstack(gradientOf(await lossScaled(times(g, 1e-7, 3), evaluate)));
    expect(alone[0]).toEqual(first);
  });

  test('an overflow halves S, then lowers it faster, and the result is the same', async () => {
    const seeds: number[][] = [];
    const results = await lossScaled(
      g,
      (seed) => {
        seeds.push(unstack(seed).map((s) => Math.max(...s.map(Math.abs))));
        return evaluate(seed);
      },
      { target: 16 },
    );
    expect(seeds.length).toBeGreaterThan(1);
    const [first, second, ...more] = seeds as [number[], number[], ...number[][]];
    expect(first[0]).toBeGreaterThan(65504);
    expect(second[0]).toBe((first[0] as number) / 2);
    if (more[0] && more[0][0] !== second[0]) expect(more[0][0]).toBe((second[0] as number) / 4);
    expect(relativeError(gradientOf(results), recorded)).toBeLessThan(2e-2);
  });

  test('equal inputs give equal bits, whatever was evaluated before', async () => {
    const before = await lossScaled(g, evaluate);
    await lossScaled(g, evaluate, { target: 16 });
    await lossScaled(times(g, 1e-7, 1e5), evaluate);
    const after = await lossScaled(g, evaluate);
    expect(gradientOf(after).data).toEqual(gradientOf(before).data);
  });

  test('where no S helps it says so, after one run if the forward pass is to blame', async () => {
    let runs = 0;
    const bad = (name: string) => async () => {
      runs++;
      const value = float32([2, 1], Float32Array.of(1, Number.POSITIVE_INFINITY));
      return { out: float32([2, 1]), grad_x: float32([2, 1]), [name]: value };
    };
    const error = await lossScaled(g, bad('out')).catch((e: unknown) => e);
    expect(isOnnxError(error) && error.code).toBe('session');
    expect(runs).toBe(1);
    await expect(lossScaled(g, bad('grad_x'), { attempts: 5 })).rejects.toThrow('float16');
    expect(runs).toBe(6);
  });

  test('a cotangent that is not finite is passed on, as in float32', async () => {
    const broken = times(g, 1, 1);
    broken.data[0] = Number.NaN;
    const [first, second] = unstack(gradientOf(await lossScaled(broken, evaluate)));
    expect(first?.some(Number.isNaN)).toBe(true);
    expect(second).toEqual(unstack(gradientOf(await lossScaled(g, evaluate)))[1]);
  });
});

test('S brings the largest element to the target, and is a power of two', () => {
  const largest = [1, 0.75, 2 ** -24 * 1.5, 1e-42, 3e38, 0, Number.NaN, Number.POSITIVE_INFINITY];
  const batch = float32([8, 2], Float32Array.from(largest.flatMap((v) => [v / 3, -v])));
  expect(scalesOf(batch)).toEqual([8, 9, 32, 148, -119, 0, 0, 0]);
  for (const [i, exponent] of scalesOf(batch).slice(0, 5).entries()) {
    const scaled = Math.abs(batch.data[2 * i + 1] as number) * 2 ** exponent;
    expect(scaled).toBeGreaterThanOrEqual(256);
    expect(scaled).toBeLessThan(512);
  }
});
