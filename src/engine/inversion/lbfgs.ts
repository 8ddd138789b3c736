import {
  type LineSearchOptions,
  type LineSearchState,
  lineSearchStart,
  lineSearchTell,
} from './line-search.ts';

/**
 * L-BFGS (Nocedal and Wright, algorithm 7.5) with a strong-Wolfe line search, as a state machine:
 * evaluate f and its gradient at `state.trial`, hand them to `lbfgsTell`, until `status` is not
 * `wanted`. One call is one evaluation, so a caller can stop, save and resume at each.
 */
export type LbfgsOptions = LineSearchOptions & {
  /** Pairs remembered. @default 10 */
  history?: number;
  /** Length of the very first step, in units of 1 / |gradient|_1 (as PyTorch does). @default 1 */
  firstStep?: number;
  /** Converged where no component of the gradient is larger. @default 1e-9 */
  gradientTolerance?: number;
  /** Converged where an iteration lowers f by less than this share of it. @default 1e-9 */
  lossTolerance?: number;
};

export type LbfgsState = {
  readonly status: 'wanted' | 'converged' | 'failed';
  /** Where f and its gradient are wanted next. */
  readonly trial: Float64Array;
  /** The best point accepted; `f` is Infinity before the first evaluation. */
  readonly x: Float64Array;
  readonly f: number;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  /** s = x' - x and y = g' - g of the last iterations, oldest first. */
  readonly pairs: readonly { readonly s: Float64Array; readonly y: Float64Array }[];
  readonly search: LineSearchState | null;
  /** Gradient at the search's `low` point, which may be what it settles for. */
  readonly lowGradient: Float64Array;
  readonly iterations: number;
  readonly evaluations: number;
};

export function lbfgsStart(x: ArrayLike<number>): LbfgsState {
  const point = Float64Array.from(x);
  const none = new Float64Array(0);
  return {
    status: 'wanted',
    trial: point,
    x: point,
    f: Number.POSITIVE_INFINITY,
    gradient: none,
    direction: none,
    pairs: [],
    search: null,
    lowGradient: none,
    iterations: 0,
    evaluations: 0,
  };
}

/** Takes f and its gradient at `state.trial`. */
export function lbfgsTell(
  state: LbfgsState,
  f: number,
  gradient: Float64Array,
  options: LbfgsOptions = {},
): LbfgsState {
  const { history = 10, lossTolerance = 1e-9 } = options;
  const counted = { ...state, evaluations: state.evaluations + 1 };
  if (!state.search) {
    if (!Number.isFinite(f)) return { ...counted, status: 'failed' };
    return descend({ ...counted, f, gradient }, options);
  }

  const search = lineSearchTell(state.search, f, dot(gradient, state.direction), options);
  const lowMoved = search.low !== state.search.low && search.low.a === state.search.a;
  const lowGradient = lowMoved ? gradient : state.lowGradient;
  if (search.status === 'wanted') {
    return { ...counted, search, lowGradient, trial: along(state, search.a) };
  }
  if (search.status === 'failed') {
    // A bad direction: forget the curvature once, then give up.
    if (state.pairs.length === 0) return { ...counted, status: 'failed', trial: state.x };
    return descend({ ...counted, pairs: [] }, options);
  }

  const { low } = search;
  const x = along(state, low.a);
  const s = subtract(x, state.x);
  const y = subtract(lowGradient, state.gradient);
  // Curvature too small to divide by: a pair that would spoil the inverse Hessian.
  const usable = dot(s, y) > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y));
  const accepted: LbfgsState = {
    ...counted,
    x,
    f: low.f,
    gradient: lowGradient,
    pairs: usable ? [...state.pairs, { s, y }].slice(-history) : state.pairs,
    iterations: state.iterations + 1,
  };
  if (state.f - low.f <= lossTolerance * Math.abs(state.f)) {
    return { ...accepted, status: 'converged', trial: x };
  }
  return descend(accepted, options);
}

/** Starts the next line search from the accepted point. */
function descend(state: LbfgsState, options: LbfgsOptions): LbfgsState {
  const { firstStep = 1, gradientTolerance = 1e-9 } = options;
  const { gradient } = state;
  if (gradient.every((g) => Math.abs(g) <= gradientTolerance)) {
    return { ...state, status: 'converged', trial: state.x };
  }
  let { pairs } = state;
  let direction = twoLoop(gradient, pairs);
  let slope = dot(gradient, direction);
  if (!(slope < 0)) {
    pairs = [];
    direction = gradient.map((g) => -g);
    slope = -dot(gradient, gradient);
  }
  const norm1 = gradient.reduce((sum, g) => sum + Math.abs(g), 0);
  const first = pairs.length > 0 ? 1 : Math.min(1, 1 / norm1) * firstStep;
  const search = lineSearchStart(state.f, slope, first);
  const next = { ...state, pairs, direction, search, lowGradient: gradient };
  return { ...next, trial: along(next, first) };
}

/** -H g, by the two-loop recursion; H starts as (s.y / y.y) I of the newest pair. */
function twoLoop(gradient: Float64Array, pairs: LbfgsState['pairs']): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y } = pairs[i] as LbfgsState['pairs'][number];
    const alpha = dot(s, q) / dot(s, y);
    alphas[i] = alpha;
    add(q, y, -alpha);
  }
  const newest = pairs.at(-1);
  if (newest) {
    const scale = dot(newest.s, newest.y) / dot(newest.y, newest.y);
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
  }
  pairs.forEach(({ s, y }, i) => {
    add(q, s, (alphas[i] as number) - dot(y, q) / dot(s, y));
  });
  return q;
}

function along(state: Pick<LbfgsState, 'x' | 'direction'>, a: number): Float64Array {
  return state.x.map((value, i) => value + a * (state.direction[i] as number));
}

function subtract(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - (b[i] as number));
}

function add(into: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++)
    into[i] = (into[i] as number) + factor * (what[i] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
