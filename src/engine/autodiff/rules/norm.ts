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

/** x^ and r of rows: `value` is [.., N], r [.., 1]. */
export interface Normalized {
  hat: string;
  rstd: string;
}

/** Normalises rows [.., N] of a known length with one kernel. */
export function normalizeRows(c: RuleContext, value: string, n: Dim, epsilon: number): Normalized {
  if (typeof n === 'number') {
    // Made by a node, not stored: N can be millions.
    const ones = c.op('Expand', [c.scalar(1), c.b.ints([n])]);
    const [hat, , rstd] = c.b.ops(
      'LayerNormalization',
      [value, ones],
      { axis: -1, epsilon: { float: epsilon } },
      3,
    ) as [string, string, string];
    return { hat, rstd };
  }
  const mean = c.reduceMean(value, [-1], true);
  const centred = c.sub(value, mean);
  const variance = c.reduceMean(c.mul(centred, centred), [-1], true);
  const rstd = c.op('Reciprocal', [c.op('Sqrt', [c.add2(variance, c.scalar(epsilon))])]);
  return { hat: c.mul(centred, rstd), rstd };
}

/** dx of rows [.., N], given the adjoint `g` of x^. */
export function rowsGradient(c: RuleContext, g: string, { hat, rstd }: Normalized): string {
  const mean = c.reduceMean(g, [-1], true);
  const dot = c.reduceMean(c.mul(g, hat), [-1], true);
  return c.mul(c.sub(c.sub(g, mean), c.mul(hat, dot)), rstd);
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

/** Rows of `groups` a sample: [B, C, …] as [B, groups, N]. */
function rowShape(c: RuleContext, groups: Dim): { rows: number[]; n: Dim } {
  const dims = c.dims(c.x());
  const [, channels = 1, ...spatial] = dims;
  if (typeof channels !== 'number' || typeof groups !== 'number') {
    c.fail('its number of channels must be known');
  }
  return {
    rows: [0, groups, -1],
    n: productOfDims([channels / groups, ...spatial]),
  };
}

/** InstanceNormalization and GroupNormalization: y = scale x^ + bias, channel by channel. */
function grouped(c: RuleContext, groups: Dim, scale: string, bias: string, trivial: boolean): void {
  const dims = c.dims(c.x());
  const { rows, n } = rowShape(c, groups);
  const already = dims.length === 3 && dims[1] === groups;
  const toRows = (v: string) => (already ? v : c.op('Reshape', [v, c.b.ints(rows)]));
  const back = (v: string) => (already ? v : c.b.reshape(v, undefined, dims, c.x()));
  const normalized = normalizeRows(c, toRows(c.x()), n, c.float('epsilon', 1e-5));
  const hat = back(normalized.hat);
  c.replaceOutput(trivial ? hat : c.add2(c.mul(hat, scale), bias));
  channelSums(c, hat, 1, 2);
  if (!c.needs(0)) return;
  const g = toRows(trivial ? c.dy() : c.mul(c.dy(), scale));
  c.add(0, back(rowsGradient(c, g, normalized)));
}

export const instanceNormalization: Rule = (c: RuleContext) => {
  const rank = c.rank(c.x());
  const trivial = isAll(c.numbers(1), 1) && isAll(c.numbers(2), 0);
  const [scale, bias] = [perChannel(c, c.x(1), rank), perChannel(c, c.x(2), rank)];
  grouped(c, c.dims(c.x())[1] as Dim, scale, bias, trivial && !c.needs(1) && !c.needs(2));
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

/** y = scale x^ + bias over the last axes; the node itself gives mean and r on request. */
export const layerNormalization: Rule = (c: RuleContext) => {
  const dims = c.dims(c.x());
  const axis = normalizeAxis(c.int('axis', -1), dims.length);
  const axes = dims.map((_, i) => i).slice(axis);
  if (c.dyOrNone(1) !== undefined || c.dyOrNone(2) !== undefined) {
    c.fail('only its first output has a rule');
  }
  const [mean, rstd] = [c.demandOutput(1), c.demandOutput(2)];
  const hat = c.mul(c.sub(c.x(), mean), rstd);
  const g = c.mul(c.dy(), c.x(1));
  if (c.needs(0)) {
    const average = (v: string) => c.reduceMean(v, axes, true);
    const inner = c.sub(c.sub(g, average(g)), c.mul(hat, average(c.mul(g, hat))));
    c.add(0, c.mul(inner, rstd));
  }
  if (c.needs(1)) c.add(1, c.sumTo(c.mul(c.dy(), hat), dims, c.x(1)));
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

