import { tensorOf } from '../../onnx/index.ts';
import type { Dim } from '../dim.ts';
import type { Rule, RuleContext } from './context.ts';
import { swapLast } from './linear.ts';

/**
 * Attention (operator set 23): O = softmax(scale Q K^T + mask) V. The probabilities are computed
 * again here, since the operator does not give them:
 *
 *     dV = P^T dO,  dS = P (dO V^T - rowsum(dO O)),  dQ = scale dS K,  dK = scale dS^T Q
 */
export const attention: Rule = (c: RuleContext) => {
  if ([4, 5].some((i) => c.has(i))) c.fail('past keys and values have no rule');
  if (c.float('softcap', 0) !== 0) c.fail('softcap has no rule');
  if (c.needs(3)) c.fail('no rule for its mask');
  const flat = c.rank(c.x()) === 3;
  const heads = c.int('q_num_heads', 0);
  const same = flat
    ? c.int('kv_num_heads', heads) === heads
    : c.dims(c.x(0))[1] === c.dims(c.x(1))[1];
  if (!same) c.fail('grouped-query heads have no rule');

  const [q, k, v] = [0, 1, 2].map((i) => toHeads(c, c.x(i), c.dims(c.x(i)), heads)) as [
    string,
    string,
    string,
  ];
  const [dO, o] = [c.dy(), c.y()].map((x) => toHeads(c, x, c.dims(c.y()), heads)) as [
    string,
    string,
  ];
  const width = flat ? Number(c.dims(c.x())[2]) / heads : c.dims(c.x())[3];
  if (typeof width !== 'number') c.fail('the width of its heads must be known');
  const scale = c.scalar(c.float('scale', 0) || 1 / Math.sqrt(width));

  const scores = c.op('MatMul', [c.mul(q, scale), swapLast(c, k, 4)]);
  const p = c.op('Softmax', [withMask(c, scores)], { axis: -1 });
  const dots = c.reduceSum(c.mul(dO, o), [3], true);
  const dS = c.mul(p, c.sub(c.op('MatMul', [dO, swapLast(c, v, 4)]), dots));
  const out = (i: number, value: string) => {
    if (c.needs(i)) c.add(i, fromHeads(c, value, c.dims(c.x(i))));
  };
  out(0, c.mul(c.op('MatMul', [dS, k]), scale));
  out(1, c.mul(c.op('MatMul', [swapLast(c, dS, 4), q]), scale));
  out(2, c.op('MatMul', [swapLast(c, p, 4), dO]));
};

/** [B, L, heads d] -> [B, heads, L, d] */
function toHeads(c: RuleContext, value: string, dims: readonly Dim[], heads: number): string {
  if (dims.length === 4) return value;
  const split = c.op('Reshape', [value, c.b.ints([0, 0, heads, -1])]);
  return c.op('Transpose', [split], { perm: [0, 2, 1, 3] });
}

function fromHeads(c: RuleContext, value: string, dims: readonly Dim[]): string {
  if (dims.length === 4) return value;
  return c.op('Reshape', [
    c.op('Transpose', [value], { perm: [0, 2, 1, 3] }),
    c.b.ints([0, 0, -1]),
  ]);
}

function withMask(c: RuleContext, scores: string): string {
  let out = scores;
  if (c.int('is_causal', 0) === 1) {
    const rows = (i: number) => c.dims(c.x(i)).at(-2) as Dim;
    const [lq, lk] = [rows(0), rows(1)];
    if (typeof lq !== 'number' || typeof lk !== 'number') {
      c.fail('a causal mask needs known lengths; fix the input shapes');
    }
    const cells = Array.from({ length: lq * lk }, (_, i) =>
      i % lk > Math.floor(i / lk) ? -1e30 : 0,
    );
    out = c.add2(out, c.b.constant(tensorOf(c.dtype(c.y()), [lq, lk], cells)));
  }
  if (!c.has(3)) return out;
  if (c.dtype(c.x(3)) !== 'bool') return c.add2(out, c.x(3));
  return c.op('Where', [c.x(3), out, c.scalar(-1e30)]);
}
