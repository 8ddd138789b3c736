import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../src/cache/index.ts';
import {
  type LbfgsOptions,
  type LbfgsState,
  lbfgsStart,
  lbfgsTell,
} from '../../../src/engine/inversion/lbfgs.ts';
import {
  type LineSearchState,
  lineSearchStart,
  lineSearchTell,
} from '../../../src/engine/inversion/line-search.ts';

type Problem = (x: Float64Array) => { f: number; g: Float64Array };

const rosenbrock: Problem = (x) => {
  const g = new Float64Array(x.length);
  let f = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i] as number, x[i + 1] as number];
    f += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    g[i] = (g[i] ?? 0) - 400 * a * (b - a * a) - 2 * (1 - a);
    g[i + 1] = (g[i + 1] ?? 0) + 200 * (b - a * a);
  }
  return { f, g };
};

/** sum k (x_k - k)^2: condition number 50. */
const quadratic: Problem = (x) => ({
  f: x.reduce((sum, value, i) => sum + (i + 1) * (value - i) ** 2, 0),
  g: x.map((value, i) => 2 * (i + 1) * (value - i)),
});

function minimise(problem: Problem, x0: number[], options: LbfgsOptions, most: number) {
  let state = lbfgsStart(x0);
  while (state.status === 'wanted' && state.evaluations < most) {
    const { f, g } = problem(state.trial);
    state = lbfgsTell(state, f, g, options);
  }
  return state;
}

const exact = { gradientTolerance: 1e-10, lossTolerance: 0 };

describe('L-BFGS', () => {
  it('finds the bottom of the Rosenbrock valley', () => {
    for (const start of [
      [-1.2, 1],
      [-1.2, 1, -1.2, 1, -1.2, 1],
      [3, -3, 3, -3],
    ]) {
      const state = minimise(rosenbrock, start, exact, 300);
      for (const value of state.x) expect(value).toBeCloseTo(1, 7);
      expect(state.evaluations).toBeLessThan(120);
    }
  });

  it('solves a quadratic in about as many iterations as it has dimensions', () => {
    const state = minimise(quadratic, new Array(50).fill(100), { ...exact, history: 50 }, 300);
    state.x.forEach((value, i) => {
      expect(value).toBeCloseTo(i, 6);
    });
    expect(state.iterations).toBeLessThan(60);
  });

  it('never accepts a higher point', () => {
    let state = lbfgsStart([-1.2, 1]);
    let before = Number.POSITIVE_INFINITY;
    while (state.status === 'wanted' && state.evaluations < 60) {
      const { f, g } = rosenbrock(state.trial);
      state = lbfgsTell(state, f, g, exact);
      expect(state.f).toBeLessThanOrEqual(before);
      expect(rosenbrock(state.x).f).toBe(state.f);
      expect(rosenbrock(state.x).g).toEqual(state.gradient);
      before = state.f;
    }
  });

  it('goes on from a saved state with the same bits, inside a line search too', () => {
    const trials = (save: boolean) => {
      let state = lbfgsStart([-1.2, 1, 2]);
      return Array.from({ length: 40 }, () => {
        const { f, g } = rosenbrock(state.trial);
        state = lbfgsTell(state, f, g, exact);
        if (save) state = unpack(pack(state)) as unknown as LbfgsState;
        return Array.from(state.trial);
      });
    };
    expect(trials(true)).toEqual(trials(false));
  });

  it('stops at a minimum, and where it starts on nonsense', () => {
    expect(minimise(quadratic, [0, 1, 2], exact, 5)).toMatchObject({
      status: 'converged',
      evaluations: 1,
    });
    const nan: Problem = (x) => ({ f: Number.NaN, g: x });
    expect(minimise(nan, [1], exact, 5).status).toBe('failed');
  });

  it('gives up on a function that grows both ways, keeping its point', () => {
    const wrong: Problem = (x) => ({ f: (x[0] as number) ** 2 + 1, g: x.map((v) => -2 * v) });
    const state = minimise(wrong, [2], exact, 200);
    expect(state.status).toBe('failed');
    expect(state.x[0]).toBe(2);
  });

  it('steps back from where the function is not defined', () => {
    const log: Problem = (x) => ({ f: x[0]! - Math.log(x[0]!), g: x.map((v) => 1 - 1 / v) });
    const state = minimise(log, [0.01], { ...exact, firstStep: 1000 }, 100);
    expect(state.x[0]).toBeCloseTo(1, 6);
  });
});

describe('the line search', () => {
  const functions: Record<string, (a: number) => [number, number]> = {
    parabola: (a) => [(a - 3) ** 2, 2 * (a - 3)],
    'steep wall': (a) => [Math.exp(5 * (a - 1)) - 5 * a, 5 * Math.exp(5 * (a - 1)) - 5],
    'far minimum': (a) => [1 / (1 + a) + a / 1e4, -1 / (1 + a) ** 2 + 1e-4],
    wavy: (a) => [-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2],
    bumps: (a) => [Math.cos(5 * a) * 0.1 - a + a * a * 0.1, -Math.sin(5 * a) * 0.5 - 1 + 0.2 * a],
  };
  for (const [name, f] of Object.entries(functions)) {
    for (const first of [1e-3, 1, 1e3]) {
      it(`meets both Wolfe conditions: ${name} from ${first}`, () => {
        const [f0, slope0] = f(0);
        let state: LineSearchState = lineSearchStart(f0, slope0, first);
        while (state.status === 'wanted') {
          const [value, slope] = f(state.a);
          state = lineSearchTell(state, value, slope, { c2: 0.5, maxEvaluations: 40 });
        }
        expect(state.status).toBe('found');
        const [value, slope] = f(state.a);
        expect(value).toBeLessThanOrEqual(f0 + 1e-4 * state.a * slope0);
        expect(Math.abs(slope)).toBeLessThanOrEqual(0.5 * Math.abs(slope0));
        expect(state.evaluations).toBeLessThan(30);
      });
    }
  }
});
