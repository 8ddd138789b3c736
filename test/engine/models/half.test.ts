import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import {
  type DiffusionModel,
  type Float32Tensor,
  float32,
  loadModel,
} from '../../../src/engine/models/index.ts';
import { copyOf, distance, plus, recordOf } from './records.ts';

// Graphs as deep as the real one are opened, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const scratch = mkdtempSync(join(tmpdir(), 'likewise-half-'));
const opened: DiffusionModel[] = [];
afterAll(async () => {
  for (const model of opened) await model.close();
  rmSync(scratch, { recursive: true });
});

/** So small that float16 has no number for a cotangent of this size. */
const small = 1e-8;

async function openHalf(layout: string, memoryMegabytes: number) {
  const dir = copyOf(layout, scratch);
  const model = await loadModel(dir, { threads: 1, memoryMegabytes, precision: 'float16' });
  opened.push(model);
  expect(model).toMatchObject({ provider: 'cpu', precision: 'float16' });
  const staged = readdirSync(dir).includes('prepared');
  return { model, staged, r: recordOf(layout) };
}

/** A gradient as PyTorch has it, of the small cotangent. */
const scaled = (value: Float32Tensor) => plus(float32(value.dims), small, value);

function compare(pairs: readonly (readonly [Float32Tensor | undefined, Float32Tensor])[]): void {
  for (const [found, expected] of pairs) {
    const off = distance(found, expected);
    expect(off).toBeLessThan(2e-2);
    // It is another arithmetic, not the same by mistake.
    expect(off).toBeGreaterThan(1e-5);
  }
}

it.each(['optimum-18', 'dynamo-21'])(
  'float16 of %s in stages is held to PyTorch',
  async (layout) => {
    const { model, staged, r } = await openHalf(layout, 3);
    expect(staged).toBe(true);
    const times = [...r.times.data];
    const wrt = ['sample', 'context'] as const;
    const vjp = await model.unetVjp(r.z, times, r.context, scaled(r.seedOut), wrt);
    // 2 w (out - target) is the seed; a target far off, so that float16's own error in `out` counts less.
    const target = plus(r.out, -8, r.seedOut);
    const weights = [small / 16, small / 16];
    const error = await model.unetErrorVjp(r.z, times, r.context, target, weights, ['context']);
    const decoded = await model.decodeErrorVjp(r.latents, r.pixels, [3 * small]);
    compare([
      [vjp.out, r.out],
      [vjp.gradSample, scaled(r.gradSample)],
      [vjp.gradContext, scaled(r.gradContext)],
      [error.gradContext, scaled(r.gradContext)],
      [decoded.pixels, r.decoded],
      [decoded.gradZ, scaled(r.gradLatents)],
    ]);
  },
);

// The U-Net's whole gradient graphs in float16 are held to PyTorch in precision/to-float16.test.ts.
it('float16 in whole graphs, of a file in float16, is held to PyTorch', async () => {
  const { model, staged, r } = await openHalf('script-half', 1000);
  expect(staged).toBe(false);
  const predicted = await model.unet(r.z, [...r.times.data], r.context);
  const decoded = await model.decodeErrorVjp(r.latents, r.pixels, [3 * small]);
  compare([
    [predicted, r.out],
    [decoded.pixels, r.decoded],
    [decoded.gradZ, scaled(r.gradLatents)],
  ]);
});
