import { describe, expect, it } from 'vitest';
import { parseCaption } from '../../training/avatars/attributes.ts';
import {
  createRandom,
  drawPixels,
  isHeldOut,
  randomAttributes,
  randomLook,
  SIZE,
} from '../../training/avatars/avatar.ts';
import { changedShares, drawMaps, MAPS, SIDE } from '../../training/avatars/counterfactual.ts';

describe('where words show', () => {
  it('shares of a cell count pixels that visibly differ', () => {
    const a = new Uint8Array(SIZE * SIZE * 3).fill(100);
    const b = a.slice();
    // Eight of the sixteen pixels of the cell at row 2, column 5.
    for (const y of [8, 9]) for (const x of [20, 21, 22, 23]) b[3 * (y * SIZE + x) + 1] = 160;
    // Too little to see.
    b[0] = 110;
    const shares = changedShares(a, b);
    expect(shares).toHaveLength(SIDE * SIDE);
    expect(shares[2 * SIDE + 5]).toBe(128);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(128);
  });

  it('the first map of a face is its mouth: small, and below the middle', async () => {
    const random = createRandom(3);
    const attributes = parseCaption('personas pale long black smile none none none white red');
    const look = randomLook('personas', random);
    const maps = await drawMaps(attributes, look, await drawPixels(attributes, look), random);
    expect(maps).toHaveLength(MAPS * SIDE * SIDE);
    const places = [...maps.subarray(0, SIDE * SIDE).entries()].filter(([, share]) => share > 0);
    expect(places.length).toBeGreaterThan(0);
    expect(places.length).toBeLessThan((SIDE * SIDE) / 10);
    for (const [place] of places) expect(Math.floor(place / SIDE)).toBeGreaterThan(SIDE / 4);
  });

  it('is drawn for every style, the same by the same seed', async () => {
    const random = createRandom(5);
    for (const style of ['dylan', 'personas', 'micah', 'bigsmile', 'pixelart']) {
      const attributes = randomAttributes(random, style);
      if (isHeldOut(attributes)) continue;
      const look = randomLook(style, random);
      const picture = await drawPixels(attributes, look);
      const [one, two] = await Promise.all(
        [1, 1].map((seed) => drawMaps(attributes, look, picture, createRandom(seed))),
      );
      expect(one).toEqual(two);
    }
  });
});
