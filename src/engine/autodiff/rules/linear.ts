import type { Dim } from '../dim.ts';
import type { Rule, RuleContext } from './context.ts';

/** Rules of products: Y = A B gives dA = dY B^T and dB = A^T dY, summed over broadcast axes. */

/** Swaps the last two axes. Of a weight that is folded once, at load; the file holds it once. */
export function swapLast(c: RuleContext, value: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return c.op('Transpose', [value], { perm });
}

/** Operands as matrices: a vector on the left is a row, on the right a column. */
function asMatrices(c: RuleContext) {
  const [da, db] = [c.dims(c.x(0)), c.dims(c.x(1))];
  let dy = c.dy();
  const a = da.length === 1 ? c.op('Unsqueeze', [c.x(0), c.b.ints([0])]) : c.x(0);
  const b = db.length === 1 ? c.op('Unsqueeze', [c.x(1), c.b.ints([1])]) : c.x(1);
  const missing = [...(da.length === 1 ? [-2] : []), ...(db.length === 1 ? [-1] : [])];
  if (missing.length > 0) dy = c.op('Unsqueeze', [dy, c.b.ints(missing)]);
  return {
    a,
    b,
    dy,
    da: da.length === 1 ? ([1, ...da] as Dim[]) : da,
    db: db.length === 1 ? ([...db, 1] as Dim[]) : db,
  };
}

/** Sums a product over the batch axes that its operand does not have, and drops made-up axes. */
function toOperand(c: RuleContext, i: number, product: string, dims: readonly Dim[]): string {
  const batch = batchOf(c);
  const from = [...batch, ...dims.slice(-2)];
  const own = c.dims(c.x(i));
  if (own.length === dims.length) return c.sumTo(product, from, c.x(i));
  const lead = Array.from({ length: from.length - 2 }, (_, k) => k);
  const sum = lead.length > 0 ? c.reduceSum(product, lead, false) : product;
  return c.op('Squeeze', [sum, c.b.ints([i === 0 ? 0 : 1])]);
}

function batchOf(c: RuleContext): readonly Dim[] {
  const vectors = [c.x(0), c.x(1)].filter((v) => c.rank(v) === 1).length;
  const dims = c.dims(c.y());
  return dims.slice(0, dims.length - 2 + vectors);
}

/** dA = dY W^T with the forward pass's own W: Gemm can read it transposed. */
function byOwnWeight(c: RuleContext): boolean {
  const [a, w] = [c.dims(c.x(0)), c.dims(c.x(1))];
  const columns = w.at(-1);
  const fits = c.weights === 'shared' && c.isFixed(c.x(1)) && w.length === 2 && a.length > 1;
  if (!fits || typeof columns !== 'number') return false;
  const flat = a.length === 2 ? c.dy() : c.op('Reshape', [c.dy(), c.b.ints([-1, columns])]);
  const product = c.op('Gemm', [flat, c.x(1)], { transB: 1 });
  c.add(0, a.length === 2 ? product : c.b.reshape(product, undefined, a, c.x(0)));
  return true;
}

export const matmul: Rule = (c: RuleContext) => {
  if (c.needs(0) && byOwnWeight(c)) return;
  const { a, b, dy, da, db } = asMatrices(c);
  if (c.needs(0)) {
    c.add(0, toOperand(c, 0, c.op('MatMul', [dy, swapLast(c, b, db.length)]), da));
  }
  if (!c.needs(1)) return;
  if (db.length === 2 && da.length > 2) {
    // One flat product instead of a batch of them that is then summed.
    const [rows, columns] = [da.at(-1) as Dim, c.dims(c.y()).at(-1) as Dim];
    if (typeof rows === 'number' && typeof columns === 'number' && c.rank(c.x(1)) === 2) {
      const flat = (v: string, width: number) => c.op('Reshape', [v, c.b.ints([-1, width])]);
      c.add(1, c.op('MatMul', [swapLast(c, flat(a, rows), 2), flat(dy, columns)]));
      return;
    }
  }
  c.add(1, toOperand(c, 1, c.op('MatMul', [swapLast(c, a, da.length), dy]), db));
};

/** Y = alpha A' B' + beta C, where ' may transpose. */
export const gemm: Rule = (c: RuleContext) => {
  const [ta, tb] = [c.int('transA', 0), c.int('transB', 0)];
  const alpha = { alpha: { float: c.float('alpha', 1) } };
  const dy = c.dy();
  if (c.needs(0)) {
    c.add(
      0,
      ta
        ? c.op('Gemm', [c.x(1), dy], { transA: tb, transB: 1, ...alpha })
        : c.op('Gemm', [dy, c.x(1)], { transA: 0, transB: tb ? 0 : 1, ...alpha }),
    );
  }
  if (c.needs(1)) {
    c.add(
      1,
      tb
        ? c.op('Gemm', [dy, c.x(0)], { transA: 1, transB: ta, ...alpha })
        : c.op('Gemm', [c.x(0), dy], { transA: ta ? 0 : 1, transB: 0, ...alpha }),
    );
  }
  if (c.has(2) && c.needs(2)) {
    const sum = c.sumTo(dy, c.dims(c.y()), c.x(2));
    const beta = c.float('beta', 1);
    c.add(2, beta === 1 ? sum : c.mul(sum, c.scalar(beta)));
  }
};

/**
 * Each operand's adjoint is the Einsum of dY with the other operands. An index that only this
 * operand has was summed away: its adjoint is repeated along it.
 */
export const einsum: Rule = (c: RuleContext) => {
  const [left = '', output] = c.text('equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (output === undefined || left.includes('.')) c.fail('only explicit equations have a rule');
  if (terms.some((t) => new Set(t).size !== t.length)) c.fail('a repeated index has no rule');
  terms.forEach((term, i) => {
    if (!c.needs(i)) return;
    const others = terms.filter((_, k) => k !== i);
    const values = c.node.inputs.filter((_, k) => k !== i);
    const seen = new Set([...output, ...others.join('')]);
    const present = [...term].filter((letter) => seen.has(letter)).join('');
    const equation = `${[output, ...others].join(',')}->${present}`;
    let gradient = c.op('Einsum', [c.dy(), ...values], { equation });
    if (present !== term) {
      const summed = [...term].flatMap((letter, axis) => (seen.has(letter) ? [] : [axis]));
      gradient = c.op('Unsqueeze', [gradient, c.b.ints(summed)]);
      gradient = c.op('Expand', [gradient, c.b.shape(c.x(i), c.dims(c.x(i)))]);
    }
    c.add(i, gradient);
  });
};
