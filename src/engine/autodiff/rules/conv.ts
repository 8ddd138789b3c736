import { padsOf } from '../infer/compute.ts';
import type { Rule, RuleContext } from './context.ts';
import { padAxis } from './layout.ts';

/**
 * Conv's gradient by its input. Weights are taken as frozen. The kernel of the backward
 * convolution is made of the forward's by nodes that read only constants, so that it is folded when
 * the model is loaded and the file holds each weight once.
 */

interface Window {
  /** Spatial sizes of kernel, strides, dilations and pads. */
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  begin: readonly number[];
  end: readonly number[];
  group: number;
  /** [M, C / group] of the weight. */
  channels: readonly [number, number];
}

function windowOf(c: RuleContext): Window {
  const weight = c.staticDims(c.x(1));
  const kernel = weight.slice(2);
  const ones = kernel.map(() => 1);
  const pads = padsOf(c, c.dims(c.x()).slice(2), kernel);
  if (!pads) c.fail('auto_pad with unknown sizes; fix the input shapes');
  return {
    kernel,
    strides: c.ints('strides') ?? ones,
    dilations: c.ints('dilations') ?? ones,
    begin: pads.begin,
    end: pads.end,
    group: c.int('group', 1),
    channels: [weight[0] as number, weight[1] as number],
  };
}

/** Reverses axes of a value. */
function flip(c: RuleContext, value: string, axes: readonly number[]): string {
  if (axes.length === 0) return value;
  const all = (v: number) => c.b.ints(axes.map(() => v));
  return c.op('Slice', [value, all(-1), all(-(2 ** 31)), c.b.ints(axes), all(-1)]);
}

/** [M, C/g, k…] -> [C, M/g, k…]: channels change sides within each group. */
function swapChannels(c: RuleContext, value: string, w: Window): string {
  const [m, cg] = w.channels;
  const spatial = w.kernel.map((_, i) => i);
  if (w.group === 1) {
    return c.op('Transpose', [value], { perm: [1, 0, ...spatial.map((i) => i + 2)] });
  }
  const mg = m / w.group;
  const split = c.op('Reshape', [value, c.b.ints([w.group, mg, cg, ...w.kernel])]);
  const swapped = c.op('Transpose', [split], { perm: [0, 2, 1, ...spatial.map((i) => i + 3)] });
  return c.op('Reshape', [swapped, c.b.ints([w.group * cg, mg, ...w.kernel])]);
}

/** Stride 1: a convolution with the kernel flipped and its channels swapped. */
function unitStride(c: RuleContext, w: Window): string {
  const flipped = w.kernel.flatMap((k, i) => (k > 1 ? [i + 2] : []));
  const kernel = swapChannels(c, flip(c, c.x(1), flipped), w);
  const span = w.kernel.map((k, i) => (k - 1) * (w.dilations[i] as number));
  const begin = span.map((s, i) => s - (w.begin[i] as number));
  const end = span.map((s, i) => s - (w.end[i] as number));
  // A forward pad beyond the kernel would need a negative one here: cropped before instead.
  let dy = c.dy();
  const rank = w.kernel.length + 2;
  if ([...begin, ...end].some((p) => p < 0)) {
    const crop = [0, 0, ...begin, 0, 0, ...end].map((p) => Math.min(0, p));
    dy = c.op('Pad', [dy, c.b.ints(crop), c.scalar(0)]);
  }
  return c.op('Conv', [dy, kernel], {
    kernel_shape: w.kernel,
    dilations: w.dilations,
    strides: Array(rank - 2).fill(1),
    pads: [...begin, ...end].map((p) => Math.max(0, p)),
    group: w.group,
  });
}

/**
 * Stride s in two dimensions, without ConvTranspose (slow on WebGPU) and without multiplying by
 * inserted zeros. Input pixel i = s q + r - p takes kernel taps t = s m + r, m = 0 … M - 1, of
 * output q - m; so each phase r is a convolution of dY with every s-th tap, and the s^2 phases are
 * the channels of one convolution that DepthToSpace interleaves.
 */
function strided(c: RuleContext, w: Window): string {
  const s = w.strides[0] as number;
  const [m, ch] = w.channels;
  const dims = c.dims(c.x());
  const outs = c.dims(c.y());
  const taps = w.kernel.map((k) => Math.ceil(k / s));
  const [mh, mw] = taps as [number, number];
  const grown = w.kernel.map((k, i) => (taps[i] as number) * s - k);
  let kernel = c.x(1);
  if (grown.some((g) => g > 0)) {
    kernel = c.op('Pad', [kernel, c.b.ints([0, 0, 0, 0, 0, 0, ...grown]), c.scalar(0)]);
  }
  kernel = c.op('Reshape', [kernel, c.b.ints([m, ch, mh, s, mw, s])]);
  kernel = flip(c, kernel, [...(mh > 1 ? [2] : []), ...(mw > 1 ? [4] : [])]);
  // Rows of DepthToSpace (DCR): phase of the row, phase of the column, channel.
  kernel = c.op('Transpose', [kernel], { perm: [3, 5, 1, 0, 2, 4] });
  kernel = c.op('Reshape', [kernel, c.b.ints([s * s * ch, m, mh, mw])]);
  const begin = taps.map((t) => t - 1);
  const end = taps.map((_, i) => {
    const [n, o, p] = [dims[i + 2], outs[i + 2], w.begin[i] as number];
    // Enough rows for every input pixel; with unknown sizes the most that can be needed.
    const most = Math.ceil(((w.kernel[i] as number) - 1) / s);
    if (typeof n !== 'number' || typeof o !== 'number') return most;
    return Math.max(0, Math.floor((n - 1 + p) / s) + 1 - o);
  });
  const phases = c.op('Conv', [c.dy(), kernel], {
    kernel_shape: taps,
    strides: [1, 1],
    dilations: [1, 1],
    pads: [...begin, ...end],
    group: 1,
  });
  const woven = c.op('DepthToSpace', [phases], { blocksize: s, mode: 'DCR' });
  return cropTo(c, woven, w.begin);
}

/** value[…, p : p + n, …] on the two spatial axes, n the input's sizes. */
function cropTo(c: RuleContext, value: string, offset: readonly number[]): string {
  const sizes = c.dims(c.x()).slice(2);
  const starts = c.b.ints(offset);
  const known = sizes.every((n) => typeof n === 'number');
  const ends = known
    ? c.b.ints(sizes.map((n, i) => (n as number) + (offset[i] as number)))
    : c.add2(c.op('Slice', [c.op('Shape', [c.x()]), c.b.ints([2]), c.b.ints([4])]), starts);
  return c.op('Slice', [value, starts, ends, c.b.ints([2, 3])]);
}

/**
 * Any stride, dilation and group, with static sizes; and with the forward pass's own kernel, which is
 * what a runtime's convolution backwards is made for, but ONNX Runtime's on WebGPU is slow at it.
 */
function transposed(c: RuleContext, w: Window): string {
  const dims = c.dims(c.x()).slice(2);
  const outs = c.dims(c.y()).slice(2);
  const unit = w.strides.every((s) => s === 1);
  const missing = w.kernel.map((k, i) => {
    if (unit) return 0;
    const [n, o] = [dims[i], outs[i]];
    if (typeof n !== 'number' || typeof o !== 'number') {
      c.fail('this stride needs known sizes; fix the input shapes');
    }
    const span = (k - 1) * (w.dilations[i] as number) + 1;
    const made = (o - 1) * (w.strides[i] as number) + span;
    return n - (made - (w.begin[i] as number) - (w.end[i] as number));
  });
  // Rows that the forward left over at the end: first those that its end pad hides here, then
  // rows that no window reached, whose gradient is zero.
  const hidden = missing.map((rows, i) => Math.min(Math.max(rows, 0), w.end[i] as number));
  const full = c.op('ConvTranspose', [c.dy(), c.x(1)], {
    kernel_shape: w.kernel,
    strides: w.strides,
    dilations: w.dilations,
    pads: [...w.begin, ...w.end.map((p, i) => p - (hidden[i] as number))],
    group: w.group,
  });
  return missing.reduce((value, rows, i) => {
    const unreached = rows - (hidden[i] as number);
    if (unreached <= 0) return value;
    return padAxis(c, value, w.kernel.length + 2, i + 2, 0, unreached);
  }, full);
}

export const conv: Rule = (c: RuleContext) => {
  if (c.needs(1) || (c.has(2) && c.needs(2))) {
    if (c.needs(1)) c.fail('no rule for its kernel: only activations get gradients');
    c.add(
      2,
      c.reduceSum(
        c.dy(),
        [
          0,
          ...c
            .dims(c.y())
            .map((_, i) => i)
            .slice(2),
        ],
        false,
      ),
    );
  }
  if (!c.needs(0)) return;
  const w = windowOf(c);
  const plain = w.dilations.every((d) => d === 1) && w.group === 1 && w.kernel.length === 2;
  const even = w.strides.every((s) => s === w.strides[0]);
  if (c.weights === 'shared') c.add(0, transposed(c, w));
  else if (w.strides.every((s) => s === 1)) c.add(0, unitStride(c, w));
  else if (plain && even) c.add(0, strided(c, w));
  else c.add(0, transposed(c, w));
};

/** The adjoint of ConvTranspose is the convolution with the same kernel. */
export const convTranspose: Rule = (c: RuleContext) => {
  if (c.needs(1) || (c.has(2) && c.needs(2))) c.fail('only its first input has a rule');
  if (c.ints('output_shape') || c.text('auto_pad', 'NOTSET') !== 'NOTSET') {
    c.fail('output_shape and auto_pad have no rule; export it with explicit pads');
  }
  const kernel = c.staticDims(c.x(1)).slice(2);
  const n = kernel.length;
  const pads = c.ints('pads') ?? Array(2 * n).fill(0);
  c.add(
    0,
    c.op('Conv', [c.dy(), c.x(1)], {
      kernel_shape: kernel,
      strides: c.ints('strides') ?? Array(n).fill(1),
      dilations: c.ints('dilations') ?? Array(n).fill(1),
      pads,
      group: c.int('group', 1),
    }),
  );
};
