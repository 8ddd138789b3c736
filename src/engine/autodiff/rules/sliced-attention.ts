import type { Rule, RuleContext } from './context.ts';
import { swapLast } from './linear.ts';

/**
 * O = softmax(scale A B + mask) V, a slice of the rows of A at a time, so that the scores are never
 * there as a whole: neither is kept from the forward pass, and each slice's are computed again,
 *
 *     P = softmax(scale A B + mask),  dS = P (dO V^T - rowsum(dO O))
 *     dA = scale dS B^T,  dB = scale A^T dS,  dV = P^T dO
 *
 * as in the backward pass of FlashAttention (arXiv 2205.14135).
 */
export const slicedAttention: Rule = (c: RuleContext) => {
  if (c.has(3) && c.needs(3)) c.fail('no rule for its mask');
  const [a, b, v, mask] = [0, 1, 2, 3].map((i) => c.x(i)) as [string, string, string, string];
  const rank = c.rank(a);
  const rows = c.dims(a)[rank - 2];
  if (typeof rows !== 'number') c.fail('the number of its rows must be known');
  const scale = c.scalar(c.float('scale', 1));
  const [bT, vT] = [swapLast(c, b, rank), swapLast(c, v, rank)];
  const parts = { a: [] as string[], b: [] as string[], v: [] as string[] };
  let token: string | undefined;
  for (const [begin, end] of slicesOf(rows, c.int('slices', 1))) {
    const part = (value: string, of = rank) =>
      c.op('Slice', [value, c.b.ints([begin]), c.b.ints([end]), c.b.ints([of - 2])]);
    const [dO, own] = [part(c.dy()), part(a)];
    const dots = c.reduceSum(c.mul(dO, part(c.y())), [rank - 1], true);
    const late = c.add2(own, after(c, token ? c.add2(dots, token) : dots));
    let scores = c.mul(c.op('MatMul', [late, b]), scale);
    if (c.has(3))
      scores = c.add2(scores, c.dims(mask).at(-2) === rows ? part(mask, c.rank(mask)) : mask);
    const p = c.op('Softmax', [scores], { axis: -1 });
    const dS = c.mul(c.mul(p, c.sub(c.op('MatMul', [dO, vT]), dots)), scale);
    const made: string[] = [];
    const give = (i: number, list: string[], value: () => string) => {
      if (!c.needs(i)) return;
      const last = list.at(-1);
      const one = value();
      made.push(one);
      // dA is put together, the others are sums.
      list.push(i === 0 || last === undefined ? one : c.add2(last, one));
    };
    give(0, parts.a, () => c.op('MatMul', [dS, bT]));
    give(1, parts.b, () => c.op('MatMul', [swapLast(c, own, rank), dS]));
    give(2, parts.v, () => c.op('MatMul', [swapLast(c, p, rank), dO]));
    token = made.map((value) => corner(c, value, rank)).reduce((x, y) => c.add2(x, y));
  }
  if (c.needs(0)) c.add(0, c.op('Concat', parts.a, { axis: rank - 2 }));
  if (c.needs(1)) c.add(1, parts.b.at(-1) as string);
  if (c.needs(2)) c.add(2, parts.v.at(-1) as string);
};

/**
 * Zero, but only once `value` is there. Added to what a slice begins with, it holds the slice back
 * until the gradient has come down to here and the slice before is done with: the runtime, which
 * orders nodes as it likes, would otherwise make the scores of all slices at once, or find that the
 * forward pass has made them already and keep those.
 */
function after(c: RuleContext, value: string): string {
  return c.mul(value, c.scalar(0));
}

/** The first element of each matrix, [..., 1, 1]. */
function corner(c: RuleContext, value: string, rank: number): string {
  const all = (n: number) => c.b.ints([n, n]);
  return c.op('Slice', [value, all(0), all(1), c.b.ints([rank - 2, rank - 1])]);
}

/** Bounds of `count` slices of about the same size. */
export function slicesOf(rows: number, count: number): [number, number][] {
  const size = Math.ceil(rows / count);
  const slices: [number, number][] = [];
  for (let begin = 0; begin < rows; begin += size) {
    slices.push([begin, Math.min(begin + size, rows)]);
  }
  return slices;
}
