import { type Dim, productOfDims } from '../dim.ts';
import { normalizeAxis } from '../infer/facts.ts';
import type { Rule, RuleContext } from './context.ts';

/**
 * Rules of normalisations. With x^ = (x - mean) r, r = 1 / sqrt(variance + eps), over N elements a
 * row, and g the adjoint of x^:
 *
 *     dx = r (g - mean(g) - x^ mean(g x^))
 *
 * The forward node is replaced by a LayerNormalization over rows, which gives x^ and r in one
 * kernel, so that nothing of the forward is computed twice.
 */

/** x^ of rows [.., N] and r [.., 1]. */
export interface Normalized {
  hat: string;
  rstd: string;
}

/** LayerNormalization gives its statistics as float32, whatever the type of x. */
function asOwnType(c: RuleContext, statistic: string): string {
  return c.dtype(c.x()) === 'float32' ? statistic : c.op('CastLike', [statistic, c.x()]);
}

/** Normalises rows [B, G, N] with one kernel where their length is known. */
export function normalizeGroups(c: RuleContext, rows: string, n: Dim): Normalized {
  const epsilon = c.float('epsilon', 1e-5);
  if (typeof n === 'number') {
    // Made by a node, not stored: N can be millions.
    const ones = c.op('Expand', [c.scalar(1), c.b.ints([n])]);
    const [hat, , r] = c.b.ops(
      'LayerNormalization',
      [rows, ones],
      { axis: -1, epsilon: { float: epsilon } },
      3,
    ) as [string, string, string];
    return { hat, rstd: asOwnType(c, r) };
  }
  const mean = c.reduceMean(rows, [-1], true);
  const centred = c.sub(rows, mean);
  const variance = c.reduceMean(c.mul(centred, centred), [-1], true);
  const rstd = c.op('Reciprocal', [c.op('Sqrt', [c.add2(variance, c.scalar(epsilon))])]);
  return { hat: c.mul(centred, rstd), rstd };
}

/** What {@link groupGradient} needs: x [B, C, …], its groups, and the scale of each channel. */
interface Groups extends Normalized {
  x: string;
  channels: number;
  groups: number;
  /** [C, 1, …] or anything that reshapes to [G, C / G]; absent for 1. */
  scale: string | undefined;
}

/**
 * dx of y = scale x^ + bias with statistics of G groups of channels. Sums are taken channel by
 * channel first, so that the scale is applied to B C numbers and not to the whole tensor:
 *
 *     dx = (scale r) dy - (r mean(g x^)) x^ - r mean(g),   mean(g) = mean_c scale_c mean_s dy
 */
export function groupGradient(c: RuleContext, o: Groups): string {
  const { channels, groups } = o;
  const dims = c.dims(o.x);
  const planes = (v: string) => c.op('Reshape', [v, c.b.ints([0, channels, -1])]);
  const dy = planes(c.dy());
  const hat = planes(o.hat);
  const perGroup = (v: string) => c.op('Reshape', [v, c.b.ints([0, groups, channels / groups])]);
  const meanDy = perGroup(c.reduceMean(dy, [-1], true));
  const meanDot = perGroup(c.reduceMean(c.mul(dy, hat), [-1], true));
  const scale = o.scale && c.op('Reshape', [o.scale, c.b.ints([groups, channels / groups])]);
  const scaled = (v: string) => (scale ? c.mul(v, scale) : v);
  const shift = c.mul(c.reduceMean(scaled(meanDy), [-1], true), o.rstd);
  const slope = c.mul(c.reduceMean(scaled(meanDot), [-1], true), o.rstd);
  const projected = planes(c.add2(c.mul(o.hat, slope), shift));
  const rate = scale
    ? c.op('Reshape', [c.mul(o.rstd, scale), c.b.ints([0, channels, 1])])
    : undefined;
  const direct = rate
    ? c.mul(dy, rate)
    : planes(c.mul(c.op('Reshape', [c.dy(), c.b.ints([0, groups, -1])]), o.rstd));
  return c.b.reshape(c.sub(direct, projected), undefined, dims, o.x);
}

/** A per-channel vector [C] against [B, C, …]: as [C, 1, …]. */
function perChannel(c: RuleContext, vector: string, rank: number): string {
  return c.op('Unsqueeze', [vector, c.b.ints(Array.from({ length: rank - 2 }, (_, i) => i + 1))]);
}

const isAll = (values: readonly number[] | undefined, v: number) =>
  values?.every((x) => x === v) ?? false;

/** Sums for the gradients of a scale and a bias of shape [C]. */
function channelSums(c: RuleContext, hat: string, scale: number, bias: number): void {
  const axes = c.dims(c.y()).map((_, i) => i);
  axes.splice(1, 1);
  if (c.needs(scale)) c.add(scale, c.reduceSum(c.mul(c.dy(), hat), axes, false));
  if (c.needs(bias)) c.add(bias, c.reduceSum(c.dy(), axes, false));
}

/** True where scale is 1 and bias 0, and neither's gradient is asked for. */
export function unitAffine(c: RuleContext): boolean {
  return isAll(c.numbers(1), 1) && isAll(c.numbers(2), 0) && !c.needs(1) && !c.needs(2);
}

/** InstanceNormalization and GroupNormalization: y = scale x^ + bias, channel by channel. */
function grouped(c: RuleContext, groups: Dim, scale: string, bias: string, trivial: boolean): void {
  const dims = c.dims(c.x());
  const [, channels = 1, ...spatial] = dims;
  if (typeof channels !== 'number' || typeof groups !== 'number') {
    c.fail('its number of channels must be known');
  }
  const already = dims.length === 3 && channels === groups;
  const rows = already ? c.x() : c.op('Reshape', [c.x(), c.b.ints([0, groups, -1])]);
  const normalized = normalizeGroups(c, rows, productOfDims([channels / groups, ...spatial]));
  const hat = already ? normalized.hat : c.b.reshape(normalized.hat, undefined, dims, c.x());
  c.replaceOutput(trivial ? hat : c.add2(c.mul(hat, scale), bias));
  channelSums(c, hat, 1, 2);
  if (!c.needs(0)) return;
  const own = trivial ? undefined : scale;
  c.add(0, groupGradient(c, { x: c.x(), channels, groups, scale: own, ...normalized }));
}

export const instanceNormalization: Rule = (c: RuleContext) => {
  const rank = c.rank(c.x());
  const [scale, bias] = [perChannel(c, c.x(1), rank), perChannel(c, c.x(2), rank)];
  grouped(c, c.dims(c.x())[1] as Dim, scale, bias, unitAffine(c));
};

/** Operator set 18 has a scale per group, 21 one per channel. */
export const groupNormalization: Rule = (c: RuleContext) => {
  const dims = c.dims(c.x());
  const groups = c.int('num_groups', 1);
  const [vector] = c.staticDims(c.x(1));
  const channels = dims[1];
  if (vector !== channels && (c.needs(1) || c.needs(2))) {
    c.fail('the gradient by its scale and bias needs operator set 21');
  }
  const spread = (v: string): string => {
    if (vector === channels) return perChannel(c, v, dims.length);
    if (typeof channels !== 'number') c.fail('its number of channels must be known');
    const column = c.op('Reshape', [v, c.b.ints([groups, 1])]);
    const wide = c.op('Expand', [column, c.b.ints([groups, channels / groups])]);
    return perChannel(c, c.op('Reshape', [wide, c.b.ints([channels])]), dims.length);
  };
  grouped(c, groups, spread(c.x(1)), spread(c.x(2)), false);
};

/**
 * y = scale x^ + bias over the last axes; the node itself gives mean and r on request. x^ is not
 * among its outputs, so with p = dy scale the gradient is written in x:
 *
 *     dx = r (p - a x - b),  a = r^2 (mean(p x) - mean(x) mean(p)),  b = mean(p) - a mean(x)
 */
export const layerNormalization: Rule = (c: RuleContext) => {
  const dims = c.dims(c.x());
  const axis = normalizeAxis(c.int('axis', -1), dims.length);
  const axes = dims.map((_, i) => i).slice(axis);
  if (c.dyOrNone(1) !== undefined || c.dyOrNone(2) !== undefined) {
    c.fail('only its first output has a rule');
  }
  const [mean, rstd] = [1, 2].map((i) => asOwnType(c, c.demandOutput(i))) as [string, string];
  if (c.needs(0)) {
    const average = (v: string) => c.reduceMean(v, axes, true);
    const p = c.mul(c.dy(), c.x(1));
    const meanP = average(p);
    const covariance = c.sub(average(c.mul(p, c.x())), c.mul(mean, meanP));
    const a = c.mul(covariance, c.mul(rstd, rstd));
    const b = c.sub(meanP, c.mul(a, mean));
    c.add(0, c.mul(c.sub(c.sub(p, c.mul(c.x(), a)), b), rstd));
  }
  if (c.needs(1)) {
    const hat = c.mul(c.sub(c.x(), mean), rstd);
    c.add(1, c.sumTo(c.mul(c.dy(), hat), dims, c.x(1)));
  }
  if (c.has(2) && c.needs(2)) c.add(2, c.sumTo(c.dy(), dims, c.x(2)));
};

/** Inference form: y = (x - mean) / sqrt(var + eps) scale + bias with constant statistics. */
export const batchNormalization: Rule = (c: RuleContext) => {
  if (c.int('training_mode', 0) !== 0) c.fail('is in training mode; export it in evaluation mode');
  if ([1, 2, 3, 4].some((i) => c.needs(i))) c.fail('only its first input has a rule');
  const root = c.op('Sqrt', [c.add2(c.x(4), c.scalar(c.float('epsilon', 1e-5)))]);
  const slope = c.div(c.x(1), root);
  c.add(0, c.mul(c.dy(), perChannel(c, slope, c.rank(c.x()))));
};
