import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  type DiffusionModel,
  type LoadOptions,
  loadModel,
} from '../../../src/engine/models/index.ts';
import { fixtureDir, readRecording } from './fixtures.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-half-'));
const opened: DiffusionModel[] = [];
afterAll(async () => {
  for (const model of opened) await model.close();
  rmSync(scratch, { recursive: true });
});

/** Gradients by everything, of a cotangent so small that float16 has no number for it. */
async function gradientsOf(dir: string, options: LoadOptions) {
  const model = await loadModel(dir, { threads: 1, ...options });
  opened.push(model);
  const { z, pixels } = readRecording('script');
  const small = { ...z, data: z.data.map((value) => value * 1e-8) };
  const times = [1, 901];
  const c = await model.encodeTokens(stacked(model));
  const vjp = await model.unetVjp(z, times, c, small, ['sample', 'context']);
  const error = await model.unetErrorVjp(z, times, c, z, [1e-8, 3e-8], ['context']);
  const decoded = await model.decodeErrorVjp(z, pixels, [1e-8, 2e-8]);
  const found = [vjp.gradSample, vjp.gradContext, error.gradContext, decoded.gradZ];
  return { model, found: found.map((value) => value?.data as Float32Array) };
}

/** Token embeddings of a text for two samples. */
function stacked(model: DiffusionModel) {
  const { data } = model.tokenEmbeddings(model.tokenize('abc dab c'));
  const { length, tokenWidth } = model.text;
  const twice = new Float32Array([...data, ...data]);
  return { dtype: 'float32' as const, dims: [2, length, tokenWidth], data: twice };
}

const distance = (a: Float32Array, b: Float32Array) =>
  Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...b);

it.each([
  ['whole graphs', 1000],
  ['stages', 1.5],
])('float16 in %s is held to float32', async (_, memoryMegabytes) => {
  const dir = mkdtempSync(join(scratch, 'model-'));
  cpSync(fixtureDir('script'), dir, { recursive: true });
  const single = await gradientsOf(dir, { memoryMegabytes });
  const half = await gradientsOf(dir, { memoryMegabytes, precision: 'float16' });
  expect(single.model).toMatchObject({ provider: 'cpu', precision: 'float32' });
  expect(half.model).toMatchObject({ provider: 'cpu', precision: 'float16' });
  half.found.forEach((gradient, i) => {
    const reference = single.found[i] as Float32Array;
    expect(Math.hypot(...reference)).toBeGreaterThan(0);
    const error = distance(gradient, reference);
    expect(error).toBeLessThan(2e-2);
    // It is another arithmetic, not the same by mistake.
    expect(error).toBeGreaterThan(0);
  });
});
