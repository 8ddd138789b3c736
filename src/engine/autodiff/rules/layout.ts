import { type Tensor, tensorOf } from '../../onnx/index.ts';
import { type Dim, isStatic, productOfDims } from '../dim.ts';
import { normalizeAxis } from '../infer/facts.ts';
import { sliceBounds } from '../infer/layout.ts';
import type { Rule, RuleContext } from './context.ts';

/** Rules of operators that move elements about: the adjoint moves them back. */

/** Reshape, Flatten, Squeeze and Unsqueeze: where shapes are unknown the input is asked for its. */
export const backToInputShape: Rule = (c: RuleContext) => {
  const to = c.knownDims(c.x());
  if (!to) return c.add(0, c.op('Reshape', [c.dy(), c.op('Shape', [c.x()])]));
  c.add(0, c.b.reshape(c.dy(), c.knownDims(c.y()), to, c.x()));
};

export const transpose: Rule = (c: RuleContext) => {
  const perm = c.ints('perm');
  if (!perm) return c.add(0, c.op('Transpose', [c.dy()]));
  const inverse = perm.map((_, i) => perm.indexOf(i));
  c.add(0, c.op('Transpose', [c.dy()], { perm: inverse }));
};

export const concat: Rule = (c: RuleContext) => {
  const axis = normalizeAxis(c.int('axis', 0), c.rank(c.y()));
  const sizes: readonly Dim[] = c.node.inputs.map((x) => c.dims(x)[axis] as Dim);
  if (isStatic(sizes)) {
    let begin = 0;
    for (const [i, size] of sizes.entries()) {
      if (c.needs(i)) c.add(i, sliceAxis(c, c.dy(), axis, begin, begin + size));
      begin += size;
    }
    return;
  }
  // Sizes that are known at run time only: Split takes them from the inputs' own shapes.
  const parts = c.node.inputs.map((x) => {
    const shape = c.op('Shape', [x]);
    return c.op('Slice', [shape, c.b.ints([axis]), c.b.ints([axis + 1])]);
  });
  const split = c.op('Concat', parts, { axis: 0 });
  const grads = c.b.ops('Split', [c.dy(), split], { axis }, parts.length);
  for (const i of sizes.keys()) if (c.needs(i)) c.add(i, grads[i] as string);
};

/** value[…, begin:end, …] */
export function sliceAxis(c: RuleContext, value: string, axis: number, begin: number, end: number) {
  return c.op('Slice', [value, c.b.ints([begin]), c.b.ints([end]), c.b.ints([axis])]);
}

export const split: Rule = (c: RuleContext) => {
  const axis = normalizeAxis(c.int('axis', 0), c.rank(c.x()));
  let begin = 0;
  for (const i of c.node.outputs.keys()) {
    const size = c.dims(c.y(i))[axis];
    if (typeof size !== 'number') {
      c.fail('the sizes of its parts must be known; fix the input shapes');
    }
    const gradient = c.y(i) === '' ? undefined : c.dyOrNone(i);
    if (gradient !== undefined) c.addSlice(0, axis, begin, begin + size, gradient);
    begin += size;
  }
};

/** Pads an axis of a value with zeros, `before` and `after`. */
export function padAxis(
  c: RuleContext,
  value: string,
  rank: number,
  axis: number,
  before: number,
  after: number,
): string {
  const pads = Array(2 * rank).fill(0);
  pads[axis] = before;
  pads[axis + rank] = after;
  return c.op('Pad', [value, c.b.ints(pads), c.scalar(0)]);
}

interface Cut {
  axis: number;
  begin: number;
  end: number;
  step: number;
  size: number;
}

function cutsOf(c: RuleContext): Cut[] | undefined {
  const dims = c.dims(c.x());
  const starts = c.numbers(1);
  const ends = c.knownElements(2);
  const axes = c.has(3) ? c.numbers(3) : starts?.map((_, i) => i);
  const steps = c.has(4) ? c.numbers(4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps) return undefined;
  const cuts: Cut[] = [];
  for (const [k, raw] of axes.entries()) {
    const axis = normalizeAxis(raw, dims.length);
    const size = dims[axis] as Dim;
    const step = steps[k] as number;
    const bounds = sliceBounds(starts[k] as number, ends[k] as Dim, step, size);
    if (!bounds) return undefined;
    if (bounds[0] === 0 && bounds[1] === size && step === 1) continue;
    const [begin, end] = bounds;
    if (typeof size !== 'number' || typeof begin !== 'number' || typeof end !== 'number') {
      return undefined;
    }
    cuts.push({ axis, begin, end, step, size });
  }
  return cuts;
}

/** Puts zeros between elements (and turns the axis for a negative step): dy in x's coordinates. */
function spread(c: RuleContext, value: string, rank: number, cut: Cut): string {
  const { axis, begin, step, size } = cut;
  const count = Math.max(0, Math.ceil((cut.end - begin) / step));
  let out = value;
  let low = begin;
  const stride = Math.abs(step);
  if (step < 0) {
    low = begin + (count - 1) * step;
    out = c.op('Slice', [out, ...[-1, -(2 ** 31), axis, -1].map((v) => c.b.ints([v]))]);
  }
  if (stride > 1) {
    // [.., n, ..] -> [.., n, 1, ..] -> pad to [.., n, stride, ..] -> [.., n stride, ..]
    const widened = padAxis(
      c,
      c.op('Unsqueeze', [out, c.b.ints([axis + 1])]),
      rank + 1,
      axis + 1,
      0,
      stride - 1,
    );
    const shape = Array.from({ length: axis + 1 }, (_, i) => (i === axis ? count * stride : 0));
    const tail = c.dims(c.y()).slice(axis + 1);
    const rest = tail.map((d) => (typeof d === 'number' ? d : -1));
    if (rest.filter((d) => d === -1).length > 1) c.fail('its shape must be known; fix the inputs');
    out = c.op('Reshape', [widened, c.b.ints([...shape, ...rest])]);
  }
  const after = size - low - count * stride;
  // The last element may stand closer to the end than its stride: a negative pad crops.
  return low === 0 && after === 0 ? out : padAxis(c, out, rank, axis, low, after);
}

export const slice: Rule = (c: RuleContext) => {
  const cuts = cutsOf(c);
  if (!cuts) c.fail('its bounds must be constant; fix the input shapes');
  const rank = c.rank(c.x());
  const only = cuts[0];
  if (cuts.length === 1 && only && only.step === 1) {
    return c.addSlice(0, only.axis, only.begin, only.end, c.dy());
  }
  c.add(
    0,
    cuts.reduce((value, cut) => spread(c, value, rank, cut), c.dy()),
  );
};

export const expand: Rule = (c: RuleContext) => c.add(0, c.sumTo(c.dy(), c.dims(c.y()), c.x()));

/** Splits each repeated axis in two and sums over the repeats. */
export const tile: Rule = (c: RuleContext) => {
  const repeats = c.numbers(1) ?? c.fail('its repeats must be constant');
  const dims = c.staticDims(c.x());
  const shape = dims.flatMap((d, i) => [repeats[i] as number, d]);
  const parts = c.op('Reshape', [c.dy(), c.b.ints(shape)]);
  c.add(
    0,
    c.reduceSum(
      parts,
      dims.map((_, i) => 2 * i),
      false,
    ),
  );
};

export const pad: Rule = (c: RuleContext) => {
  if (c.text('mode', 'constant') !== 'constant') c.fail('only zero padding has a rule');
  const rank = c.rank(c.x());
  const pads = c.numbers(1) ?? c.fail('its pads must be constant');
  const axes = (c.has(3) ? c.numbers(3) : c.dims(c.x()).map((_, i) => i)) ?? c.fail('bad axes');
  const cropped = Array(2 * rank).fill(0);
  axes.forEach((raw, k) => {
    const axis = normalizeAxis(raw, rank);
    cropped[axis] = -(pads[k] as number);
    cropped[axis + rank] = -(pads[k + axes.length] as number);
  });
  // A negative pad crops. It is the exact adjoint for pads of either sign.
  if (c.needs(0)) c.add(0, c.op('Pad', [c.dy(), c.b.ints(cropped), c.scalar(0)]));
};

export const gather: Rule = (c: RuleContext) => {
  const dims = c.dims(c.x());
  const axis = normalizeAxis(c.int('axis', 0), dims.length);
  const indices = c.constant(1) ?? knownIndices(c);
  const size = dims[axis];
  if (!indices || typeof size !== 'number') {
    c.fail(
      'its indices are not constant, so its table gets no gradient; ' +
        'ask for the gradient by its output instead',
    );
  }
  const at = Array.from(indices.data as ArrayLike<number>, (v) => normalizeAxis(Number(v), size));
  const contiguous = at.every((v, i) => i === 0 || v === (at[i - 1] as number) + 1);
  const begin = at[0] as number;
  if (indices.dims.length === 0) {
    const kept = c.op('Unsqueeze', [c.dy(), c.b.ints([axis])]);
    return c.addSlice(0, axis, begin, begin + 1, kept);
  }
  if (indices.dims.length !== 1) c.fail('indices of rank above 1 have no rule');
  if (contiguous) return c.addSlice(0, axis, begin, begin + at.length, c.dy());
  // Rows that may repeat: a product with the selection's matrix, along the axis.
  const rank = dims.length;
  const matrix = tensorOf(
    c.dtype(c.y()),
    [at.length, size],
    at.flatMap((v) => Array.from({ length: size }, (_, k) => Number(k === v))),
  );
  const swap = Array.from({ length: rank }, (_, i) => i);
  [swap[axis], swap[rank - 1]] = [rank - 1, axis];
  const last = axis === rank - 1;
  const moved = last ? c.dy() : c.op('Transpose', [c.dy()], { perm: swap });
  const product = c.op('MatMul', [moved, c.b.constant(matrix)]);
  c.add(0, last ? product : c.op('Transpose', [product], { perm: swap }));
};

function knownIndices(c: RuleContext): Tensor | undefined {
  const known = c.numbers(1);
  const dims = c.knownDims(c.x(1));
  return known && dims && isStatic(dims) ? tensorOf('int64', dims, known) : undefined;
}

export const depthToSpace: Rule = (c: RuleContext) => {
  const block = c.int('blocksize', 1);
  if (c.text('mode', 'DCR') === 'DCR') {
    return c.add(0, c.op('SpaceToDepth', [c.dy()], { blocksize: block }));
  }
  // CRD keeps a channel's block together: [B, C, h, b, w, b] -> [B, C, b, b, h, w].
  const [, d, h, w] = c.dims(c.x());
  const shape = [0, Number(d) / (block * block), h, block, w, block];
  if (!shape.every((v) => Number.isInteger(v))) c.fail('its shape must be known; fix the inputs');
  const parts = c.op('Reshape', [c.dy(), c.b.ints(shape as number[])]);
  const moved = c.op('Transpose', [parts], { perm: [0, 1, 3, 5, 2, 4] });
  c.add(0, c.op('Reshape', [moved, c.b.ints([0, d as number, h as number, w as number])]));
};

export const spaceToDepth: Rule = (c: RuleContext) =>
  c.add(0, c.op('DepthToSpace', [c.dy()], { blocksize: c.int('blocksize', 1), mode: 'DCR' }));

/** Number of elements that a reduction over `axes` puts together; undefined where symbolic. */
export function countOf(dims: readonly Dim[], axes: readonly number[]): number | undefined {
  const product = productOfDims(axes.map((a) => dims[a] as Dim));
  return typeof product === 'number' ? product : undefined;
}
