import { tensorOf } from '../../../../src/engine/onnx/index.ts';
import { random, randomTensor } from '../graphs.ts';
import { axes, type Case } from './case.ts';

export const reductions: Case[] = [
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
];
