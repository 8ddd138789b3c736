import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Analogy,
  candidatesOf,
  drawAnalogy,
  planOf,
  splitOf,
  VISIBLE_PIXELS,
  visiblePixels,
} from '../../bench/quality/analogies.ts';
import { KINDS, sharedChanges, singleChanges, stylePairs } from '../../bench/quality/changes.ts';
import { SLOTS } from '../../training/avatars/attributes.ts';
import { drawPixels, isHeldOut } from '../../training/avatars/avatar.ts';

const drawn: Analogy[] = [];
beforeAll(async () => {
  for (let index = 0; index < 2 * KINDS.length; index++) {
    drawn.push(await drawAnalogy(5, index, 'test'));
  }
});

describe('the plan', () => {
  it('gives every kind its turn and half of the analogies across styles', () => {
    const plans = Array.from({ length: 200 }, (_, i) => planOf(i));
    for (const kind of KINDS) expect(plans.filter((p) => p.kind === kind)).toHaveLength(20);
    expect(plans.filter((p) => p.across)).toHaveLength(100);
    for (const kind of KINDS.filter((k) => stylePairs(k, true).length > 0)) {
      const across = plans.filter((p) => p.kind === kind && p.across).length;
      expect(across).toBeGreaterThanOrEqual(10);
      expect(across).toBeLessThanOrEqual(12);
    }
    expect(plans.slice(0, 10).filter((p) => p.across)).toHaveLength(5);
  });

  it('only asks for changes that both styles can draw', () => {
    for (const kind of KINDS) {
      expect(stylePairs(kind, false).length).toBeGreaterThan(0);
      for (const [a, b] of [...stylePairs(kind, false), ...stylePairs(kind, true)]) {
        expect(sharedChanges(kind, a, b).length).toBeGreaterThan(0);
      }
    }
  });
});

describe('a drawn analogy', () => {
  it('is of the kind and styles that were planned', () => {
    for (const { index, change, across, a, b } of drawn) {
      expect({ kind: change.kind, across }).toEqual(planOf(index));
      expect(a.attributes.style !== b.attributes.style).toBe(across);
    }
  });

  it('has four captions that training never saw, all in the split that was asked for', () => {
    for (const { a, a2, b, truth } of drawn) {
      for (const { attributes } of [a, a2, b, truth]) {
        expect(isHeldOut(attributes)).toBe(true);
        expect(splitOf(attributes)).toBe('test');
      }
    }
  });

  it('changes one word, the same in A and in B, and nothing else of either', () => {
    for (const { change, a, a2, b, truth } of drawn) {
      for (const [before, after] of [
        [a, a2],
        [b, truth],
      ] as const) {
        expect(after.look).toEqual(before.look);
        const different = SLOTS.filter((s) => before.attributes[s] !== after.attributes[s]);
        expect(different).toEqual([change.slot]);
        expect(before.attributes[change.slot]).toBe(change.from);
        expect(after.attributes[change.slot]).toBe(change.to);
        expect(visiblePixels(before.picture, after.picture)).toBeGreaterThanOrEqual(VISIBLE_PIXELS);
      }
      expect(a.look).not.toEqual(b.look);
      expect(a.attributes).not.toEqual(b.attributes);
    }
  });

  it('shows exactly what its attributes and look say', async () => {
    const { a, truth } = drawn[3] as Analogy;
    expect(await drawPixels(a.attributes, a.look)).toEqual(a.picture);
    expect(await drawPixels(truth.attributes, truth.look)).toEqual(truth.picture);
  });

  it('is the same for the same seed, another for another, and of its split alone', async () => {
    expect(await drawAnalogy(5, 4, 'test')).toEqual(drawn[4]);
    expect((await drawAnalogy(6, 4, 'test')).b.picture).not.toEqual(drawn[4]?.b.picture);
    const other = await drawAnalogy(5, 4, 'validation');
    expect(splitOf(other.truth.attributes)).toBe('validation');
  });
});

describe('candidates', () => {
  it('are the truth, B, and B with each other single change; the truth only once', async () => {
    for (const analogy of drawn.slice(0, 4)) {
      const candidates = await candidatesOf(analogy);
      expect(candidates[0]).toEqual({ label: 'truth', picture: analogy.truth.picture });
      expect(candidates[1]).toEqual({ label: 'B', picture: analogy.b.picture });
      const same = candidates.filter(
        ({ picture }) => Buffer.compare(picture, analogy.truth.picture) === 0,
      );
      expect(same).toHaveLength(1);
      const labels = new Set(candidates.map(({ label }) => label));
      const { slot, from, to } = analogy.change;
      expect(labels.has(`${slot}: ${to}`)).toBe(false);
      const sameSlot = singleChanges(analogy.b.attributes).filter(
        (c) => c.slot === slot && c.word !== to && c.word !== from,
      );
      for (const { word } of sameSlot) expect(labels.has(`${slot}: ${word}`)).toBe(true);
      expect(candidates.length).toBeGreaterThan(20);
    }
  });
});
