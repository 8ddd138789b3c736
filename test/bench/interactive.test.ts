import { describe, expect, it } from 'vitest';
import { parseInteractiveArguments } from '../../bench/interactive/arguments.ts';
import { courseOf } from '../../bench/interactive/drag.ts';

describe('a drag of bench:interactive', () => {
  it('is 20 s at 10 positions a second, three times, unless something else is asked', () => {
    const asked = { drags: 3, seconds: 20, rate: 10, renders: 20 };
    expect(parseInteractiveArguments([])).toEqual(asked);
    expect(parseInteractiveArguments(['--drags', '30', '--seconds', '2'])).toMatchObject({
      drags: 30,
      seconds: 2,
    });
    expect(() => parseInteractiveArguments(['--drags', '31'])).toThrow(/drags/);
  });

  it.each([0, 1])(
    'moves by more than a step each time, and ends where it never was (%i)',
    (nth) => {
      const course = courseOf(200, nth);
      expect(course).toHaveLength(200);
      // Strength has 80 steps.
      const step = 1 / 80;
      for (const [n, share] of course.entries()) {
        if (n > 0) expect(Math.abs(share - (course[n - 1] as number))).toBeGreaterThan(step);
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(1);
      }
      const end = course.pop() as number;
      const nearest = Math.min(...course.map((share) => Math.abs(share - end)));
      expect(nearest).toBeGreaterThan(4 * step);
      // To and fro, and not only there.
      expect(Math.max(...course) - Math.min(...course)).toBeGreaterThan(0.6);
      const turns = course.filter((share, n) => n > 0 && share > (course[n - 1] as number));
      expect(turns.length).toBeGreaterThan(90);
      expect(turns.length).toBeLessThan(110);
    },
  );
});
