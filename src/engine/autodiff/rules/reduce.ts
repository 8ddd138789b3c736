import { type Dim, isStatic } from '../dim.ts';
import { normalizeAxis } from '../infer/facts.ts';
import type { Rule, RuleContext } from './context.ts';
import { countOf } from './layout.ts';

/** Rules of reductions and of Softmax. */

/** Reduced axes; all of them where none are named. Undefined where the node reduces nothing. */
function reducedAxes(c: RuleContext): number[] | undefined {
  const rank = c.rank(c.x());
  const axes = c.axes(1, rank);
  if (axes?.length) return axes;
  if (c.int('noop_with_empty_axes', 0) === 1) return undefined;
  return Array.from({ length: rank }, (_, i) => i);
}

/** A reduced value with its axes put back as 1. */
function restored(c: RuleContext, value: string, axes: readonly number[]): string {
  const squeezed = c.int('keepdims', 1) === 0;
  return squeezed ? c.op('Unsqueeze', [value, c.b.ints([...axes].sort((p, q) => p - q))]) : value;
}

const toInput = (c: RuleContext, value: string) =>
  c.op('Expand', [value, c.b.shape(c.x(), c.dims(c.x()))]);

export const reduceSum: Rule = (c: RuleContext) => {
  const axes = reducedAxes(c);
  c.add(0, axes ? toInput(c, restored(c, c.dy(), axes)) : c.dy());
};

export const reduceMean: Rule = (c: RuleContext) => {
  const axes = reducedAxes(c);
  if (!axes) return c.add(0, c.dy());
  const count = countOf(c.dims(c.x()), axes);
  const dy = restored(c, c.dy(), axes);
  if (count !== undefined) return c.add(0, toInput(c, c.mul(dy, c.scalar(1 / count))));
  const sizes = c.op('Gather', [c.op('Shape', [c.x()]), c.b.ints(axes)]);
  const product = c.op('CastLike', [c.op('ReduceProd', [sizes], { keepdims: 0 }), c.x()]);
  c.add(0, toInput(c, c.div(dy, product)));
};

/** d sum x^2 = 2 x dy */
export const reduceSumSquare: Rule = (c: RuleContext) => {
  const axes = reducedAxes(c);
  const dy = axes ? restored(c, c.dy(), axes) : c.dy();
  c.add(0, c.mul(c.x(), c.mul(dy, c.scalar(2))));
};

/** d |x| = x / |x| dy; at 0, where there is none, the subgradient 0 as PyTorch has it. */
export const reduceL2: Rule = (c: RuleContext) => {
  const axes = reducedAxes(c);
  if (!axes) return c.add(0, c.mul(c.dy(), c.op('Sign', [c.x()])));
  const norm = restored(c, c.y(), axes);
  const isZero = c.op('CastLike', [c.op('Equal', [norm, c.scalar(0)]), c.x()]);
  c.add(0, c.mul(c.x(), c.div(restored(c, c.dy(), axes), c.op('Add', [norm, isZero]))));
};

/** ReduceMax and ReduceMin: dy goes to the winner, shared evenly among ties as PyTorch does. */
export const reduceExtreme: Rule = (c: RuleContext) => {
  const axes = reducedAxes(c);
  if (!axes) return c.add(0, c.dy());
  const wins = c.op('Equal', [c.x(), restored(c, c.y(), axes)]);
  const mask = c.op('CastLike', [wins, c.x()]);
  const ties = c.reduceSum(mask, axes, true);
  c.add(0, c.mul(mask, c.div(restored(c, c.dy(), axes), ties)));
};

/**
 * sum_j dP_j P_j of a Softmax whose only reader is O = P V. As dP = dO V^T, that is
 * sum_k dO_k O_k, over the head's width instead of the sequence's length (FlashAttention, eq. 4).
 */
function rowDots(c: RuleContext): string | undefined {
  const [reader, ...more] = c.graph.consumers(c.y());
  if (!reader || more.length > 0 || reader.op !== 'MatMul') return undefined;
  if (reader.inputs[0] !== c.y() || reader.inputs[1] === c.y()) return undefined;
  const out = reader.outputs[0] as string;
  const [p, o] = [c.dims(c.y()), c.knownDims(out)];
  const gradient = c.adjointOf(out);
  const aligned = o?.length === p.length && o.slice(0, -1).every((d, i) => d === p[i]);
  if (!aligned || gradient === undefined || c.graph.outputs.includes(c.y())) return undefined;
  return c.reduceSum(c.mul(gradient, out), [p.length - 1], true);
}

/** dx = y (dy - sum dy y) */
export const softmax: Rule = (c: RuleContext) => {
  const rank = c.rank(c.y());
  const axis = normalizeAxis(c.int('axis', -1), rank);
  const dots = axis === rank - 1 ? rowDots(c) : undefined;
  const sum = dots ?? c.reduceSum(c.mul(c.dy(), c.y()), [axis], true);
  c.add(0, c.mul(c.y(), c.sub(c.dy(), sum)));
};

/** y = x - log sum e^x: dx = dy - e^y sum dy */
export const logSoftmax: Rule = (c: RuleContext) => {
  const axis = normalizeAxis(c.int('axis', -1), c.rank(c.y()));
  const sum = c.reduceSum(c.dy(), [axis], true);
  c.add(0, c.sub(c.dy(), c.mul(c.op('Exp', [c.y()]), sum)));
};

export const globalAveragePool: Rule = (c: RuleContext) => {
  const dims = c.dims(c.x());
  const spatial: readonly Dim[] = dims.slice(2);
  if (!isStatic(spatial)) c.fail('its sizes must be known; fix the input shapes');
  const share = c.scalar(1 / spatial.reduce((n, d) => n * d, 1));
  c.add(0, toInput(c, c.mul(c.dy(), share)));
};
