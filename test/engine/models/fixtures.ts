import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Float32Tensor, float32 } from '../../../src/engine/models/index.ts';

/** Toy models that PyTorch wrote, with what it computes on them; see training/fixtures. */
export const modelFixtures = ['script', 'optimum'] as const;

export const fixtureDir = (name: string): string =>
  join(import.meta.dirname, '../../fixtures/models', name);

export interface Recording {
  pixels: Float32Tensor;
  latents: Float32Tensor;
  decoded: Float32Tensor;
  features: Float32Tensor;
  z: Float32Tensor;
  predicted: Float32Tensor;
  guess: Float32Tensor;
  times: number[];
  ids: number[];
  text: string;
}

export function readRecording(name: string): Recording {
  const json = JSON.parse(readFileSync(join(fixtureDir(name), 'record.json'), 'utf8'));
  const entries = Object.entries(json).map(([key, value]) => {
    const packed = value as { dims?: number[]; data?: string };
    if (!packed.dims || !packed.data) return [key, value];
    const bytes = Uint8Array.from(Buffer.from(packed.data, 'base64'));
    return [key, float32(packed.dims, new Float32Array(bytes.buffer))];
  });
  return Object.fromEntries(entries);
}

/** Largest difference over largest value. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  let [difference, size] = [0, 0];
  a.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - (b[i] as number)));
    size = Math.max(size, Math.abs(b[i] as number));
  });
  return difference / size;
}
