import type { Rgb } from '../judge.ts';
import { dialOf, type Method } from './method.ts';

/** The baseline that knows nothing: B' = clip(B + lambda (A' - A)), pixel by pixel. */
export function pixelDifference(lambdas: readonly number[]): Method {
  return {
    id: 'pixels',
    title: 'pixel difference',
    cells: async ({ a, a2, b }) =>
      lambdas.map((lambda) => ({
        dial: dialOf({ lambda }),
        picture: addDifference(a.picture, a2.picture, b.picture, lambda),
      })),
  };
}

export function addDifference(a: Rgb, a2: Rgb, b: Rgb, lambda: number): Rgb {
  // A clamped array rounds and clips.
  const sum = Uint8ClampedArray.from(
    b,
    (value, i) => value + lambda * ((a2[i] as number) - (a[i] as number)),
  );
  return new Uint8Array(sum.buffer);
}
