import { describe, expect, test } from 'vitest';
import { DIFFERENTIABLE } from '../../../src/engine/autodiff/index.ts';
import { type DType, type Tensor, tensorOf } from '../../../src/engine/onnx/index.ts';
import { type Attribute, checkGradient, node, random, randomTensor, tolerance } from './graphs.ts';

interface Case {
  op: string;
  about?: string;
  /** Dims of the float inputs, in order; they are named x0, x1, … */
  inputs: number[][];
  /** Inputs from the names; a missing entry takes x0, x1, … */
  wires?: string[];
  constants?: (dtype: DType) => Record<string, Tensor>;
  attributes?: Record<string, Attribute>;
  outputs?: string[];
  wrt?: string[];
  range?: [number, number];
  linear?: boolean;
  opset?: number;
  /** Kernels that compute in float32 whatever the type: their differences need a larger step. */
  single?: boolean;
}

const ints = (...values: number[]) => tensorOf('int64', [values.length], values);
const axes =
  (...values: number[]) =>
  () => ({ k: ints(...values) });
const unary = (op: string, range?: [number, number]): Case => ({
  op,
  inputs: [[2, 3]],
  ...(range && { range }),
});
const floats = (name: string, dims: number[], seed: number) => (dtype: DType) => ({
  [name]: randomTensor(dtype, dims, random(seed)),
});

const cases: Case[] = [
  unary('Abs', [0.2, 1]),
  unary('Cos'),
  unary('Elu'),
  { ...unary('Elu', [-1, -0.1]), about: 'negative', attributes: { alpha: { f: 0.7 } } },
  unary('Erf'),
  unary('Exp'),
  unary('Identity'),
  { ...unary('LeakyRelu'), attributes: { alpha: { f: 0.3 } } },
  unary('Log', [0.5, 2]),
  unary('Neg'),
  unary('Reciprocal', [0.5, 2]),
  unary('Relu'),
  unary('Sigmoid'),
  unary('Sin'),
  unary('Softplus'),
  unary('Sqrt', [0.5, 2]),
  unary('Tanh'),
  { ...unary('Gelu', [-2, 2]), opset: 20 },
  { ...unary('Gelu', [-2, 2]), about: 'tanh', opset: 20, attributes: { approximate: 'tanh' } },
  { ...unary('Swish', [-2, 2]), opset: 24 },
  { ...unary('Swish', [-2, 2]), about: 'alpha', opset: 24, attributes: { alpha: { f: 1.7 } } },
  { ...unary('Dropout'), linear: true },
  { ...unary('Cast'), attributes: { to: 1 } },
  {
    op: 'CastLike',
    inputs: [[2, 3]],
    wires: ['x0', 'like'],
    constants: () => ({ like: tensorOf('float32', [1], [0]) }),
  },
  {
    op: 'Clip',
    inputs: [[3, 4]],
    wires: ['x0', 'low', 'high'],
    constants: (t) => ({ low: tensorOf(t, [], [-0.4]), high: tensorOf(t, [], [0.5]) }),
  },
  { op: 'Add', inputs: [[2, 3], [3]], linear: true },
  { op: 'Sub', inputs: [[3], [2, 3]], linear: true },
  {
    op: 'Mul',
    inputs: [
      [2, 1, 3],
      [4, 1],
    ],
  },
  { op: 'Mul', about: 'by itself', inputs: [[2, 3]], wires: ['x0', 'x0'] },
  {
    op: 'Div',
    inputs: [
      [2, 3],
      [2, 1],
    ],
    range: [0.5, 2],
  },
  { op: 'Pow', inputs: [[2, 3], [3]], range: [0.5, 2] },
  ...[2, 3, 0.5, -1, 1, 2.5].map(
    (p): Case => ({
      op: 'Pow',
      about: `exponent ${p}`,
      inputs: [[2, 3]],
      wires: ['x0', 'p'],
      constants: (t) => ({ p: tensorOf(t, [], [p]) }),
      range: [0.5, 2],
    }),
  ),
  { op: 'Min', inputs: [[2, 3], [3]] },
  { op: 'Max', inputs: [[2, 3], [2, 1], [1]] },
  { op: 'Sum', inputs: [[2, 3], [3], [2, 1]], linear: true },
  { op: 'Mean', inputs: [[2, 3], [3]], linear: true },
  {
    op: 'Where',
    inputs: [[2, 3], [3]],
    wires: ['mask', 'x0', 'x1'],
    constants: () => ({ mask: tensorOf('bool', [2, 3], [1, 0, 1, 0, 0, 1]) }),
    linear: true,
  },

  {
    op: 'MatMul',
    inputs: [
      [2, 3],
      [3, 4],
    ],
  },
  {
    op: 'MatMul',
    about: 'batches',
    inputs: [
      [2, 1, 2, 3],
      [5, 3, 4],
    ],
  },
  {
    op: 'MatMul',
    about: 'rows by a matrix',
    inputs: [
      [2, 5, 3],
      [3, 4],
    ],
  },
  { op: 'MatMul', about: 'vector, matrix', inputs: [[3], [2, 3, 4]] },
  { op: 'MatMul', about: 'matrix, vector', inputs: [[2, 4, 3], [3]] },
  { op: 'MatMul', about: 'vectors', inputs: [[3], [3]] },
  ...[0, 1].flatMap((transA) =>
    [0, 1].map(
      (transB): Case => ({
        op: 'Gemm',
        about: `${transA} ${transB}`,
        inputs: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4], [4]],
        attributes: { transA, transB, alpha: { f: 0.5 }, beta: { f: 2 } },
      }),
    ),
  ),
  ...['ij,jk->ik', 'bhid,bhjd->bhij', 'ij,kj->k', 'ij,i->j', 'ij->ji', 'ij->i'].map(
    (equation): Case => ({
      op: 'Einsum',
      about: equation,
      inputs: (equation.split('->')[0] as string)
        .split(',')
        .map((term) => [...term].map((letter) => 'ijkbhd'.indexOf(letter) + 2)),
      attributes: { equation },
    }),
  ),

  ...[
    { about: 'padded', attributes: { pads: [1, 1, 1, 1] } },
    { about: 'odd pads', attributes: { pads: [0, 1, 2, 0] } },
    { about: 'pads beyond the kernel', attributes: { pads: [3, 0, 0, 4] } },
    { about: 'dilated', attributes: { dilations: [2, 1], pads: [2, 0, 1, 1] } },
    { about: 'stride 2', attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
    { about: 'stride 2, no pads', attributes: { strides: [2, 2] } },
    { about: 'stride 3', attributes: { strides: [3, 3], pads: [1, 0, 1, 2] } },
    { about: 'uneven strides', attributes: { strides: [1, 2], pads: [1, 1, 1, 1] } },
    { about: 'same upper', attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' } },
  ].map(
    ({ about, attributes }): Case => ({
      op: 'Conv',
      about,
      inputs: [[2, 3, 7, 6]],
      wires: ['x0', 'w'],
      constants: floats('w', [4, 3, 3, 3], 2),
      attributes: attributes as Record<string, Attribute>,
      linear: true,
    }),
  ),
  {
    op: 'Conv',
    about: 'groups, bias',
    inputs: [[2, 4, 5, 5], [6]],
    wires: ['x0', 'w', 'x1'],
    constants: floats('w', [6, 2, 3, 3], 2),
    attributes: { group: 2, pads: [1, 1, 1, 1] },
    linear: true,
  },
  {
    op: 'Conv',
    about: '1x1',
    inputs: [[1, 4, 3, 3]],
    wires: ['x0', 'w'],
    constants: floats('w', [2, 4, 1, 1], 2),
    linear: true,
  },
  {
    op: 'Conv',
    about: 'one dimension',
    inputs: [[2, 3, 9]],
    wires: ['x0', 'w'],
    constants: floats('w', [4, 3, 3], 2),
    attributes: { strides: [2] },
    linear: true,
  },
  {
    op: 'ConvTranspose',
    inputs: [[1, 3, 4, 4]],
    wires: ['x0', 'w'],
    constants: floats('w', [3, 2, 3, 3], 2),
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    linear: true,
  },

  ...['ReduceSum', 'ReduceMean', 'ReduceSumSquare', 'ReduceL2', 'ReduceMax', 'ReduceMin'].flatMap(
    (op): Case[] => [
      { op, about: 'all', inputs: [[2, 3]] },
      {
        op,
        about: 'one axis, dropped',
        inputs: [[2, 3, 4]],
        wires: ['x0', 'k'],
        constants: axes(-2),
        attributes: { keepdims: 0 },
      },
      { op, about: 'two axes', inputs: [[2, 3, 4]], wires: ['x0', 'k'], constants: axes(0, 2) },
      ...(op === 'ReduceSum'
        ? []
        : [{ op, about: 'attribute', inputs: [[2, 3, 4]], attributes: { axes: [1] }, opset: 17 }]),
    ],
  ),
  { op: 'Softmax', inputs: [[2, 3, 4]], attributes: { axis: -1 } },
  { op: 'Softmax', about: 'inner axis', inputs: [[2, 3, 4]], attributes: { axis: 1 } },
  { op: 'LogSoftmax', inputs: [[2, 3]], attributes: { axis: -1 } },
  { op: 'GlobalAveragePool', inputs: [[2, 3, 4, 5]], linear: true },
  {
    op: 'AveragePool',
    inputs: [[1, 2, 5, 4]],
    attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] },
    linear: true,
  },
  {
    op: 'AveragePool',
    about: 'pads counted',
    inputs: [[1, 2, 5, 4]],
    attributes: { kernel_shape: [2, 2], pads: [1, 0, 0, 1], count_include_pad: 1 },
    linear: true,
  },

  { op: 'InstanceNormalization', inputs: [[2, 3, 4, 4], [3], [3]] },
  {
    op: 'InstanceNormalization',
    about: 'rows',
    inputs: [[2, 3, 8]],
    wires: ['x0', 'one', 'zero'],
    constants: (t) => ({ one: tensorOf(t, [3], [1, 1, 1]), zero: tensorOf(t, [3], [0, 0, 0]) }),
  },
  { op: 'LayerNormalization', inputs: [[2, 3, 6], [6], [6]] },
  {
    op: 'LayerNormalization',
    about: 'two axes',
    inputs: [
      [2, 3, 4],
      [3, 4],
    ],
    attributes: { axis: 1 },
  },
  {
    op: 'GroupNormalization',
    single: true,
    inputs: [[2, 6, 3, 3], [6], [6]],
    attributes: { num_groups: 3 },
    opset: 21,
  },
  {
    op: 'GroupNormalization',
    single: true,
    about: 'scale per group',
    inputs: [[2, 6, 3, 3]],
    wires: ['x0', 's', 'b'],
    constants: (t) => ({ s: tensorOf(t, [3], [1, 0.5, 2]), b: tensorOf(t, [3], [0, 1, 2]) }),
    attributes: { num_groups: 3 },
    opset: 18,
  },
  {
    op: 'BatchNormalization',
    inputs: [[2, 3, 4]],
    wires: ['x0', 's', 'b', 'm', 'v'],
    constants: (t) => ({
      s: tensorOf(t, [3], [1, 0.5, 2]),
      b: tensorOf(t, [3], [0, 1, 2]),
      m: tensorOf(t, [3], [0.1, 0.2, 0.3]),
      v: tensorOf(t, [3], [1, 2, 0.5]),
    }),
    linear: true,
  },
  {
    op: 'Attention',
    inputs: [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
      [2, 2, 5, 6],
    ],
    opset: 23,
  },
  {
    op: 'Attention',
    about: 'causal',
    inputs: [
      [1, 2, 4, 3],
      [1, 2, 4, 3],
      [1, 2, 4, 3],
    ],
    attributes: { is_causal: 1 },
    opset: 23,
  },
  {
    op: 'Attention',
    about: 'flat heads, mask, scale',
    inputs: [
      [2, 3, 8],
      [2, 5, 8],
      [2, 5, 8],
    ],
    wires: ['x0', 'x1', 'x2', 'mask'],
    constants: (t) => ({ mask: randomTensor(t, [3, 5], random(3)) }),
    attributes: { q_num_heads: 2, kv_num_heads: 2, scale: { f: 0.3 } },
    opset: 23,
  },

  { op: 'Reshape', inputs: [[2, 6]], wires: ['x0', 'k'], constants: axes(3, -1), linear: true },
  { op: 'Flatten', inputs: [[2, 3, 4]], attributes: { axis: 2 }, linear: true },
  { op: 'Squeeze', inputs: [[2, 1, 3]], wires: ['x0', 'k'], constants: axes(1), linear: true },
  { op: 'Squeeze', about: 'all', inputs: [[2, 1, 3]], linear: true },
  { op: 'Unsqueeze', inputs: [[2, 3]], wires: ['x0', 'k'], constants: axes(0, -1), linear: true },
  { op: 'Transpose', inputs: [[2, 3, 4]], linear: true },
  {
    op: 'Transpose',
    about: 'perm',
    inputs: [[2, 3, 4]],
    attributes: { perm: [1, 2, 0] },
    linear: true,
  },
  {
    op: 'Concat',
    inputs: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    attributes: { axis: 1 },
    linear: true,
  },
  { op: 'Expand', inputs: [[3, 1]], wires: ['x0', 'k'], constants: axes(2, 3, 4), linear: true },
  { op: 'Tile', inputs: [[2, 3]], wires: ['x0', 'k'], constants: axes(2, 3), linear: true },
  {
    op: 'Split',
    inputs: [[2, 7]],
    wires: ['x0', 'k'],
    constants: axes(3, 4),
    attributes: { axis: 1 },
    outputs: ['y', 'rest'],
    linear: true,
  },
  {
    op: 'Slice',
    inputs: [[5, 6]],
    wires: ['x0', 's', 'e'],
    constants: () => ({ s: ints(1, -4), e: ints(4, 99) }),
    linear: true,
  },
  {
    op: 'Slice',
    about: 'steps',
    inputs: [[5, 7]],
    wires: ['x0', 's', 'e', 'k', 'd'],
    constants: () => ({ s: ints(1, -1), e: ints(5, -8), k: ints(0, 1), d: ints(2, -3) }),
    linear: true,
  },
  {
    op: 'Pad',
    inputs: [[2, 3]],
    wires: ['x0', 'k'],
    constants: axes(1, 0, -1, 2),
    linear: true,
  },
  {
    op: 'Gather',
    about: 'repeated rows',
    inputs: [[4, 3]],
    wires: ['x0', 'k'],
    constants: axes(2, 0, 2, -1),
    linear: true,
  },
  {
    op: 'Gather',
    about: 'last axis',
    inputs: [[2, 4]],
    wires: ['x0', 'k'],
    constants: axes(3, 0),
    attributes: { axis: 1 },
    linear: true,
  },
  {
    op: 'Gather',
    about: 'one row',
    inputs: [[4, 3]],
    wires: ['x0', 'k'],
    constants: () => ({ k: tensorOf('int64', [], [2]) }),
    linear: true,
  },
  { op: 'DepthToSpace', inputs: [[1, 8, 2, 3]], attributes: { blocksize: 2 }, linear: true },
  {
    op: 'DepthToSpace',
    about: 'CRD',
    inputs: [[1, 8, 2, 3]],
    attributes: { blocksize: 2, mode: 'CRD' },
    linear: true,
  },
  { op: 'SpaceToDepth', inputs: [[1, 2, 4, 6]], attributes: { blocksize: 2 }, linear: true },
  ...[
    ['asymmetric', 'floor', 'nearest', 2, 2] as const,
    ['half_pixel', 'round_prefer_floor', 'nearest', 2, 3] as const,
    ['asymmetric', 'ceil', 'nearest', 2, 2] as const,
    ['asymmetric', 'floor', 'nearest', 1.5, 0.5] as const,
    ['half_pixel', 'floor', 'linear', 2, 2] as const,
    ['align_corners', 'floor', 'linear', 2, 1.5] as const,
    ['pytorch_half_pixel', 'floor', 'linear', 0.5, 2] as const,
  ].map(
    ([coordinates, nearest, mode, h, w]): Case => ({
      op: 'Resize',
      about: `${mode} ${coordinates} ${nearest} ${h}x${w}`,
      inputs: [[1, 2, 4, 4]],
      wires: ['x0', '', 'k'],
      constants: () => ({ k: tensorOf('float32', [4], [1, 1, h, w]) }),
      attributes: {
        mode,
        coordinate_transformation_mode: coordinates,
        nearest_mode: nearest,
      },
      linear: true,
    }),
  ),
];

describe('each rule agrees with central differences', () => {
  test('every differentiable operator has a case', () => {
    const covered = new Set(cases.map((c) => c.op));
    expect(DIFFERENTIABLE.filter((op) => !covered.has(op))).toEqual([]);
  });

  test.each(cases.map((c) => [`${c.op} ${c.about ?? ''}`, c] as const))('%s', async (_, c) => {
    const names = c.inputs.map((_dims, i) => `x${i}`);
    const inputs = Object.fromEntries(names.map((n, i) => [n, c.inputs[i] as number[]]));
    const outputs = c.outputs ?? ['y'];
    const { error, dtype } = await checkGradient(
      (type) => ({
        nodes: [node(c.op, c.wires ?? names, outputs, c.attributes)],
        inputs,
        outputs: [outputs[0] as string],
        constants: c.constants?.(type) ?? {},
        opset: c.opset ?? 18,
      }),
      (type) => {
        const next = random(11, ...(c.range ?? [-1, 1]));
        return Object.fromEntries(
          names.map((n) => [n, randomTensor(type, inputs[n] as number[], next)]),
        );
      },
      { ...(c.wrt && { wrt: c.wrt }), linear: c.linear ?? false, single: c.single ?? false },
    );
    expect(error, `in ${dtype}`).toBeLessThan(tolerance(dtype, c.linear));
  });
});
