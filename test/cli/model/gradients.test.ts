import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkGradients,
  distance,
  type GradientCheck,
  type Probe,
  probe,
} from '../../../src/cli/model/gradients.ts';
import { type DiffusionModel, float32, loadModel } from '../../../src/engine/models/index.ts';

let model: DiffusionModel;
let probed: Probe;
beforeAll(async () => {
  model = await loadModel('test/fixtures/models/script');
  probed = await probe(model);
});
afterAll(() => model.close());

async function errorsOf(of: DiffusionModel): Promise<number[]> {
  const found: GradientCheck[] = [];
  const { signal } = new AbortController();
  for await (const one of checkGradients(of, probed, 2, signal)) found.push(one);
  return found.map(({ error }) => error);
}

describe('checkGradients', () => {
  test('finds right gradients right', async () => {
    for (const error of await errorsOf(model)) expect(error).toBeLessThan(5e-3);
  });

  test.each<[string, number, (values: Float32Array) => Float32Array]>([
    ['10 % too long', 1, (values) => values.map((value) => 1.1 * value)],
    ['backwards', 1, (values) => values.map((value) => -value)],
    ['of zeros', 1, (values) => values.map(() => 0)],
    ['of no numbers', 1, (values) => values.map(() => Number.NaN)],
    // Rows that got lost: what a broken sum over a batch or a sequence looks like.
    [
      'without its second half',
      1,
      (values) => values.map((v, i) => (i < values.length / 2 ? v : 0)),
    ],
  ])('finds a gradient that is %s wrong', async (_, at, spoil) => {
    const wrong: DiffusionModel = {
      ...model,
      async unetErrorVjp(...args) {
        const { gradContext, ...rest } = await model.unetErrorVjp(...args);
        return {
          ...rest,
          ...(gradContext && { gradContext: float32(gradContext.dims, spoil(gradContext.data)) }),
        };
      },
    };
    const errors = await errorsOf(wrong);
    expect(errors[at]).toBeGreaterThan(5e-2);
    for (const [i, error] of errors.entries()) if (i !== at) expect(error).toBeLessThan(5e-3);
  });

  test('can be stopped', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(checkGradients(model, probed, 1, signal).next()).rejects.toThrow('enough');
  });
});

test('distance is that of the gradient that differs most; of one that is not there no number', () => {
  const reference = new Map([
    ['a', Float32Array.of(3, 4)],
    ['b', Float32Array.of(0, 10)],
  ]);
  const [a, b] = [Float32Array.of(3, 4.5), Float32Array.of(0, 12)];
  const distanceOf = (...own: [string, Float32Array][]) => distance(new Map(own), reference);
  expect(distanceOf(['a', a], ['b', Float32Array.of(0, 10)])).toBeCloseTo(0.1);
  expect(distanceOf(['a', a], ['b', b])).toBeCloseTo(0.2);
  expect(distanceOf(['b', b])).toBeNaN();
});
