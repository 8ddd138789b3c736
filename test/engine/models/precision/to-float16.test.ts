import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../../src/engine/autodiff/index.ts';
import { errorFeeds, errorInsteadOfGradient } from '../../../../src/engine/models/error-seed.ts';
import type { Float32Tensor } from '../../../../src/engine/models/model.ts';
import { elementTypes } from '../../../../src/engine/models/precision/element-types.ts';
import { lossScaled, toFloat16 } from '../../../../src/engine/models/precision/index.ts';
import { FLOAT, HALF } from '../../../../src/engine/models/precision/names.ts';
import {
  AttributeType,
  numbersOf,
  type OnnxModel,
  type Tensor,
  tensorOf,
  toNumber,
  valueInfoProto,
} from '../../../../src/engine/onnx/index.ts';
import { makeModel, node } from '../../autodiff/graphs.ts';
import { loadFixture, relativeError, runOnce, tokenEmbeddings } from '../../autodiff/helpers.ts';
import { exportedInHalf, roundedNodeByNode } from './helpers.ts';

const graphOf = (model: OnnxModel) => model.proto.graph ?? {};

/** The gradient graph of a fixture, what goes into it, and what PyTorch says comes out. */
function gradientOf(name: string) {
  const { model, inputs, cotangents, outputs, gradients } = loadFixture(name);
  const inner = (value: string) => (value === 'embeddings' ? tokenEmbeddings(model) : value);
  const of = Object.keys(cotangents);
  const vjp = buildVjp(model, { of, wrt: Object.keys(gradients).map(inner), keep: of });
  const feeds: Record<string, Tensor> = { ...inputs };
  for (const [output, value] of Object.entries(cotangents)) feeds[`grad_${output}`] = value;
  const recorded = { ...outputs };
  for (const [value, g] of Object.entries(gradients)) recorded[`grad_${inner(value)}`] = g;
  return { model, vjp, feeds, recorded, seed: `grad_${of[0]}` };
}

const fixtures = [
  'unet-script-14-batch',
  'unet-script-14-static-scalar',
  'unet-script-17-batch-half',
  'unet-dynamo-20-batch',
  'unet-dynamo-21-batch-fused',
  'unet-dynamo-23-batch-fused',
  'text-script-14-static',
  'text-script-17-batch-quick',
  'text-dynamo-20-batch',
  'text-dynamo-23-static-fused',
  'decoder-script-14-static',
  'decoder-script-17-sizes',
  'encoder-script-14-batch',
  'encoder-dynamo-18-static',
];

describe('gradient graphs in float16', () => {
  test.each(fixtures)('%s: within 2e-2 of PyTorch in float32', async (name) => {
    const { vjp, feeds, recorded, seed } = gradientOf(name);
    const half = toFloat16(vjp);
    // It loads as it is …
    await runOnce(half, feeds);
    // … and with each float16 result rounded it is near, but not nearer than rounding allows.
    const rounded = roundedNodeByNode(half);
    const results = await lossScaled(
      feeds[seed] as Float32Tensor,
      async (scaled) =>
        (await runOnce(rounded, { ...feeds, [seed]: scaled })) as Record<string, Float32Tensor>,
    );
    for (const [value, exact] of Object.entries(recorded)) {
      const error = relativeError(results[value], exact);
      expect(error, value).toBeLessThan(2e-2);
      expect(error, value).toBeGreaterThan(1e-5);
    }
  });

  test.each(fixtures)('%s: types are consistent, Casts are not in a row', (name) => {
    const { model, vjp } = gradientOf(name);
    for (const source of [model, vjp]) {
      const half = toFloat16(source);
      const { node: nodes = [], input = [], output = [] } = graphOf(half);
      expect(input).toEqual(graphOf(source).input);
      expect(output).toEqual(graphOf(source).output);
      const types = elementTypes(graphOf(half));
      const makers = new Map(nodes.flatMap((n) => (n.output ?? []).map((o) => [o, n] as const)));
      const target = (n: (typeof nodes)[number] | undefined) =>
        n?.opType === 'Cast' ? toNumber(n.attribute?.[0]?.i) : undefined;
      const computed = new Set<string>();
      for (const n of nodes) {
        const to = target(n);
        const before = makers.get(n.input?.[0] ?? '');
        if (to === HALF || to === FLOAT) {
          expect([HALF, FLOAT].includes(target(before) ?? 0), n.name).toBe(false);
        } else if (types.get(n.output?.[0] ?? '') === HALF) {
          computed.add(n.opType ?? '');
        }
        for (const op of ['Softmax', 'ReduceSum', 'ReduceMean', 'Sin', 'Cos', 'Pow', 'Exp']) {
          if (n.opType === op) expect(types.get(n.input?.[0] ?? ''), n.name).toBe(FLOAT);
        }
      }
      const heavy = nodes.filter((n) => ['Conv', 'MatMul', 'Gemm'].includes(n.opType ?? ''));
      expect(heavy.filter((n) => types.get(n.output?.[0] ?? '') !== HALF)).toEqual([]);
      expect(computed.size).toBeGreaterThan(3);
    }
  });
});

describe('what float16 cannot hold', () => {
  const x = tensorOf(
    'float32',
    [2, 3, 4],
    Array.from({ length: 24 }, (_, i) => Math.sin(i) * 3),
  );
  const weight = tensorOf(
    'float32',
    [4, 4],
    Array.from({ length: 16 }, (_, i) => Math.cos(i)),
  );

  test('squares of large activations, masks of -1e30, epsilons and squares in float32', async () => {
    const model = makeModel({
      inputs: { x: [2, 3, 4] },
      constants: {
        weight,
        hundreds: tensorOf('float32', [], [300]),
        mask: tensorOf('float32', [3, 4], [0, 0, 0, -1e30, ...Array(8).fill(0)]),
        last: tensorOf('int64', [1], [-1]),
        tiny: tensorOf('float32', [], [1e-9]),
      },
      nodes: [
        node('MatMul', ['x', 'weight'], ['small']),
        { ...node('Mul', ['small', 'hundreds'], ['large']), name: 'large' },
        { ...node('Mul', ['large', 'large'], ['squares']), name: 'squares' },
        node('ReduceSum', ['squares', 'last'], ['energy']),
        { ...node('Mul', ['energy', 'tiny'], ['scaled']), name: 'scaled' },
        node('Add', ['small', 'mask'], ['masked']),
        node('Softmax', ['masked'], ['p'], { axis: -1 }),
        node('ReduceMax', ['masked'], ['kept'], { axes: [1, 2], keepdims: 0 }),
      ],
      outputs: ['energy', 'scaled', 'p', 'masked', 'kept'],
      opset: 17,
      dtype: 'float32',
    });
    const exact = await runOnce(model, { x });
    const results = await runOnce(roundedNodeByNode(toFloat16(model)), { x });
    expect(Math.max(...numbersOf(exact.energy as Tensor))).toBeGreaterThan(65504);
    for (const name of ['energy', 'scaled', 'p', 'masked', 'kept']) {
      expect(relativeError(results[name], exact[name]), name).toBeLessThan(2e-3);
    }
  });

  test('what leads to an angle is float32 from the last product on', async () => {
    const model = makeModel({
      inputs: { x: [1, 2] },
      // The product is exact in float16; 300 times that has an eighth as its last digit.
      constants: {
        weight: tensorOf('float32', [2, 2], [1, 2, 3, 4]),
        rate: tensorOf('float32', [2], [300.3, 77.7]),
      },
      nodes: [
        node('MatMul', ['x', 'weight'], ['h']),
        node('Mul', ['h', 'rate'], ['angle']),
        node('Sin', ['angle'], ['y']),
      ],
      outputs: ['y'],
      dtype: 'float32',
    });
    const x = tensorOf('float32', [1, 2], [0.5, 0.75]);
    const results = await runOnce(roundedNodeByNode(toFloat16(model)), { x });
    // The rates too are read as they are.
    expect(relativeError(results.y, (await runOnce(model, { x })).y)).toBeLessThan(1e-6);
  });

  test('the angles of timesteps are those of float32', async () => {
    const { model, inputs } = loadFixture('unet-script-14-batch');
    const graph = graphOf(model);
    const sine = graph.node?.find((n) => n.opType === 'Sin')?.output?.[0] ?? '';
    const wanted = { ...model, proto: { ...model.proto, graph: { ...graph } } };
    wanted.proto.graph.output = [...(graph.output ?? []), { ...graph.output?.[0], name: sine }];
    delete wanted.proto.graph.output[1]?.type?.tensorType?.shape;
    const [exact, half] = [
      await runOnce(wanted, inputs),
      await runOnce(roundedNodeByNode(toFloat16(wanted)), inputs),
    ];
    expect(half[sine]?.data).toEqual(exact[sine]?.data);
    expect(half.out_sample?.data).not.toEqual(exact.out_sample?.data);
  });
});

test('branches read what float32 was, Resize keeps its scales, Shape and CastLike their types', async () => {
  const branch = (op: string) => ({
    name: op,
    node: [node(op, ['a', 'x'], ['out'])],
    output: [valueInfoProto('out', 'float32', [1, 1, 2, 2])],
  });
  const choice = {
    ...node('If', ['yes'], ['chosen']),
    attribute: [
      { name: 'then_branch', type: AttributeType.graph, g: branch('Add') },
      { name: 'else_branch', type: AttributeType.graph, g: branch('Sub') },
    ],
  };
  const model = makeModel({
    inputs: { x: [1, 1, 2, 2] },
    constants: {
      yes: tensorOf('bool', [], [1]),
      scales: tensorOf('float32', [4], [1, 1, 2, 2]),
      two: tensorOf('float32', [2, 2], [0.1, 0.2, 0.3, 0.4]),
    },
    nodes: [
      node('MatMul', ['x', 'two'], ['a']),
      choice,
      { ...node('MatMul', ['chosen', 'a'], ['b']), name: 'b' },
      node('Resize', ['b', '', 'scales'], ['c'], { mode: 'nearest' }),
      node('Cast', ['c'], ['d'], { to: FLOAT }),
      node('Shape', ['d'], ['size']),
      node('Cast', ['size'], ['sizes'], { to: FLOAT }),
      node('CastLike', ['size', 'd'], ['like']),
      { ...node('Add', ['like', 'sizes'], ['e']), name: 'e' },
      node('Mul', ['d', 'e'], ['y']),
    ].map((n, i) => ({ ...n, name: `${n.opType}_${i}` })),
    outputs: ['y', 'a'],
    dtype: 'float32',
  });
  const x = tensorOf('float32', [1, 1, 2, 2], [1, 2, 3, 4]);
  const exact = await runOnce(model, { x });
  const half = toFloat16(model);
  const results = await runOnce(roundedNodeByNode(half), { x });
  expect(relativeError(results.y, exact.y)).toBeLessThan(2e-3);
  expect(relativeError(results.a, exact.a)).toBeLessThan(1e-3);
  expect(results.a?.data).not.toEqual(exact.a?.data);
  const input = (op: string, i: number) =>
    graphOf(half).node?.find((n) => n.opType === op)?.input?.[i] ?? '';
  expect(input('Resize', 2)).toBe('scales');
  // Only its size is asked for: no Cast for that.
  expect(elementTypes(graphOf(half)).get(input('Shape', 0))).toBe(HALF);
  const loaded = await runOnce(half, { x });
  expect(relativeError(loaded.y, exact.y)).toBeLessThan(2e-3);
});

describe('weights', () => {
  test('those stored as float16 are read without a Cast, others behind one', () => {
    const stored = toFloat16(loadFixture('unet-script-17-batch-half').model);
    const types = elementTypes(graphOf(stored));
    const weights = new Set(graphOf(stored).initializer?.map((t) => t.name ?? ''));
    const readers = (graphOf(stored).node ?? []).filter((n) =>
      ['Conv', 'Gemm', 'MatMul'].includes(n.opType ?? ''),
    );
    const direct = readers.filter((n) => weights.has(n.input?.[1] ?? ''));
    expect(direct.length).toBeGreaterThan(15);
    for (const n of direct) expect(types.get(n.input?.[1] ?? '')).toBe(HALF);
    const { model } = loadFixture('unet-script-17-batch-half');
    expect(graphOf(stored).initializer).toEqual(graphOf(model).initializer);
  });

  test('a graph that is float16 throughout becomes one with float32 at its borders', async () => {
    const { model, inputs, outputs } = loadFixture('decoder-script-14-static');
    const half = toFloat16(exportedInHalf(model));
    const results = await runOnce(roundedNodeByNode(half), inputs);
    for (const [name, exact] of Object.entries(outputs)) {
      expect(relativeError(results[name], exact)).toBeLessThan(1e-2);
    }
  });
});

test('a seed that is edited in afterwards is computed in float32', async () => {
  const { vjp, feeds } = gradientOf('unet-script-14-batch');
  const { grad_out_sample: g, ...inputs } = feeds;
  const out = (await runOnce(roundedNodeByNode(toFloat16(vjp)), feeds)).out_sample as Tensor;
  // Targets so near that float16 has no difference: the residual is g / 1e6.
  const near = Array.from(out.data as Float32Array, (v, i) => v - Number(g?.data[i]) / 1e6);
  const target = tensorOf('float32', out.dims, near);
  const graph = errorInsteadOfGradient(toFloat16(vjp), 'out_sample');
  const { error_target = target, error_scale } = errorFeeds(target, [0.5, 0.5]);
  const results = await lossScaled(
    error_scale as Float32Tensor,
    async (scale) =>
      (await runOnce(roundedNodeByNode(graph), {
        ...inputs,
        error_target,
        error_scale: scale,
      })) as Record<string, Float32Tensor>,
    { target: 20 },
  );
  const residual = near.map((v, i) => Number(out.data[i]) - v);
  const seed = tensorOf('float32', out.dims, residual);
  const exact = await runOnce(vjp, { ...inputs, grad_out_sample: seed });
  expect(relativeError(results.grad_sample, exact.grad_sample)).toBeLessThan(2e-2);
});
