/**
 * Line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 2nd ed.,
 * algorithms 3.5 and 3.6) as a state machine: it says at which step length it wants f and its
 * slope, and is told.
 *
 *     f(a) <= f(0) + c1 a f'(0)      and      |f'(a)| <= c2 |f'(0)|
 */
export type LineSearchOptions = {
  /** Sufficient decrease. @default 1e-4 */
  c1?: number;
  /** Curvature; 0.9 suits quasi-Newton directions. @default 0.9 */
  c2?: number;
  /** Evaluations before it settles for the best point with sufficient decrease. @default 20 */
  maxEvaluations?: number;
};

export type LinePoint = { readonly a: number; readonly f: number; readonly slope: number };

export type LineSearchState = {
  /** `wanted`: evaluate at `a`; `found`: `a` is the answer; `failed`: no decrease anywhere. */
  readonly status: 'wanted' | 'found' | 'failed';
  readonly a: number;
  readonly start: LinePoint;
  readonly phase: 'bracket' | 'zoom';
  /** bracket: the trial before; zoom: the end of the interval with the lower f. */
  readonly low: LinePoint;
  /** zoom: the other end. */
  readonly high: LinePoint;
  readonly evaluations: number;
};

/** @param f and `slope` (negative) at step length 0; @param first trial, > 0 */
export function lineSearchStart(f: number, slope: number, first: number): LineSearchState {
  const start = { a: 0, f, slope };
  return {
    status: 'wanted',
    a: first,
    start,
    phase: 'bracket',
    low: start,
    high: start,
    evaluations: 0,
  };
}

/** Takes f and its slope at `state.a`. Not-a-number and infinity count as "too far". */
export function lineSearchTell(
  state: LineSearchState,
  f: number,
  slope: number,
  options: LineSearchOptions = {},
): LineSearchState {
  const { c1 = 1e-4, c2 = 0.9, maxEvaluations = 20 } = options;
  const { start, low, phase } = state;
  const trial = Number.isFinite(f + slope)
    ? { a: state.a, f, slope }
    : { a: state.a, f: Number.MAX_VALUE, slope: Number.MAX_VALUE };
  const next = { ...state, evaluations: state.evaluations + 1 };

  const decreases = trial.f <= start.f + c1 * trial.a * start.slope;
  const better = decreases && (low.a === 0 || trial.f < low.f);
  if (better && Math.abs(trial.slope) <= -c2 * start.slope) {
    return { ...next, status: 'found', low: trial };
  }
  if (next.evaluations >= maxEvaluations) return settle({ ...next, low: better ? trial : low });

  if (phase === 'bracket') {
    if (!better) return zoom(next, low, trial);
    if (trial.slope >= 0) return zoom(next, trial, low);
    // Still going down: further out, where the cubic through both points has its minimum.
    const cubic = cubicMinimum(low, trial);
    const a = clamp(cubic ?? 2 * trial.a, 1.1 * trial.a, 10 * trial.a);
    return { ...next, a, low: trial };
  }
  if (!better) return zoom(next, low, trial);
  const high = trial.slope * (state.high.a - low.a) >= 0 ? low : state.high;
  return zoom(next, trial, high);
}

function zoom(state: LineSearchState, low: LinePoint, high: LinePoint): LineSearchState {
  const width = Math.abs(high.a - low.a);
  const next = { ...state, phase: 'zoom', low, high } as const;
  if (width <= 1e-12 * Math.max(1, Math.abs(low.a))) return settle(next);
  const [left, right] = low.a < high.a ? [low.a, high.a] : [high.a, low.a];
  const a = cubicMinimum(low, high) ?? (left + right) / 2;
  // Away from the ends, or the interval would hardly shrink.
  return { ...next, status: 'wanted', a: clamp(a, left + 0.1 * width, right - 0.1 * width) };
}

/** The best point so far, if it is one at all. */
function settle(state: LineSearchState): LineSearchState {
  return state.low.a > 0
    ? { ...state, status: 'found', a: state.low.a }
    : { ...state, status: 'failed', a: 0 };
}

/** Where the cubic through two points and their slopes is least (Nocedal and Wright, 3.59). */
function cubicMinimum(p: LinePoint, q: LinePoint): number | undefined {
  const d1 = p.slope + q.slope - (3 * (p.f - q.f)) / (p.a - q.a);
  const square = d1 * d1 - p.slope * q.slope;
  if (!(square >= 0)) return undefined;
  const d2 = Math.sign(q.a - p.a) * Math.sqrt(square);
  const a = q.a - ((q.a - p.a) * (q.slope + d2 - d1)) / (q.slope - p.slope + 2 * d2);
  return Number.isFinite(a) ? a : undefined;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
