import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/random.ts';

describe('random numbers', () => {
  it('are the same numbers for ever', () => {
    // Recorded: a change here changes every result and must raise the algorithms' versions.
    const random = createRandom(7, 'noise', 3);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        4150763478,
        2756505630,
        3992547597,
      ]
    `);
    expect(Array.from(createRandom(7, 'noise').gaussians(3))).toMatchInlineSnapshot(`
      [
        0.521923840045929,
        0.39656585454940796,
        -0.39870086312294006,
      ]
    `);
  });

  it('differ by seed and by name', () => {
    const first = (...args: Parameters<typeof createRandom>) => createRandom(...args).uint32();
    const drawn = [first(1), first(2), first(1, 'a'), first(1, 'b'), first(1, 'a', 1), first(-1)];
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(first(1, 'a')).toBe(first(1, 'a'));
  });

  it('refuses a seed that is no integer', () => {
    expect(() => createRandom(0.5)).toThrow(RangeError);
    expect(() => createRandom(Number.NaN)).toThrow(RangeError);
  });

  it('have the moments of their distributions', () => {
    const n = 200_000;
    const random = createRandom(11, 'moments');
    const moments = (draw: () => number) => {
      let [m1, m2, m3, m4] = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const x = draw();
        m1 += x / n;
        m2 += x ** 2 / n;
        m3 += x ** 3 / n;
        m4 += x ** 4 / n;
      }
      return [m1, m2, m3, m4] as const;
    };
    const [g1, g2, g3, g4] = moments(random.gaussian);
    expect(Math.abs(g1)).toBeLessThan(0.01);
    expect(Math.abs(g2 - 1)).toBeLessThan(0.02);
    expect(Math.abs(g3)).toBeLessThan(0.04);
    expect(Math.abs(g4 - 3)).toBeLessThan(0.1);
    const [u1, u2] = moments(random.uniform);
    expect(Math.abs(u1 - 1 / 2)).toBeLessThan(0.005);
    expect(Math.abs(u2 - 1 / 3)).toBeLessThan(0.005);
  });

  it('of neighbouring streams are not alike', () => {
    const n = 20_000;
    const a = createRandom(5, 'noise', 1).gaussians(n);
    const b = createRandom(5, 'noise', 2).gaussians(n);
    const correlation = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / n;
    expect(Math.abs(correlation)).toBeLessThan(0.03);
  });
});
