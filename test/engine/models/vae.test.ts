import { expect, it } from 'vitest';
import { withoutNoise } from '../../../src/engine/models/vae.ts';
import { createSession, tensorOf } from '../../../src/engine/onnx/index.ts';
import { makeModel, node } from '../autodiff/graphs.ts';

it.each([
  ['RandomNormalLike', node('RandomNormalLike', ['mean'], ['noise'])],
  ['RandomNormal', node('RandomNormal', [], ['noise'], { shape: [1, 2, 1, 2] })],
  ['RandomNormal of a type', node('RandomNormal', [], ['noise'], { shape: [2], dtype: 1 })],
])('an encoder that draws gives its mean: %s', async (_, draw) => {
  const sampling = makeModel({
    nodes: [draw, node('Add', ['mean', 'noise'], ['latent_sample'])],
    inputs: { mean: [1, 2, 1, 2] },
    outputs: ['latent_sample'],
    dtype: 'float32',
  });
  const mean = tensorOf('float32', [1, 2, 1, 2], [1, 2, 3, 4]);
  const run = async (model: typeof sampling) => {
    const session = await createSession(model, { threads: 1 });
    const { latent_sample: answer } = await session.run({ mean });
    await session.release();
    return answer;
  };
  expect(await run(sampling)).not.toEqual(mean);
  expect(await run(withoutNoise(sampling))).toEqual(mean);
});
