import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decibels,
  differing,
  EXACT_DB,
  judge,
  kept,
  psnr,
  squaredError,
} from '../../bench/quality/judge.ts';

const pixels = 6;
/** Few levels, so that candidates often agree in a pixel, and ties happen. */
const picture = fc.uint8Array({ minLength: 3 * pixels, maxLength: 3 * pixels, max: 3 });
const scene = fc.record({
  answer: picture,
  truth: picture,
  others: fc.array(picture, { minLength: 1, maxLength: 5 }),
});

/** Mean squared error over the pixels of a mask; 0 where it has none. */
function meanOver(a: Uint8Array, b: Uint8Array, mask: Uint8Array): number {
  const count = mask.reduce((sum, value) => sum + value, 0);
  return count === 0 ? 0 : squaredError(a, b, mask) / (3 * count);
}

describe('the rule of the nearest candidate', () => {
  it('is one rule: over all pixels, over those that differ anywhere, and pair by pair', () => {
    fc.assert(
      fc.property(scene, ({ answer, truth, others }) => {
        const candidates = [truth, ...others].map((p, i) => ({ label: `${i}`, picture: p }));
        const { right } = judge(answer, candidates);

        const everywhere = others.every(
          (o) => squaredError(answer, truth) < squaredError(answer, o),
        );
        const union = differing([truth, ...others]);
        const overUnion = others.every(
          (o) => meanOver(answer, truth, union) < meanOver(answer, o, union),
        );
        const pairwise = others.every((o) => {
          const apart = differing([truth, o]);
          return meanOver(answer, truth, apart) < meanOver(answer, o, apart);
        });
        expect([everywhere, overUnion, pairwise]).toEqual([right, right, right]);
      }),
      { numRuns: 2000 },
    );
  });

  it('names a candidate that no other is nearer than', () => {
    fc.assert(
      fc.property(scene, ({ answer, truth, others }) => {
        const candidates = [truth, ...others].map((p, i) => ({ label: `${i}`, picture: p }));
        const { right, nearest } = judge(answer, candidates);
        const errors = candidates.map((c) => squaredError(answer, c.picture));
        expect(errors[Number(nearest)]).toBe(Math.min(...errors));
        expect(right).toBe(nearest === '0');
      }),
    );
  });

  it('does not depend on the order of the distractors', () => {
    fc.assert(
      fc.property(scene, ({ answer, truth, others }) => {
        const as = (list: Uint8Array[]) =>
          judge(
            answer,
            [truth, ...list].map((p) => ({ label: '', picture: p })),
          ).right;
        expect(as(others.toReversed())).toBe(as(others));
      }),
    );
  });

  it('calls a tie wrong, and the truth itself right', () => {
    const [truth, other] = [Uint8Array.of(0, 0, 0), Uint8Array.of(2, 0, 0)];
    const candidates = [
      { label: 'truth', picture: truth },
      { label: 'B', picture: other },
    ];
    expect(judge(Uint8Array.of(1, 9, 9), candidates)).toEqual({ right: false, nearest: 'B' });
    expect(judge(truth, candidates)).toEqual({ right: true, nearest: 'truth' });
    expect(() => judge(truth, candidates.slice(0, 1))).toThrow(RangeError);
  });
});

describe('kept', () => {
  it('looks only at pixels that the change leaves alone', () => {
    const before = Uint8Array.of(10, 10, 10, 50, 50, 50);
    const truth = Uint8Array.of(10, 10, 10, 99, 50, 50);
    const answer = Uint8Array.of(10, 10, 16, 0, 0, 0);
    expect(kept(answer, before, truth)).toBeCloseTo(10 * Math.log10(255 ** 2 / (36 / 3)), 10);
    expect(kept(before, before, truth)).toBe(EXACT_DB);
    expect(kept(answer, before, Uint8Array.of(11, 10, 10, 99, 50, 50))).toBeNaN();
  });

  it('is PSNR of 8-bit values', () => {
    expect(decibels(1)).toBeCloseTo(48.1308, 4);
    expect(psnr(Uint8Array.of(0, 0, 0), Uint8Array.of(255, 255, 255))).toBe(0);
    expect(() => psnr(Uint8Array.of(0), Uint8Array.of(0, 1))).toThrow('pictures of 1 and 2');
  });
});
