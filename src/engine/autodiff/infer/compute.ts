import {
  addDims,
  broadcastDims,
  type Dim,
  mulDims,
  productOfDims,
  roundedDivideDims,
  subtractDims,
} from '../dim.ts';
import { type InferContext, type InferRule, KNOWN_LIMIT, normalizeAxis } from './facts.ts';

/** Shape rules of reductions, products, convolutions, resizing and normalisation. */

export const reduce: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  if (!dims) return [{ dtype }];
  const axes = c.axes(1)?.map((a) => normalizeAxis(a, dims.length));
  const keep = c.int('keepdims', 1) === 1;
  if (!axes?.length) {
    if (axes === undefined && c.has(1)) return [{ dtype }];
    if (c.int('noop_with_empty_axes', 0) === 1) return [c.facts(0)];
  }
  const out = dims.flatMap((d, i) => (!axes?.length || axes.includes(i) ? (keep ? [1] : []) : [d]));
  const all = c.known(0);
  const product =
    c.node.op === 'ReduceProd' && all && dims.length === 1 ? [productOfDims(all)] : undefined;
  return [{ dtype, dims: out, known: product }];
};

export const argReduce: InferRule = (c) => {
  const dims = c.dims(0);
  const axis = dims && normalizeAxis(c.int('axis', 0), dims.length);
  const keep = c.int('keepdims', 1) === 1;
  return [
    { dtype: 'int64', dims: dims?.flatMap((d, i) => (i === axis ? (keep ? [1] : []) : [d])) },
  ];
};

export const matmul: InferRule = (c) => {
  const [a, b] = [c.dims(0), c.dims(1)];
  const dtype = c.facts(0).dtype;
  if (!a || !b || a.length === 0 || b.length === 0) return [{ dtype }];
  const batch = broadcastDims(a.slice(0, -2), b.slice(0, -2));
  const rows = a.length > 1 ? [a[a.length - 2] as Dim] : [];
  const columns = b.length > 1 ? [b[b.length - 1] as Dim] : [];
  return [{ dtype, dims: [...batch, ...rows, ...columns] }];
};

export const gemm: InferRule = (c) => {
  const [a, b] = [c.dims(0), c.dims(1)];
  const dims = a &&
    b && [a[c.int('transA', 0) ? 1 : 0] as Dim, b[c.int('transB', 0) ? 0 : 1] as Dim];
  return [{ dtype: c.facts(0).dtype, dims }];
};

export const einsum: InferRule = (c) => {
  const [terms = '', output] = c.text('equation', '').replaceAll(' ', '').split('->');
  const sizes = new Map<string, Dim>();
  terms.split(',').forEach((term, i) => {
    [...term].forEach((letter, k) => {
      const dim = c.dims(i)?.[k];
      if (dim !== undefined) sizes.set(letter, dim);
    });
  });
  const dims = output === undefined || output.includes('.') ? undefined : [...output];
  return [{ dtype: c.facts(0).dtype, dims: dims?.map((l) => sizes.get(l) ?? c.fresh()) }];
};

/** Begin and end padding of each spatial axis, auto_pad resolved where sizes allow. */
export function padsOf(
  c: Pick<InferContext, 'ints' | 'text'>,
  sizes: readonly Dim[],
  kernel: readonly number[],
): { begin: number[]; end: number[] } | undefined {
  const n = kernel.length;
  const auto = c.text('auto_pad', 'NOTSET');
  if (auto === 'NOTSET' || auto === 'VALID') {
    const pads =
      auto === 'NOTSET' ? (c.ints('pads') ?? Array(2 * n).fill(0)) : Array(2 * n).fill(0);
    return { begin: pads.slice(0, n), end: pads.slice(n) };
  }
  const strides = c.ints('strides') ?? Array(n).fill(1);
  const dilations = c.ints('dilations') ?? Array(n).fill(1);
  const begin: number[] = [];
  const end: number[] = [];
  for (let i = 0; i < n; i++) {
    const span = (kernel[i] as number) * dilations[i] - dilations[i] + 1;
    const size = sizes[i];
    let total = span - strides[i];
    if (strides[i] !== 1) {
      if (typeof size !== 'number') return undefined;
      total = (Math.ceil(size / strides[i]) - 1) * strides[i] + span - size;
    }
    total = Math.max(0, total);
    const small = Math.floor(total / 2);
    begin.push(auto === 'SAME_UPPER' ? small : total - small);
    end.push(auto === 'SAME_UPPER' ? total - small : small);
  }
  return { begin, end };
}

function windows(c: InferContext, kernel: readonly number[], ceil: boolean): Dim[] | undefined {
  const dims = c.dims(0);
  const spatial = dims?.slice(2);
  const pads = spatial && padsOf(c, spatial, kernel);
  if (!spatial || !pads) return undefined;
  return spatial.map((size, i) => {
    const stride = c.ints('strides')?.[i] ?? 1;
    const span = ((kernel[i] as number) - 1) * (c.ints('dilations')?.[i] ?? 1) + 1;
    const padded = addDims(size, (pads.begin[i] as number) + (pads.end[i] as number) - span);
    if (stride === 1) return addDims(padded, 1);
    return addDims(roundedDivideDims(padded, stride, ceil), 1);
  });
}

export const conv: InferRule = (c) => {
  const [x, w] = [c.dims(0), c.dims(1)];
  const dtype = c.facts(0).dtype;
  const kernel = c.ints('kernel_shape') ?? w?.slice(2);
  if (!x || !w || !kernel?.every((k) => typeof k === 'number')) return [{ dtype }];
  const spatial = windows(c, kernel, false);
  return [{ dtype, dims: spatial && [x[0] as Dim, w[0] as Dim, ...spatial] }];
};

export const pool: InferRule = (c) => {
  const x = c.dims(0);
  const spatial = windows(c, c.ints('kernel_shape') ?? [], c.int('ceil_mode', 0) === 1);
  const fact = { dtype: c.facts(0).dtype, dims: x && spatial && [...x.slice(0, 2), ...spatial] };
  return [fact, { ...fact, dtype: 'int64' }];
};

export const globalPool: InferRule = (c) => {
  const dims = c.dims(0)?.map((d, i) => (i < 2 ? d : 1));
  return [{ dtype: c.facts(0).dtype, dims }];
};

export const convTranspose: InferRule = (c) => {
  const [x, w] = [c.dims(0), c.dims(1)];
  const dtype = c.facts(0).dtype;
  if (!x || !w) return [{ dtype }];
  const given = c.ints('output_shape');
  const kernel = w.slice(2) as number[];
  const pads = padsOf(c, x.slice(2), kernel) ?? { begin: [], end: [] };
  const spatial = x.slice(2).map((size, i) => {
    if (given) return given[i] as number;
    const span = ((kernel[i] as number) - 1) * (c.ints('dilations')?.[i] ?? 1) + 1;
    const rest = span + (c.ints('output_padding')?.[i] ?? 0);
    const trim = (pads.begin[i] ?? 0) + (pads.end[i] ?? 0);
    return addDims(mulDims(subtractDims(size, 1), c.ints('strides')?.[i] ?? 1), rest - trim);
  });
  return [{ dtype, dims: [x[0] as Dim, mulDims(w[1] as Dim, c.int('group', 1)), ...spatial] }];
};

export const resize: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  if (!dims) return [{ dtype }];
  const axes = c.ints('axes')?.map((a) => normalizeAxis(a, dims.length)) ?? dims.map((_, i) => i);
  const out = [...dims];
  const sizes = c.has(3) ? c.known(3) : undefined;
  const scales = c.has(2) ? c.numbers(2) : undefined;
  axes.forEach((axis, k) => {
    const dim = dims[axis] as Dim;
    const scale = scales?.[k];
    if (sizes) out[axis] = sizes[k] as Dim;
    else if (scale === undefined) out[axis] = c.fresh();
    else if (typeof dim === 'number') out[axis] = Math.floor(dim * scale);
    else out[axis] = Number.isInteger(scale) ? mulDims(dim, scale) : scale === 1 ? dim : c.fresh();
  });
  return [{ dtype, dims: out }];
};

/** Y as X; then Mean and InvStdDev with the normalised axes set to 1. */
export const layerNorm: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const axis = dims && normalizeAxis(c.int('axis', -1), dims.length);
  const stats = dims?.map((d, i) => (i >= (axis ?? 0) ? 1 : d));
  return [
    { dtype, dims },
    { dtype, dims: stats },
    { dtype, dims: stats },
  ];
};

export const attention: InferRule = (c) => {
  const [q, v] = [c.dims(0), c.dims(2)];
  const dtype = c.facts(0).dtype;
  if (!q || !v) return [{ dtype }];
  if (q.length === 4) return [{ dtype, dims: [...q.slice(0, 3), v[3] as Dim] }];
  const heads = c.int('q_num_heads', 1);
  const width = roundedDivideDims(v[2] as Dim, c.int('kv_num_heads', heads));
  return [{ dtype, dims: [q[0] as Dim, q[1] as Dim, mulDims(width, heads)] }];
};

/** [..., Lq, D], [..., D, Lk], [..., Lk, Dv] -> [..., Lq, Dv] */
export const slicedAttention: InferRule = (c) => {
  const [a, v] = [c.dims(0), c.dims(2)];
  const dims = a && v && [...a.slice(0, -1), v.at(-1) as Dim];
  return [{ dtype: c.facts(0).dtype, dims }];
};

export const likeFirst: InferRule = (c) => c.node.outputs.map(() => c.facts(0));

export const nothing: InferRule = (c) => c.node.outputs.map(() => ({}));

export const nonZero: InferRule = (c) => {
  const rank = c.dims(0)?.length;
  return [{ dtype: 'int64', dims: rank === undefined ? undefined : [rank, c.fresh()] }];
};

export const cumSum: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const numbers = dims?.length === 1 ? c.numbers(0) : undefined;
  let sum = 0;
  const running =
    numbers && numbers.length <= KNOWN_LIMIT && c.int('exclusive', 0) + c.int('reverse', 0) === 0
      ? numbers.map((v) => (sum += v))
      : undefined;
  return [{ dtype, dims, known: running }];
};
