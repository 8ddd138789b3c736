import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialsFor, fitted, thinned } from '../../src/commands/dials.ts';

const standard = { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] };

describe('the standard dials', () => {
  test.each([
    [5, [0, 0.5, 1, 1.5, 2]],
    [4, [0, 1, 1.5, 2]],
    [3, [0, 1, 2]],
    [2, [0, 1]],
    [1, [1]],
  ])('are thinned out to %i', (most, lambda) => {
    expect(fitted(standard, most).lambda).toEqual(lambda);
  });

  test('leave room for what was asked for, which stays as it is', () => {
    const twoDials = { lambda: [0, 1, 2], guidance: [1, 2, 3] };
    expect(dialsFor({ strengths: [3, 1, 3] }, twoDials, 5)).toEqual({
      lambda: [3, 1],
      guidance: [1, 3],
    });
    expect(dialsFor({ guidance: [1, 2, 3] }, twoDials, 5)).toEqual({
      lambda: [1],
      guidance: [1, 2, 3],
    });
  });

  test('do not make room for more than fits', () => {
    const refused = { code: 'CELLS_TOO_MANY', details: { cells: 6, limit: 5 } };
    const asked = { strengths: [0, 1, 2], guidance: [1, 2] };
    expect(() => dialsFor(asked, standard, 5)).toThrow(expect.objectContaining(refused));
    expect(() => dialsFor({ strengths: [0, 1] }, standard, 1)).toThrow(/2 pictures .* at most 1/);
  });
});

test('whatever is thinned out, it fits, keeps its order, its ends and a strength of 1', () => {
  const values = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 40 }), (all, most) => {
      const kept = thinned(all, most);
      expect(kept).toHaveLength(Math.min(all.length, most));
      const places = kept.map((value) => all.indexOf(value));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      if (all.includes(1)) expect(kept).toContain(1);
      if (most >= 3) expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)]);
    }),
  );
});
