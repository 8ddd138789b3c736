import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalPicture } from '../../src/engine/intake/index.ts';
import { limits } from '../engine/intake/samples.ts';

const read = async (name: string) =>
  await canonicalPicture(readFileSync(`samples/${name}`), {
    size: { width: 128, height: 128 },
    limits,
  });

/** Share of pixels that differ visibly. */
function changed(a: Uint8Array, b: Uint8Array): number {
  const different = a.filter((value, i) => Math.abs(value - (b[i] ?? 0)) > 24).length;
  return different / a.length;
}

test('the samples make an analogy: one change, and another face', async () => {
  const [before, after, other] = [
    await read('plain.png'),
    await read('with-glasses.png'),
    await read('friend.png'),
  ];
  expect(changed(before.rgb, after.rgb)).toBeGreaterThan(0.003);
  expect(changed(before.rgb, after.rgb)).toBeLessThan(0.15);
  expect(changed(before.rgb, other.rgb)).toBeGreaterThan(0.3);
});
