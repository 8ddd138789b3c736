import type { Rule, RuleContext } from './context.ts';

/** Rules of operators that work element by element. y = f(x); dx = f'(x) dy. */

/** Adds the adjoint of the i-th operand of a broadcasting operator, given in the output's shape. */
function addBroadcast(c: RuleContext, i: number, gradient: string): void {
  c.add(i, c.sumTo(gradient, c.dims(c.y()), c.x(i)));
}

/** dx = derivative(c) * dy. */
const unary =
  (derivative: (c: RuleContext) => string): Rule =>
  (c) =>
    c.add(0, c.mul(c.dy(), derivative(c)));

/** Passes dy where `mask` (a bool of the output's shape) holds. */
function masked(c: RuleContext, mask: string, otherwise?: string): string {
  return c.op('Where', [mask, c.dy(), otherwise ?? c.scalar(0)]);
}

export const add: Rule = (c) => {
  for (const i of c.node.inputs.keys()) if (c.needs(i)) addBroadcast(c, i, c.dy());
};

export const sub: Rule = (c) => {
  if (c.needs(0)) addBroadcast(c, 0, c.dy());
  // Summed before it is negated: the smaller tensor.
  if (c.needs(1)) c.add(1, c.op('Neg', [c.sumTo(c.dy(), c.dims(c.y()), c.x(1))]));
};

export const mul: Rule = (c) => {
  if (c.x(0) === c.x(1)) return c.add(0, c.mul(c.mul(c.dy(), c.x(0)), c.scalar(2)));
  if (c.needs(0)) addBroadcast(c, 0, c.mul(c.dy(), c.x(1)));
  if (c.needs(1)) addBroadcast(c, 1, c.mul(c.dy(), c.x(0)));
};

/** y = a / b: da = dy / b, db = -(dy / b) y. */
export const div: Rule = (c) => {
  const scaled = c.div(c.dy(), c.x(1));
  if (c.needs(0)) addBroadcast(c, 0, scaled);
  if (c.needs(1)) {
    c.add(1, c.op('Neg', [c.sumTo(c.mul(scaled, c.y()), c.dims(c.y()), c.x(1))]));
  }
};

/** y = x^p: dx = p x^(p-1) dy, dp = y log(x) dy. */
export const pow: Rule = (c) => {
  const [x, p] = [c.x(0), c.x(1)];
  const exponents = c.numbers(1);
  const exponent = exponents?.every((e) => e === exponents[0]) ? exponents[0] : undefined;
  if (c.needs(0)) {
    let slope: string;
    if (exponent === 2) slope = c.mul(c.scalar(2), x);
    else if (exponent === 0.5) slope = c.div(c.scalar(0.5), c.y());
    else if (exponent === -1) slope = c.op('Neg', [c.mul(c.y(), c.y())]);
    else if (exponent === 1) slope = c.scalar(1);
    else {
      const like = c.dtype(p) === c.dtype(x) ? p : c.op('CastLike', [p, x]);
      slope = c.mul(like, c.op('Pow', [x, c.sub(like, c.scalar(1))]));
    }
    addBroadcast(c, 0, c.mul(c.dy(), slope));
  }
  if (c.needs(1)) {
    // The exponent may be of another type than x; 0^p has slope 0, not 0 log 0.
    const log = c.op('Where', [c.op('Greater', [x, c.scalar(0)]), c.op('Log', [x]), c.scalar(0)]);
    const gradient = c.sumTo(c.mul(c.mul(c.dy(), c.y()), log), c.dims(c.y()), p);
    c.add(1, c.dtype(p) === c.dtype(x) ? gradient : c.op('CastLike', [gradient, p]));
  }
};

export const sum: Rule = (c) => {
  for (const i of c.node.inputs.keys()) if (c.needs(i)) addBroadcast(c, i, c.dy());
};

export const mean: Rule = (c) => {
  const share = c.mul(c.dy(), c.scalar(1 / c.node.inputs.length));
  for (const i of c.node.inputs.keys()) if (c.needs(i)) addBroadcast(c, i, share);
};

/** Min and Max: dy goes to the operand that won; ties share it evenly, as PyTorch does. */
const extreme: Rule = (c) => {
  const wins = c.node.inputs.map((x) =>
    c.op('Cast', [c.op('Equal', [x, c.y()])], { to: castCode(c) }),
  );
  const [first, ...rest] = wins as [string, ...string[]];
  const ties = rest.reduce((a, b) => c.add2(a, b), first);
  const share = rest.length > 0 ? c.div(c.dy(), ties) : c.dy();
  wins.forEach((win, i) => {
    if (c.needs(i)) addBroadcast(c, i, c.mul(share, win));
  });
};

function castCode(c: RuleContext): number {
  return { float32: 1, float16: 10, float64: 11 }[c.dtype(c.y()) as 'float32'] ?? 1;
}

export const min = extreme;
export const max = extreme;

/** dy passes where neither bound is active (bounds inclusive). Bounds get no gradient. */
export const clip: Rule = (c) => {
  if (c.needs(1) || c.needs(2)) c.fail('no rule for its bounds, only for its first input');
  if (c.needs(0)) c.add(0, masked(c, c.op('Equal', [c.x(), c.y()])));
};

export const neg: Rule = (c) => c.add(0, c.op('Neg', [c.dy()]));
export const identity: Rule = (c) => c.add(0, c.dy());
export const exp: Rule = unary((c) => c.y());
export const log: Rule = (c) => c.add(0, c.div(c.dy(), c.x()));
export const sqrt: Rule = (c) => c.add(0, c.div(c.mul(c.dy(), c.scalar(0.5)), c.y()));
export const reciprocal: Rule = unary((c) => c.op('Neg', [c.mul(c.y(), c.y())]));
export const abs: Rule = unary((c) => c.op('Sign', [c.x()]));
export const sin: Rule = unary((c) => c.op('Cos', [c.x()]));
export const cos: Rule = unary((c) => c.op('Neg', [c.op('Sin', [c.x()])]));

/** s' = s (1 - s) = s - s^2. */
export const sigmoid: Rule = unary((c) => c.sub(c.y(), c.mul(c.y(), c.y())));

/** tanh' = 1 - tanh^2. */
export const tanh: Rule = unary((c) => c.sub(c.scalar(1), c.mul(c.y(), c.y())));

/** erf'(x) = 2 / sqrt(pi) exp(-x^2). */
export const erf: Rule = (c) => {
  const bell = c.op('Exp', [c.op('Neg', [c.mul(c.x(), c.x())])]);
  c.add(0, c.mul(c.dy(), c.mul(bell, c.scalar(2 / Math.sqrt(Math.PI)))));
};

export const relu: Rule = (c) => c.add(0, masked(c, c.op('Greater', [c.y(), c.scalar(0)])));

export const leakyRelu: Rule = (c) => {
  const slope = c.mul(c.dy(), c.scalar(c.float('alpha', 0.01)));
  c.add(0, masked(c, c.op('GreaterOrEqual', [c.x(), c.scalar(0)]), slope));
};

/** For x < 0, y = alpha (e^x - 1), so y' = y + alpha. */
export const elu: Rule = (c) => {
  const slope = c.mul(c.dy(), c.add2(c.y(), c.scalar(c.float('alpha', 1))));
  c.add(0, masked(c, c.op('GreaterOrEqual', [c.x(), c.scalar(0)]), slope));
};

export const softplus: Rule = unary((c) => c.op('Sigmoid', [c.x()]));

/**
 * y = x s(alpha x): y' = s + alpha y (1 - s); with alpha = 1 that is s + y - y s.
 * `s` is the Sigmoid that the forward graph has already.
 */
export function siluSlope(c: RuleContext, y: string, s: string): string {
  return c.add2(s, c.sub(y, c.mul(y, s)));
}

export const swish: Rule = unary((c) => {
  const alpha = c.float('alpha', 1);
  if (alpha === 1) return siluSlope(c, c.y(), c.op('Sigmoid', [c.x()]));
  const s = c.op('Sigmoid', [c.mul(c.x(), c.scalar(alpha))]);
  const rest = c.sub(c.y(), c.mul(c.y(), s));
  return c.add2(s, c.mul(rest, c.scalar(alpha)));
});

/**
 * y = x P(x), P the normal distribution: y' = P + x p, p = exp(-x^2 / 2) / sqrt(2 pi). With
 * u = x / sqrt 2 the second term is u exp(-u^2 - log sqrt pi): few passes over the tensor.
 * @param p the value of P(x) where the graph has it.
 */
export function geluSlope(c: RuleContext, u: string, p: string): string {
  const exponent = c.sub(c.scalar(-0.5 * Math.log(Math.PI)), c.mul(u, u));
  return c.add2(p, c.mul(u, c.op('Exp', [exponent])));
}

function geluErfSlope(c: RuleContext, x: string): string {
  const u = c.mul(x, c.scalar(Math.SQRT1_2));
  // P = (1 + erf u) / 2 in one pass: it is between 0 and 1, so the clamp does nothing.
  const half = { float: 0.5 };
  return geluSlope(c, u, c.op('HardSigmoid', [c.op('Erf', [u])], { alpha: half, beta: half }));
}

/** y = x/2 (1 + tanh u), u = a (x + b x^3), a = sqrt(2 / pi), b = 0.044715. */
function geluTanhSlope(c: RuleContext, x: string): string {
  const [a, b] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = c.mul(x, x);
  const u = c.mul(x, c.add2(c.mul(square, c.scalar(a * b)), c.scalar(a)));
  const t = c.op('Tanh', [u]);
  const du = c.add2(c.mul(square, c.scalar(3 * a * b)), c.scalar(a));
  const left = c.add2(c.mul(t, c.scalar(0.5)), c.scalar(0.5));
  const bend = c.mul(c.mul(x, c.scalar(0.5)), c.sub(c.scalar(1), c.mul(t, t)));
  return c.add2(left, c.mul(bend, du));
}

export const gelu: Rule = unary((c) =>
  c.text('approximate', 'none') === 'tanh' ? geluTanhSlope(c, c.x()) : geluErfSlope(c, c.x()),
);

/** Float to float: back to the source's type. A path through integers is cut before rules run. */
export const cast: Rule = (c) => c.add(0, c.op('CastLike', [c.dy(), c.x(0)]));

export const where: Rule = (c) => {
  if (c.needs(1)) addBroadcast(c, 1, c.op('Where', [c.x(0), c.dy(), c.scalar(0)]));
  if (c.needs(2)) addBroadcast(c, 2, c.op('Where', [c.x(0), c.scalar(0), c.dy()]));
};

/** Inference only: the identity. A training-mode node draws a random mask. */
export const dropout: Rule = (c) => {
  const training = c.has(2) ? c.numbers(2) : [0];
  if (training?.[0] !== 0) c.fail('is in training mode; export the model in evaluation mode');
  c.add(0, c.dy());
};
