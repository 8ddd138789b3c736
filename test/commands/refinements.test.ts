import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, refinements } from '../../src/commands/refinements.ts';
import { jobRequestSchema } from '../../src/engine/protocol.ts';

const grid = { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] };
const focus = { lambda: 1, guidance: 2 };
const plan = (
  refinement: (typeof refinements)[number],
  place?: typeof focus,
  from: typeof grid = grid,
  most = 50,
) => planOf(refinement, { from, place, focus: place ?? focus, animation: 'webp', most });

describe('refinements of a grid', () => {
  test('weaker and stronger keep where it begins', () => {
    expect(plan('weaker').dials.lambda).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(plan('stronger').dials.lambda).toEqual([0, 0.75, 1.5, 2.25, 3]);
  });
  test('finer lies around the suggested strength, within its neighbours', () => {
    expect(plan('finer').dials.lambda).toEqual([0.75, 0.875, 1, 1.125, 1.25]);
  });
  test('guidance goes down to 0 and no further', () => {
    expect(plan('less').dials.guidance).toEqual([1]);
    expect(plan('less', undefined, { ...grid, guidance: [0.5, 2] }).dials.guidance).toEqual([0, 1]);
  });
  test('a table has both dials', () => {
    expect(plan('table')).toEqual({
      dials: { lambda: [0.5, 1, 1.5], guidance: [1, 2, 3] },
      output: 'grid',
    });
  });
  test('a moving picture goes evenly from 0 to the end', () => {
    const { dials, output } = plan('animate');
    expect(output).toBe('webp');
    expect(dials.lambda).toHaveLength(13);
    expect([dials.lambda[0], dials.lambda[6], dials.lambda.at(-1)]).toEqual([0, 1, 2]);
    const still = plan('animate', { lambda: 0, guidance: 2 });
    expect(still.dials.lambda.at(-1)).toBe(1);
  });
});

describe('refinements of a picked cell', () => {
  test('lead to one other cell', () => {
    const at = { lambda: 1.5, guidance: 2 };
    expect(plan('weaker', at)).toEqual({
      dials: { lambda: [1.25], guidance: [2] },
      output: 'cells',
    });
    expect(plan('more', at).dials).toEqual({ lambda: [1.5], guidance: [3] });
    expect(plan('reverse', at).dials.lambda).toEqual([-1.5]);
  });
  test('weaker is nearer to 0 on both sides of it', () => {
    expect(plan('weaker', { lambda: -1, guidance: 2 }).dials.lambda).toEqual([-0.75]);
    expect(plan('weaker', { lambda: -0.1, guidance: 2 }).dials.lambda).toEqual([0]);
    expect(plan('stronger', { lambda: -1, guidance: 2 }).dials.lambda).toEqual([-1.25]);
  });
});

test('whatever is refined, however often, the engine takes it', () => {
  const strength = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(strength, { minLength: 1, maxLength: 6 }),
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.constantFrom(...refinements), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 400 }),
      (lambda, guidance, steps, picked, most) => {
        let from = { lambda, guidance };
        for (const refinement of steps) {
          const here = { lambda: from.lambda[0] ?? 0, guidance: from.guidance[0] ?? 0 };
          const { dials, output } = planOf(refinement, {
            from,
            place: picked ? here : undefined,
            focus: here,
            animation: 'gif',
            most,
          });
          const analogies = [{ analogy: 'e', weight: 1 }];
          const request = { kind: 'render', analogies, b: 'p', dials, output };
          expect(jobRequestSchema.safeParse(request).error).toBeUndefined();
          expect(Object.is(dials.lambda[0], -0)).toBe(false);
          from = dials;
        }
      },
    ),
  );
});
