import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../src/engine/autodiff/index.ts';
import { type DType, type NodeProto, tensorOf } from '../../../src/engine/onnx/index.ts';
import { checkGradient, makeModel, node, random, randomTensor, tolerance } from './graphs.ts';

/** Patterns of several nodes from x to y; `inner` is a value in their midst. */
interface Pattern {
  dims: number[];
  nodes: NodeProto[];
  inner: string;
}

const patterns: Record<string, Pattern> = {
  SiLU: {
    dims: [2, 5],
    nodes: [node('Sigmoid', ['x'], ['s']), node('Mul', ['x', 's'], ['y'])],
    inner: 's',
  },
  'CLIP’s GELU': {
    dims: [2, 5],
    nodes: [
      node('Mul', ['x', 'alpha'], ['a']),
      node('Sigmoid', ['a'], ['s']),
      node('Mul', ['s', 'x'], ['y']),
    ],
    inner: 's',
  },
  'GELU, halved last': {
    dims: [2, 5],
    nodes: [
      node('Div', ['x', 'root'], ['u']),
      node('Erf', ['u'], ['e']),
      node('Add', ['e', 'one'], ['p']),
      node('Mul', ['x', 'p'], ['q']),
      node('Mul', ['q', 'half'], ['y']),
    ],
    inner: 'p',
  },
  'GELU, halved first': {
    dims: [2, 5],
    nodes: [
      node('Div', ['x', 'root'], ['u']),
      node('Erf', ['u'], ['e']),
      node('Add', ['e', 'one'], ['p']),
      node('Mul', ['half', 'p'], ['q']),
      node('Mul', ['x', 'q'], ['y']),
    ],
    inner: 'q',
  },
  'GroupNorm of seven nodes': {
    dims: [2, 4, 3, 3],
    nodes: [
      node('Reshape', ['x', 'rows'], ['r']),
      node('InstanceNormalization', ['r', 'ones', 'zeros'], ['n']),
      node('Shape', ['x'], ['shape']),
      node('Reshape', ['n', 'shape'], ['v']),
      node('Mul', ['v', 'scale'], ['m']),
      node('Add', ['m', 'bias'], ['y']),
    ],
    inner: 'v',
  },
  'LayerNorm of nine nodes': {
    dims: [3, 6],
    nodes: [
      node('ReduceMean', ['x'], ['mean'], { axes: [-1] }),
      node('Sub', ['x', 'mean'], ['d']),
      node('Pow', ['d', 'two'], ['d2']),
      node('ReduceMean', ['d2'], ['var'], { axes: [-1] }),
      node('Add', ['var', 'epsilon'], ['v']),
      node('Sqrt', ['v'], ['std']),
      node('Div', ['d', 'std'], ['hat']),
      node('Mul', ['hat', 'gamma'], ['m']),
      node('Add', ['m', 'beta'], ['y']),
    ],
    inner: 'hat',
  },
  'softmax before a product': {
    dims: [2, 3, 3],
    nodes: [node('Softmax', ['x'], ['p'], { axis: -1 }), node('MatMul', ['p', 'x'], ['y'])],
    inner: 'p',
  },
};

const constants = (type: DType) => ({
  alpha: tensorOf(type, [], [1.702]),
  root: tensorOf(type, [], [Math.SQRT2]),
  one: tensorOf(type, [], [1]),
  half: tensorOf(type, [], [0.5]),
  two: tensorOf(type, [], [2]),
  epsilon: tensorOf(type, [], [1e-5]),
  rows: tensorOf('int64', [3], [0, 2, -1]),
  ones: tensorOf(type, [2], [1, 1]),
  zeros: tensorOf(type, [2], [0, 0]),
  scale: tensorOf(type, [4, 1, 1], [1, 0.5, 2, -1]),
  bias: tensorOf(type, [4, 1, 1], [0, 1, 2, 3]),
  gamma: randomTensor(type, [6], random(1)),
  beta: randomTensor(type, [6], random(2)),
});

describe.each(Object.entries(patterns))('%s', (_, { dims, nodes, inner }) => {
  const check = (extra: NodeProto[], outputs: string[], of: string) =>
    checkGradient(
      (type) => ({
        nodes: [...nodes, ...extra].map((n) => ({ ...n, name: n.output?.[0] ?? '' })),
        inputs: { x: dims },
        outputs,
        constants: constants(type),
        opset: 17,
      }),
      (type) => ({ x: randomTensor(type, dims, random(3, -2, 2)) }),
      { of },
    );

  test('alone', async () => {
    const { error, dtype } = await check([], ['y'], 'y');
    expect(error, dtype).toBeLessThan(tolerance(dtype));
  });

  test('with another reader of a value inside', async () => {
    const extra = [
      node('ReduceMax', [inner], ['most'], { keepdims: 0 }),
      node('ReduceSum', ['y'], ['total'], { keepdims: 0 }),
      node('Mul', ['most', 'total'], ['z']),
    ];
    const { error, dtype } = await check(extra, ['z'], 'z');
    expect(error, dtype).toBeLessThan(tolerance(dtype));
  });

  test('a value inside can be an output, or asked for its gradient', async () => {
    const { error, dtype } = await check([], ['y', inner], 'y');
    expect(error, dtype).toBeLessThan(tolerance(dtype));
    const model = makeModel({
      nodes,
      inputs: { x: dims },
      outputs: ['y'],
      constants: constants('float32'),
      opset: 17,
      dtype: 'float32',
    });
    const vjp = buildVjp(model, { of: 'y', wrt: [inner, 'x'] });
    expect(vjp.proto.graph?.output?.map((o) => o.name)).toEqual(['y', `grad_${inner}`, 'grad_x']);
  });
});
