import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/random.ts';
import { blend, focusMask } from '../../../src/engine/synthesis/focus.ts';
import { type Cell, render } from '../../../src/engine/synthesis/index.ts';
import { createToyModel } from '../toy-model.ts';

const size = { channels: 2, height: 5, width: 6 };
const area = size.height * size.width;

/** Predictions that differ at (column, row) by a vector of this length. */
function pair(differences: [x: number, y: number, length: number][]) {
  const base = createRandom(1, 'base').gaussians(2 * area);
  const edited = base.slice();
  for (const [x, y, length] of differences) {
    const p = y * size.width + x;
    edited[p] = (edited[p] as number) + 0.6 * length;
    edited[area + p] = (edited[area + p] as number) - 0.8 * length;
  }
  return [base, edited] as const;
}

describe('the mask of an edit', () => {
  it('is 1 where the prediction changes most, and next to it, 0 far away', () => {
    const mask = focusMask(...pair([[2, 2, 3]]), size, 0.5);
    mask.forEach((value, p) => {
      const near =
        Math.abs((p % size.width) - 2) <= 1 && Math.abs(Math.floor(p / size.width) - 2) <= 1;
      expect(value).toBe(near ? 1 : 0);
    });
  });

  it('rises from half the share to the share of the largest change', () => {
    const at = (length: number, share: number) =>
      focusMask(
        ...pair([
          [0, 0, 1],
          [4, 3, length],
        ]),
        size,
        share,
      )[3 * size.width + 4];
    expect(at(0.19, 0.4)).toBe(0);
    expect(at(0.3, 0.4)).toBeCloseTo(0.5, 3);
    expect(at(0.41, 0.4)).toBe(1);
    expect(at(0.3, 0.2)).toBe(1);
  });

  it('is nothing where nothing changes', () => {
    expect(focusMask(...pair([]), size, 0.5).every((value) => value === 0)).toBe(true);
  });

  it('takes ours at 0, theirs at 1, bit for bit at 0', () => {
    const [ours, theirs] = [Float32Array.of(0.1, 0.2, 0.3, 0.4), Float32Array.of(5, 6, 7, 8)];
    const blended = blend(ours, theirs, Float32Array.of(0, 1));
    expect([blended[0], blended[2]]).toEqual([ours[0], ours[2]]);
    expect([blended[1], blended[3]]).toEqual([6, 8]);
  });
});

describe('a focused render', () => {
  const model = createToyModel();
  const { channels, height, width } = model.latent;
  const features = model.text.length * model.text.width;
  const given = {
    noise: createRandom(1, 'noise').gaussians(channels * height * width),
    c: createRandom(1, 'c').gaussians(features),
    direction: createRandom(1, 'e').gaussians(features),
  };
  const pictures = (cells: Cell[], focus: number) => render(model, { ...given, cells }, { focus });
  const distance = (a?: Float32Array, b?: Float32Array) =>
    Math.hypot(...(a ?? []).map((value, i) => value - (b?.[i] as number)));

  it('leaves lambda 0 alone, and comes nearer to B the narrower it is', async () => {
    const cells = [
      { lambda: 0, sigma: 3 },
      { lambda: 1, sigma: 1 },
      { lambda: 1, sigma: 3 },
    ];
    const free = await pictures(cells, 0);
    const wide = await pictures(cells, 0.01);
    const narrow = await pictures(cells, 1);
    expect(wide[0]).toEqual(free[0]);
    expect(narrow[0]).toEqual(free[0]);
    for (const i of [1, 2]) {
      expect(distance(wide[i], free[i])).toBeLessThan(0.5 * distance(narrow[i], free[i]));
      expect(distance(narrow[i], free[0])).toBeLessThan(distance(free[i], free[0]));
      expect(distance(narrow[i], free[0])).toBeGreaterThan(0);
    }
  });

  it('gives a cell the same bytes in any company', async () => {
    const cells = [0, 1, 2].flatMap((lambda) => [1, 3].map((sigma) => ({ lambda, sigma })));
    const together = await pictures(cells, 0.5);
    for (const [i, cell] of cells.entries()) {
      expect((await pictures([cell], 0.5))[0]).toEqual(together[i]);
    }
  });
});
