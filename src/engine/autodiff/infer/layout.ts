import { dtypeOfCode } from '../../onnx/index.ts';
import {
  addDims,
  broadcastDims,
  type Dim,
  divideDims,
  isStatic,
  mulDims,
  productOfDims,
  roundedDivideDims,
  subtractDims,
} from '../dim.ts';
import { attributeOf, intsOf } from '../graph.ts';
import { factsOfTensor, type InferRule, KNOWN_LIMIT, normalizeAxis } from './facts.ts';

/** Shape rules of operators that move elements about, and of shape arithmetic. */

export const constant: InferRule = (c) => {
  const value = c.graph.constant(c.node.outputs[0] ?? '');
  return [value ? factsOfTensor(value) : {}];
};

export const shape: InferRule = (c) => {
  const dims = c.dims(0);
  if (!dims) return [{ dtype: 'int64', dims: [c.fresh()] }];
  const end = attributeOf(c.node, 'end') ? c.int('end', 0) : dims.length;
  const known = dims.slice(c.int('start', 0), end);
  return [{ dtype: 'int64', dims: [known.length], known }];
};

export const size: InferRule = (c) => {
  const dims = c.dims(0);
  return [{ dtype: 'int64', dims: [], known: dims && [productOfDims(dims)] }];
};

export const constantOfShape: InferRule = (c) => {
  const value = attributeOf(c.node, 'value')?.t;
  const dtype = value ? dtypeOfCode(value.dataType ?? 0) : 'float32';
  const dims = c.known(0);
  const total = dims && productOfDims(dims);
  const zero = value === undefined;
  if (typeof total !== 'number' || total > KNOWN_LIMIT) return [{ dtype, dims }];
  const fill = zero ? 0 : fillOf(c.node.proto);
  return [{ dtype, dims, known: fill === undefined ? undefined : Array(total).fill(fill) }];
};

function fillOf(proto: Parameters<typeof attributeOf>[0]['proto']): number | undefined {
  const tensor = proto.attribute?.find((a) => a.name === 'value')?.t;
  const raw = tensor?.rawData;
  if (tensor?.int64Data?.length) return Number(tensor.int64Data[0]);
  if (tensor?.floatData?.length) return tensor.floatData[0];
  if (tensor?.int32Data?.length) return tensor.int32Data[0];
  if (!raw) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (tensor.dataType === 7) return Number(view.getBigInt64(0, true));
  if (tensor.dataType === 6) return view.getInt32(0, true);
  if (tensor.dataType === 1) return view.getFloat32(0, true);
  if (tensor.dataType === 9) return view.getUint8(0);
  return undefined;
}

export const range: InferRule = (c) => {
  const [start, limit, delta] = [c.known(0)?.[0], c.known(1)?.[0], c.known(2)?.[0]];
  const dtype = c.facts(0).dtype;
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number') {
    const dim = start === 0 && delta === 1 && limit !== undefined ? limit : c.fresh();
    return [{ dtype, dims: [dim] }];
  }
  const n = Math.max(0, Math.ceil((limit - start) / delta));
  const known =
    n <= KNOWN_LIMIT ? Array.from({ length: n }, (_, i) => start + i * delta) : undefined;
  return [{ dtype, dims: [n], known }];
};

export const reshape: InferRule = (c) => {
  const { dims, known, dtype } = c.facts(0);
  const wanted = c.known(1);
  if (!wanted) {
    const rank = c.dims(1)?.[0];
    const free = typeof rank === 'number' ? Array.from({ length: rank }, c.fresh) : undefined;
    return [{ dtype, dims: free, known }];
  }
  const out = wanted.map((d, i) =>
    d === 0 && c.int('allowzero', 0) === 0 ? (dims?.[i] ?? c.fresh()) : d,
  );
  const at = out.indexOf(-1);
  if (at >= 0) {
    const rest = productOfDims(out.filter((_, i) => i !== at));
    out[at] = (dims && rest !== 0 ? divideDims(productOfDims(dims), rest) : undefined) ?? c.fresh();
  }
  return [{ dtype, dims: out, known }];
};

export const flatten: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const axis = dims && normalizeAxis(c.int('axis', 1), dims.length);
  const out = dims && [productOfDims(dims.slice(0, axis)), productOfDims(dims.slice(axis))];
  return [{ dtype, dims: out }];
};

/**
 * Known elements after they were moved: element `index` of the result is element `from(index)` of
 * the source, by coordinates. Exporters compute pads with small matrices.
 */
function moved(
  known: readonly Dim[] | undefined,
  dims: readonly Dim[],
  out: readonly Dim[],
  from: (index: readonly number[]) => readonly number[],
): Dim[] | undefined {
  const [source, target]: (readonly Dim[])[] = [dims, out];
  if (!known || !source || !target || !isStatic(source) || !isStatic(target)) return undefined;
  const total = target.reduce((n, d) => n * d, 1);
  return Array.from({ length: total }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const size = target[axis] as number;
      index[axis] = rest % size;
      rest = Math.floor(rest / size);
    }
    const at = from(index).reduce((sum, i, axis) => sum * (source[axis] as number) + i, 0);
    return known[at] as Dim;
  });
}

export const transpose: InferRule = (c) => {
  const { dims, dtype, known } = c.facts(0);
  const perm = c.ints('perm') ?? dims?.map((_, i) => dims.length - 1 - i);
  if (!dims || !perm) return [{ dtype }];
  const out = perm.map((p) => dims[p] as Dim);
  const back = (index: readonly number[]) => perm.map((_, i) => index[perm.indexOf(i)] as number);
  return [{ dtype, dims: out, known: moved(known, dims, out, back) }];
};

export const concat: InferRule = (c) => {
  const parts = c.node.inputs.map((_, i) => c.facts(i));
  const first = parts.find((p) => p.dims)?.dims;
  const dtype = parts[0]?.dtype;
  if (!first) return [{ dtype }];
  const axis = normalizeAxis(c.int('axis', 0), first.length);
  const total = parts.every((p) => p.dims)
    ? parts.reduce<Dim>((sum, p) => addDims(sum, p.dims?.[axis] as Dim), 0)
    : c.fresh();
  // A size that one part knows as a number is everyone's.
  const dims = first.map((d, i) =>
    i === axis ? total : (parts.map((p) => p.dims?.[i]).find((x) => typeof x === 'number') ?? d),
  );
  const known =
    first.length === 1 && parts.every((p) => p.known)
      ? parts.flatMap((p) => p.known as Dim[])
      : undefined;
  return [{ dtype, dims, known: known && known.length <= KNOWN_LIMIT ? known : undefined }];
};

export const split: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const count = c.node.outputs.length;
  const axis = dims && normalizeAxis(c.int('axis', 0), dims.length);
  const sizes = intsOf(c.node, 'split') ?? (c.has(1) ? c.known(1) : undefined);
  return c.node.outputs.map((_, k) => {
    if (!dims || axis === undefined) return { dtype };
    const whole = dims[axis] as Dim;
    let part: Dim;
    if (c.has(1) || sizes) part = sizes?.[k] ?? c.fresh();
    else if (typeof whole === 'number') {
      const chunk = Math.ceil(whole / count);
      part = Math.min(chunk, whole - k * chunk);
    } else part = divideDims(whole, count) ?? c.fresh();
    return { dtype, dims: dims.map((d, i) => (i === axis ? part : d)) };
  });
};

/** The bounds of one axis of a Slice with numbers filled in; undefined where they are symbolic. */
export function sliceBounds(start: Dim, end: Dim, step: number, size: Dim): [Dim, Dim] | undefined {
  if (typeof start !== 'number') return undefined;
  if (typeof size === 'number') {
    const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);
    const wrap = (v: number) => (v < 0 ? v + size : v);
    const last = typeof end === 'number' ? end : undefined;
    if (last === undefined) return end === String(size) ? [start, size] : undefined;
    return step > 0
      ? [clamp(wrap(start), 0, size), clamp(wrap(last), 0, size)]
      : [clamp(wrap(start), 0, size - 1), clamp(wrap(last), -1, size - 1)];
  }
  if (step !== 1) return undefined;
  // A symbolic size: only "to the end", "from the back" and bounds that are the size itself.
  if (start < 0) return undefined;
  if (end === size || (typeof end === 'number' && end > 2 ** 31 - 2)) return [start, size];
  if (typeof end === 'number' && end < 0) return [start, addDims(size, end)];
  return [start, end];
}

export const slice: InferRule = (c) => {
  const { dims, known, dtype } = c.facts(0);
  if (!dims) return [{ dtype }];
  const [starts, ends] = [c.known(1), c.known(2)];
  const axes = c.has(3) ? c.numbers(3) : starts?.map((_, i) => i);
  const steps = c.has(4) ? c.numbers(4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps) {
    const touched = axes?.map((a) => normalizeAxis(a, dims.length));
    return [{ dtype, dims: dims.map((d, i) => (touched && !touched.includes(i) ? d : c.fresh())) }];
  }
  const out = [...dims];
  const begin = dims.map(() => 0);
  const stride = dims.map(() => 1);
  let exact = true;
  for (const [k, raw] of axes.entries()) {
    const axis = normalizeAxis(raw, dims.length);
    const step = steps[k] as number;
    const bounds = sliceBounds(starts[k] as Dim, ends[k] as Dim, step, dims[axis] as Dim);
    const first = bounds?.[0];
    const length = bounds ? subtractDims(bounds[1], bounds[0]) : c.fresh();
    out[axis] = typeof length === 'number' ? Math.max(0, Math.ceil(length / step)) : length;
    stride[axis] = step;
    if (typeof first === 'number') begin[axis] = first;
    else exact = false;
  }
  const from = (index: readonly number[]) =>
    index.map((i, axis) => (begin[axis] as number) + i * (stride[axis] as number));
  return [{ dtype, dims: out, known: exact ? moved(known, dims, out, from) : undefined }];
};

export const squeeze: InferRule = (c) => {
  const { dims, known, dtype } = c.facts(0);
  const axes = c.axes(1)?.map((a) => normalizeAxis(a, dims?.length ?? 0));
  if (!dims || (c.has(1) && !axes)) return [{ dtype, known }];
  return [{ dtype, dims: dims.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)), known }];
};

export const unsqueeze: InferRule = (c) => {
  const { dims, known, dtype } = c.facts(0);
  const axes = c.axes(1);
  if (!dims || !axes) return [{ dtype, known }];
  const rank = dims.length + axes.length;
  const inserted = axes.map((a) => normalizeAxis(a, rank));
  const rest = [...dims];
  const out = Array.from({ length: rank }, (_, i) =>
    inserted.includes(i) ? 1 : (rest.shift() as Dim),
  );
  return [{ dtype, dims: out, known }];
};

export const expand: InferRule = (c) => {
  const { dims, dtype, known } = c.facts(0);
  const target = c.known(1);
  if (!dims || !target) return [{ dtype }];
  const out = broadcastDims(dims, target);
  const total = productOfDims(out);
  const filled =
    known?.length === 1 && typeof total === 'number' && total <= KNOWN_LIMIT
      ? Array(total).fill(known[0])
      : undefined;
  return [{ dtype, dims: out, known: filled }];
};

export const tile: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const repeats = c.known(1);
  return [
    { dtype, dims: dims?.map((d, i) => (repeats ? mulDims(d, repeats[i] as Dim) : c.fresh())) },
  ];
};

export const pad: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const pads = c.known(1);
  const axes = c.has(3) ? c.numbers(3) : dims?.map((_, i) => i);
  if (!dims || !pads || !axes) return [{ dtype, dims: dims?.map(c.fresh) }];
  const out = [...dims];
  axes.forEach((raw, k) => {
    const axis = normalizeAxis(raw, dims.length);
    const [begin, end] = [pads[k] as Dim, pads[k + axes.length] as Dim];
    out[axis] = addDims(addDims(out[axis] as Dim, begin), end);
  });
  return [{ dtype, dims: out }];
};

export const gather: InferRule = (c) => {
  const { dims, dtype, known } = c.facts(0);
  const indices = c.facts(1);
  if (!dims || !indices.dims) return [{ dtype }];
  const axis = normalizeAxis(c.int('axis', 0), dims.length);
  const out = [...dims.slice(0, axis), ...indices.dims, ...dims.slice(axis + 1)];
  const at = c.numbers(1);
  const picked =
    known && at && dims.length === 1
      ? at.map((i) => known[normalizeAxis(i, known.length)] as Dim)
      : undefined;
  return [{ dtype, dims: out, known: picked }];
};

export const gatherElements: InferRule = (c) => [{ dtype: c.facts(0).dtype, dims: c.dims(1) }];

export const depthToSpace: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const b = c.int('blocksize', 1);
  const [n, d, h, w] = (dims ?? []) as [Dim, Dim, Dim, Dim];
  const out = dims && [n, roundedDivideDims(d, b * b), mulDims(h, b), mulDims(w, b)];
  return [{ dtype, dims: out }];
};

export const spaceToDepth: InferRule = (c) => {
  const { dims, dtype } = c.facts(0);
  const b = c.int('blocksize', 1);
  const [n, d, h, w] = (dims ?? []) as [Dim, Dim, Dim, Dim];
  const out = dims && [n, mulDims(d, b * b), roundedDivideDims(h, b), roundedDivideDims(w, b)];
  return [{ dtype, dims: out }];
};
