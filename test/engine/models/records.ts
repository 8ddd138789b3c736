import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Float32Tensor, float32 } from '../../../src/engine/models/index.ts';

/** Stable Diffusion's topology in each layout, and what PyTorch computes; see training/fixtures. */
export const layoutsDir = join(import.meta.dirname, '../../fixtures/layouts');

/** A layout's folder again, in `scratch`: what is prepared of a model is kept beside it. */
export function copyOf(layout: string, scratch: string): string {
  const dir = mkdtempSync(join(scratch, `${layout}-`));
  cpSync(join(layoutsDir, layout), dir, { recursive: true });
  return dir;
}

const names = [
  ...['ids', 'embeddings', 'features', 'seedFeatures', 'gradEmbeddings'],
  ...['z', 'times', 'context', 'out', 'seedOut', 'gradSample', 'gradContext'],
  ...['pixels', 'encoded', 'latents', 'decoded', 'gradLatents'],
] as const;
export type LayoutRecord = Record<(typeof names)[number], Float32Tensor>;

/** `gradLatents` is of 3 || decoded - pixels ||^2, other gradients are of the seeds. */
export function recordOf(layout: string): LayoutRecord {
  const json = JSON.parse(readFileSync(join(layoutsDir, layout, 'record.json'), 'utf8'));
  const entries = names.map((name) => {
    const { dims, data, dtype } = json[name] as { dims: number[]; data: string; dtype: string };
    const { buffer } = Uint8Array.from(Buffer.from(data, 'base64'));
    const values = dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
    return [name, float32(dims, Float32Array.from(values))] as const;
  });
  return Object.fromEntries(entries) as LayoutRecord;
}

/** a + factor * b */
export function plus(a: Float32Tensor, factor: number, b: Float32Tensor): Float32Tensor {
  return float32(
    a.dims,
    a.data.map((value, i) => value + factor * (b.data[i] as number)),
  );
}

/** Norm of the difference over the norm. */
export function distance(found: Float32Tensor | undefined, expected: Float32Tensor): number {
  expect(found?.dims).toEqual(expected.dims);
  const difference = expected.data.map((value, i) => value - (found?.data[i] ?? Number.NaN));
  return Math.hypot(...difference) / Math.hypot(...expected.data);
}
