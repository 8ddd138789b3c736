import { expect, it } from 'vitest';
import {
  augment,
  noAugmentation,
  paperAugmentation,
} from '../../../src/engine/inversion/augment.ts';
import { float32, unstack } from '../../../src/engine/models/batch.ts';

const [height, width] = [6, 8];
const ramp = float32(
  [1, 3, height, width],
  Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return x + 10 * y + 100 * Math.floor(i / (height * width));
  }),
);

it('starts with the picture, then its mirror image, then crops', () => {
  const variants = augment(ramp, paperAugmentation, 1);
  expect(variants.dims).toEqual([8, 3, height, width]);
  const [first, mirrored, ...crops] = unstack(variants);
  expect(first).toEqual(ramp.data);
  expect(Array.from(mirrored?.subarray(0, width) ?? [])).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  expect(mirrored?.[3 * height * width - 1]).toBe(250);
  expect(crops.length).toBe(6);
  expect(augment(ramp, noAugmentation, 1).data).toEqual(ramp.data);
});

it('crops inside the picture, and a ramp stays a ramp of a gentler slope', () => {
  for (const crop of unstack(augment(ramp, { flip: false, crops: 20, area: [0.5, 0.9] }, 3)).slice(
    1,
  )) {
    expect(Math.min(...crop)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...crop)).toBeLessThanOrEqual(257);
    const at = (x: number, y: number) => crop[y * width + x] as number;
    const slope = at(4, 3) - at(3, 3);
    expect(slope).toBeGreaterThanOrEqual(Math.sqrt(0.5) - 1e-4);
    expect(slope).toBeLessThanOrEqual(Math.sqrt(0.9) + 1e-4);
    expect((at(4, 4) - at(4, 3)) / slope).toBeCloseTo(10, 3);
  }
});

it('is decided by the seed alone', () => {
  const again = augment(ramp, paperAugmentation, 1);
  expect(augment(ramp, paperAugmentation, 1)).toEqual(again);
  expect(augment(ramp, paperAugmentation, 2)).not.toEqual(again);
});
