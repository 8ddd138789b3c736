import { tensorOf } from '../../onnx/index.ts';
import type { Dim } from '../dim.ts';
import { divideDims } from '../dim.ts';
import { padsOf } from '../infer/compute.ts';
import { normalizeAxis } from '../infer/facts.ts';
import type { Rule, RuleContext } from './context.ts';

/** Rules of Resize and AveragePool. */

interface Axis {
  axis: number;
  from: Dim;
  to: Dim;
  scale: number | undefined;
}

function resizedAxes(c: RuleContext): Axis[] {
  const [dims, outs] = [c.dims(c.x()), c.dims(c.y())];
  const axes = c.ints('axes')?.map((a) => normalizeAxis(a, dims.length)) ?? dims.map((_, i) => i);
  const scales = c.has(2) ? c.numbers(2) : undefined;
  return axes.flatMap((axis, k) => {
    const [from, to] = [dims[axis] as Dim, outs[axis] as Dim];
    const ratio = divideDims(to, from);
    const scale = scales?.length ? scales[k] : typeof ratio === 'number' ? ratio : undefined;
    const exact =
      scale ?? (typeof from === 'number' && typeof to === 'number' ? to / from : undefined);
    return from === to && (exact ?? 1) === 1 ? [] : [{ axis, from, to, scale: exact }];
  });
}

/** The source coordinate of output pixel o (ONNX Resize, coordinate_transformation_mode). */
function sourceOf(mode: string, o: number, scale: number, from: number, to: number): number {
  switch (mode) {
    case 'asymmetric':
      return o / scale;
    case 'align_corners':
      return to === 1 ? 0 : (o * (from - 1)) / (to - 1);
    case 'pytorch_half_pixel':
      return to > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    default:
      return Number.NaN;
  }
}

function nearestOf(mode: string, x: number): number {
  if (mode === 'floor') return Math.floor(x);
  if (mode === 'ceil') return Math.ceil(x);
  if (mode === 'round_prefer_ceil') return Math.floor(x + 0.5);
  return Math.ceil(x - 0.5);
}

/** Row o: the weights of each input pixel in output pixel o. */
function weightRows(c: RuleContext, scale: number, from: number, to: number): number[][] {
  const coordinates = c.text('coordinate_transformation_mode', 'half_pixel');
  const mode = c.text('mode', 'nearest');
  const clamp = (i: number) => Math.min(Math.max(i, 0), from - 1);
  return Array.from({ length: to }, (_, o) => {
    const x = sourceOf(coordinates, o, scale, from, to);
    if (Number.isNaN(x)) c.fail(`coordinate mode ${coordinates} has no rule`);
    const row: number[] = Array(from).fill(0);
    const put = (i: number, w: number) => {
      row[clamp(i)] = (row[clamp(i)] as number) + w;
    };
    if (mode === 'nearest') {
      put(nearestOf(c.text('nearest_mode', 'round_prefer_floor'), x), 1);
    } else {
      const low = Math.floor(x);
      put(low, 1 - (x - low));
      put(low + 1, x - low);
    }
    return row;
  });
}

/** True where each input pixel becomes a block of `scale` equal output pixels. */
function isBlock(c: RuleContext, { scale, from }: Axis): boolean {
  if (scale === undefined || !Number.isInteger(scale) || scale < 1) return false;
  if (c.text('mode', 'nearest') !== 'nearest') return false;
  // Blocks repeat: a few pixels show what all do.
  const probe = typeof from === 'number' ? from : 3;
  return weightRows(c, scale, probe, probe * scale).every(
    (row, o) => row[Math.floor(o / scale)] === 1,
  );
}

/** dX = W^T dY along one axis. */
function contract(c: RuleContext, value: string, rank: number, a: Axis): string {
  if (typeof a.from !== 'number' || typeof a.to !== 'number' || a.scale === undefined) {
    c.fail('its sizes must be known; fix the input shapes');
  }
  const rows = weightRows(c, a.scale, a.from, a.to);
  const dtype = c.dtype(c.y());
  if (a.axis === rank - 1) {
    return c.op('MatMul', [value, c.b.constant(tensorOf(dtype, [a.to, a.from], rows.flat()))]);
  }
  const flipped = Array.from({ length: a.from }, (_, i) => rows.map((row) => row[i] as number));
  const matrix = c.b.constant(tensorOf(dtype, [a.from, a.to], flipped.flat()));
  if (a.axis === rank - 2) return c.op('MatMul', [matrix, value]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[a.axis], perm[rank - 2]] = [rank - 2, a.axis];
  const moved = c.op('Transpose', [value], { perm });
  return c.op('Transpose', [c.op('MatMul', [matrix, moved])], { perm });
}

export const resize: Rule = (c: RuleContext) => {
  const mode = c.text('mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear') c.fail(`mode ${mode} has no rule`);
  if (c.int('antialias', 0) !== 0) c.fail('antialiasing has no rule');
  const rank = c.rank(c.x());
  const axes = resizedAxes(c);
  if (axes.length === 0) return c.add(0, c.dy());
  const spatial = rank === 4 && axes.every((a) => a.axis >= 2);
  if (spatial && axes.every((a) => isBlock(c, a))) {
    const block = [2, 3].map((axis) => axes.find((a) => a.axis === axis)?.scale ?? 1);
    // The sum over a block is its mean times its size.
    const mean = c.op('AveragePool', [c.dy()], { kernel_shape: block, strides: block });
    return c.add(0, c.mul(mean, c.scalar((block[0] as number) * (block[1] as number))));
  }
  c.add(
    0,
    axes.reduce((value, a) => contract(c, value, rank, a), c.dy()),
  );
};

/** A window's mean: each input pixel gets 1 / count of every window that covers it. */
export const averagePool: Rule = (c: RuleContext) => {
  const kernel = c.ints('kernel_shape') ?? c.fail('has no kernel_shape');
  const pads = padsOf(c, c.dims(c.x()).slice(2), kernel);
  const strides = c.ints('strides') ?? kernel.map(() => 1);
  if (c.int('ceil_mode', 0) !== 0 || c.ints('dilations')?.some((d) => d !== 1)) {
    c.fail('ceil_mode and dilations have no rule');
  }
  const counted = c.int('count_include_pad', 0) === 1;
  let value = c.dy();
  kernel.forEach((k, i) => {
    const [from, to] = [c.dims(c.x())[i + 2], c.dims(c.y())[i + 2]];
    if (typeof from !== 'number' || typeof to !== 'number' || !pads) {
      c.fail('its sizes must be known; fix the input shapes');
    }
    const rows = Array.from({ length: to }, (_, o) => {
      const start = o * (strides[i] as number) - (pads.begin[i] as number);
      const inside = (j: number) => j >= start && j < start + k;
      const row: number[] = Array.from({ length: from }, (_, j) => Number(inside(j)));
      const count = counted ? k : row.reduce((n, v) => n + v, 0);
      return row.map((v) => v / count);
    });
    value = alongAxis(c, value, rows, from, to, i + 2);
  });
  c.add(0, value);
};

function alongAxis(
  c: RuleContext,
  value: string,
  rows: number[][],
  from: number,
  to: number,
  axis: number,
): string {
  const rank = c.rank(c.x());
  const matrix = c.b.constant(tensorOf(c.dtype(c.y()), [to, from], rows.flat()));
  if (axis === rank - 1) return c.op('MatMul', [value, matrix]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const moved = c.op('Transpose', [value], { perm });
  return c.op('Transpose', [c.op('MatMul', [moved, matrix])], { perm });
}
