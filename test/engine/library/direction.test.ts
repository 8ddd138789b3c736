import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageDirections, sumDirections } from '../../../src/engine/library/index.ts';

const finite = fc.float32Array({
  noNaN: true,
  noDefaultInfinity: true,
  minLength: 1,
  maxLength: 20,
});
const modest = fc.float32Array({ noNaN: true, min: -100, max: 100, minLength: 6, maxLength: 6 });

describe('directions', () => {
  it('once is itself, and so is the mean of the same, bit for bit', () => {
    fc.assert(
      fc.property(finite, (direction) => {
        expect(sumDirections([{ direction, weight: 1 }]).map((x) => x + 0)).toEqual(
          direction.map((x) => x + 0),
        );
        expect(averageDirections([direction, direction, direction, direction])).toEqual(
          direction.map((x) => x + 0),
        );
      }),
    );
  });

  it('a direction and its opposite are no change', () => {
    fc.assert(
      fc.property(finite, (direction) => {
        const sum = sumDirections([2.5, -2.5].map((weight) => ({ direction, weight })));
        expect(sum.every((value) => value === 0)).toBe(true);
      }),
    );
  });

  it('the order of a sum shows in rounding only', () => {
    fc.assert(
      fc.property(fc.array(modest, { minLength: 1, maxLength: 6 }), (directions) => {
        const terms = directions.map((direction, i) => ({ direction, weight: i - 1.5 }));
        const [sum, turned] = [sumDirections(terms), sumDirections(terms.toReversed())];
        for (const [i, value] of sum.entries()) expect(turned[i]).toBeCloseTo(value, 3);
      }),
    );
  });

  it('weighs, and averages', () => {
    const [x, y] = [Float32Array.of(1, 2), Float32Array.of(10, -20)];
    const sum = sumDirections([
      { direction: x, weight: 2 },
      { direction: y, weight: -0.5 },
    ]);
    expect(sum).toEqual(Float32Array.of(-3, 14));
    expect(averageDirections([x, y])).toEqual(Float32Array.of(5.5, -9));
  });

  it.each([
    ['none', []],
    ['different lengths', [1, 2].map((n) => ({ direction: new Float32Array(n), weight: 1 }))],
    ['a weight that is none', [{ direction: new Float32Array(1), weight: Number.NaN }]],
    ['a sum too large', [{ direction: Float32Array.of(3e38), weight: 2 }]],
  ])('refuses %s', (_, terms) => {
    expect(() => sumDirections(terms)).toThrow(RangeError);
  });
});
