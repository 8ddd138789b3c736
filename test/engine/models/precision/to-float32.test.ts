import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../../src/engine/autodiff/index.ts';
import { toFloat32 } from '../../../../src/engine/models/precision/index.ts';
import { HALF } from '../../../../src/engine/models/precision/names.ts';
import {
  AttributeType,
  encodeModel,
  type OnnxModel,
  type Tensor,
  tensorOf,
  tensorToProto,
  toNumber,
  valueInfoProto,
} from '../../../../src/engine/onnx/index.ts';
import { makeModel, node } from '../../autodiff/graphs.ts';
import { loadFixture, relativeError, runOnce, tokenEmbeddings } from '../../autodiff/helpers.ts';
import { exportedInHalf, withGraph } from './helpers.ts';

const graphOf = (model: OnnxModel) => model.proto.graph ?? {};
const casts = (model: OnnxModel) => graphOf(model).node?.filter((n) => n.opType === 'Cast') ?? [];

describe('a graph in float16 becomes one in float32', () => {
  test.each([
    'unet-script-14-batch',
    'unet-dynamo-20-batch',
    'unet-script-17-batch-half',
    'text-script-17-batch-quick',
    'text-dynamo-23-static-fused',
    'decoder-script-17-sizes',
    'encoder-script-14-batch',
  ])('%s: outputs and gradients', async (name) => {
    const { model, inputs, cotangents, outputs, gradients } = loadFixture(name);
    const half = exportedInHalf(model);
    expect(graphOf(half).output?.[0]?.type?.tensorType?.elemType).toBe(HALF);
    const inner = (value: string) => (value === 'embeddings' ? tokenEmbeddings(model) : value);
    const options = { of: Object.keys(cotangents), wrt: Object.keys(gradients).map(inner) };
    const feeds: Record<string, Tensor> = { ...inputs };
    for (const [output, value] of Object.entries(cotangents)) feeds[`grad_${output}`] = value;
    const results = await runOnce(buildVjp(toFloat32(half), options), feeds);
    // The same weights in the float32 graph: nothing else has changed.
    const same = await runOnce(buildVjp(exportedInHalf(model, true), options), feeds);
    for (const [value, exact] of Object.entries(same)) {
      expect(relativeError(results[value], exact), value).toBeLessThan(1e-6);
    }
    // PyTorch had the weights unrounded, but for those of one fixture.
    const tolerance = name.endsWith('-half') ? 1e-3 : 3e-3;
    const recorded = { ...outputs };
    for (const [value, g] of Object.entries(gradients)) recorded[`grad_${inner(value)}`] = g;
    for (const [value, exact] of Object.entries(recorded)) {
      expect(relativeError(results[value], exact), value).toBeLessThan(tolerance);
    }
  });

  test('nothing of it is left, and what has none is given back as it is', () => {
    const { model } = loadFixture('unet-script-14-batch');
    expect(toFloat32(model)).toBe(model);
    const stored = loadFixture('unet-script-17-batch-half').model;
    expect(toFloat32(stored)).toBe(stored);
    const wide = toFloat32(exportedInHalf(model));
    expect(toFloat32(wide)).toBe(wide);
    const { input = [], output = [], node: nodes = [] } = graphOf(wide);
    for (const info of [...input, ...output]) {
      expect(info.type?.tensorType?.elemType).not.toBe(HALF);
    }
    for (const attribute of nodes.flatMap((n) => n.attribute ?? [])) {
      expect(attribute.t?.dataType).not.toBe(HALF);
      if (attribute.name === 'to') expect(toNumber(attribute.i)).not.toBe(HALF);
    }
  });

  test('a weight keeps its bytes, in its file, behind one Cast', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'likewise-half-'));
    try {
      const values = Float16Array.from({ length: 1200 }, (_, i) => Math.sin(i));
      writeFileSync(join(dir, 'weights.pb'), new Uint8Array(values.buffer));
      const model = makeModel({
        inputs: { x: [2, 30] },
        nodes: [
          node('Transpose', ['w'], ['t'], { perm: [1, 0] }),
          node('MatMul', ['x', 'w'], ['a']),
          { ...node('MatMul', ['a', 't'], ['y']), name: 'second' },
        ],
        outputs: ['y'],
        dtype: 'float16',
      });
      const external = {
        name: 'w',
        dims: [30, 40],
        dataType: HALF,
        dataLocation: 1,
        externalData: [
          { key: 'location', value: 'weights.pb' },
          { key: 'offset', value: '0' },
          { key: 'length', value: '2400' },
        ],
      };
      const file = { ...withGraph(model, { initializer: [external] }), dir };
      // Old exporters list weights as inputs too.
      graphOf(file).input?.push(valueInfoProto('w', 'float16', [30, 40]));
      const wide = toFloat32(file);
      expect(graphOf(wide).initializer).toEqual([{ ...external, name: 'w/half' }]);
      expect(casts(wide)).toHaveLength(1);
      expect(graphOf(wide).input?.map((i) => i.name)).toEqual(['x']);
      expect(encodeModel(wide).byteLength).toBeLessThan(1000);
      const x = tensorOf(
        'float32',
        [2, 30],
        Array.from({ length: 60 }, (_, i) => Math.cos(i)),
      );
      const w = (i: number, j: number) => values[i * 40 + j] as number;
      const a = (b: number, j: number) =>
        Array.from({ length: 30 }, (_, i) => Number(x.data[b * 30 + i]) * w(i, j)).reduce(sum);
      const y = [0, 1].flatMap((b) =>
        Array.from({ length: 30 }, (_, i) =>
          Array.from({ length: 40 }, (__, j) => a(b, j) * w(i, j)).reduce(sum),
        ),
      );
      const result = await runOnce(wide, { x });
      expect(relativeError(result.y, tensorOf('float32', [2, 30], y))).toBeLessThan(1e-5);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('small constants are values that gradient rules can read', () => {
    const model = makeModel({
      inputs: { x: [3] },
      constants: { two: tensorOf('float16', [], [2]) },
      nodes: [node('Pow', ['x', 'two'], ['y'])],
      outputs: ['y'],
      dtype: 'float16',
    });
    const wide = toFloat32(model);
    expect(casts(wide)).toHaveLength(0);
    expect(graphOf(wide).initializer).toEqual([tensorToProto('two', tensorOf('float32', [], [2]))]);
  });

  test('types inside of nodes: branches, fills, random numbers, CastLike, large constants', async () => {
    const big = tensorOf(
      'float16',
      [1100],
      Array.from({ length: 1100 }, (_, i) => i / 8),
    );
    const branch = (value: number) => ({
      name: 'branch',
      node: [
        node('Constant', [], ['c'], { value: { t: tensorOf('float16', [], [value]) } }),
        node('Mul', ['filled', 'c'], ['out']),
      ],
      output: [valueInfoProto('out', 'float16', [1100])],
    });
    const choice = {
      ...node('If', ['yes'], ['chosen']),
      attribute: [
        { name: 'then_branch', type: AttributeType.graph, g: branch(2) },
        { name: 'else_branch', type: AttributeType.graph, g: branch(3) },
      ],
    };
    const model = makeModel({
      inputs: { x: [1100] },
      constants: { yes: tensorOf('bool', [], [1]), one: tensorOf('int64', [1], [1100]) },
      nodes: [
        node('ConstantOfShape', ['one'], ['filled'], {
          value: { t: tensorOf('float16', [1], [0.5]) },
        }),
        choice,
        node('Constant', [], ['big'], { value: { t: big } }),
        node('RandomNormalLike', ['x'], ['noise'], { dtype: HALF, scale: { f: 1e-30 } }),
        node('CastLike', ['yes', 'big'], ['like']),
        node('Sum', ['x', 'chosen', 'big', 'noise', 'like'], ['y']),
      ],
      outputs: ['y'],
      dtype: 'float16',
    });
    const wide = toFloat32(model);
    expect(casts(wide)).toHaveLength(1);
    const x = tensorOf(
      'float32',
      [1100],
      Array.from({ length: 1100 }, (_, i) => i / 1024),
    );
    const { y } = await runOnce(wide, { x });
    const expected = Array.from({ length: 1100 }, (_, i) => i / 1024 + 1 + i / 8 + 1);
    expect(y?.dtype).toBe('float32');
    expect(relativeError(y, tensorOf('float32', [1100], expected))).toBeLessThan(1e-6);
  });
});

const sum = (a: number, b: number) => a + b;
