import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createSession,
  DTYPES,
  type DType,
  decodeModel,
  encodeModel,
  numbersOf,
  type OnnxModel,
  readModel,
  tensorFromProto,
  tensorOf,
  tensorToProto,
  toBigInt,
  toNumber,
  valueInfoProto,
  writeModel,
} from '../../../src/engine/onnx/index.ts';
import { fromBigInt } from '../../../src/engine/onnx/proto.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-onnx-'));
afterAll(() => rmSync(dir, { recursive: true }));

const fixtures = readdirSync('test/fixtures/autodiff').filter((f) => f.endsWith('.onnx'));

/** y = x w, with w in weights.pb. */
function writeExternal(folder: string): OnnxModel {
  const weights = Float32Array.from([1, 2, 3, 4, 5, 6]);
  writeFileSync(
    join(folder, 'weights.pb'),
    Buffer.concat([Buffer.alloc(64), Buffer.from(weights.buffer)]),
  );
  const model: OnnxModel = {
    dir: folder,
    proto: {
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'g',
        node: [{ opType: 'MatMul', name: 'product', input: ['x', 'w'], output: ['y'] }],
        input: [valueInfoProto('x', 'float32', ['rows', 2])],
        output: [valueInfoProto('y', 'float32', ['rows', 3])],
        initializer: [
          {
            name: 'w',
            dataType: 1,
            dims: [2, 3],
            dataLocation: 1,
            externalData: [
              { key: 'location', value: 'weights.pb' },
              { key: 'offset', value: '64' },
              { key: 'length', value: '24' },
            ],
          },
        ],
      },
    },
  };
  writeModel(model, join(folder, 'model.onnx'));
  return model;
}

describe('model files', () => {
  test.each(fixtures)('%s is written back byte for byte', (file) => {
    const bytes = readFileSync(`test/fixtures/autodiff/${file}`);
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  test('fields that the schema does not know are kept', () => {
    const bytes = readFileSync(`test/fixtures/autodiff/${fixtures[0]}`);
    // Field 99 of ModelProto, a string; and a varint field 77.
    const unknown = Buffer.from([0x9a, 0x06, 2, 0x68, 0x69, 0xe8, 0x04, 5]);
    const longer = Buffer.concat([bytes, unknown]);
    expect(Buffer.compare(encodeModel(decodeModel(longer)), longer)).toBe(0);
  });

  test('errors name the path and say why', () => {
    const file = join(dir, 'text.onnx');
    writeFileSync(file, 'no model at all');
    expect(() => readModel(file)).toThrow(/text\.onnx.*not an ONNX model/);
    expect(() => readModel(join(dir, 'absent.onnx'))).toThrow(/absent\.onnx.*no such file/);
    expect(() => readModel(dir)).toThrow(/a folder/);
    writeFileSync(file, '');
    expect(() => readModel(file)).toThrow(/not an ONNX model/);
  });

  test('a model written elsewhere still finds its weights', async () => {
    const [from, to] = [mkdtempSync(join(dir, 'from-')), mkdtempSync(join(dir, 'to-'))];
    writeExternal(from);
    const model = readModel(join(from, 'model.onnx'));
    writeModel(model, join(to, 'copy.onnx'));
    // Twice into the same folder: the weights are there already.
    writeModel(model, join(to, 'again.onnx'));
    expect(readdirSync(to).sort()).toEqual(['again.onnx', 'copy.onnx', 'weights.pb']);
    const x = tensorOf('float32', [1, 2], [1, 10]);
    for (const source of [join(to, 'copy.onnx'), join(from, 'model.onnx'), model]) {
      const session = await createSession(source);
      expect(numbersOf((await session.run({ x })).y!)).toEqual([41, 52, 63]);
      await session.release();
    }
    const w = model.proto.graph?.initializer?.[0];
    expect(numbersOf(tensorFromProto(w!, model.dir))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('another weights file of the same name is not touched', () => {
    const [from, to] = [mkdtempSync(join(dir, 'from-')), mkdtempSync(join(dir, 'to-'))];
    writeExternal(from);
    cpSync('package.json', join(to, 'weights.pb'));
    writeModel(readModel(join(from, 'model.onnx')), join(to, 'copy.onnx'));
    expect(readFileSync(join(to, 'weights.pb'), 'utf8')).toContain('likewise');
    expect(readdirSync(to)).toContain('weights-1.pb');
  });

  test('missing or short weights are named', () => {
    const from = mkdtempSync(join(dir, 'from-'));
    writeExternal(from);
    const model = readModel(join(from, 'model.onnx'));
    const w = model.proto.graph?.initializer?.[0];
    writeFileSync(join(from, 'weights.pb'), 'short');
    expect(() => tensorFromProto(w!, model.dir)).toThrow(/weights\.pb.*cut short/);
    rmSync(join(from, 'weights.pb'));
    expect(() => tensorFromProto(w!, model.dir)).toThrow(/weights\.pb.*missing/);
    const to = mkdtempSync(join(dir, 'to-'));
    expect(() => writeModel(model, join(to, 'copy.onnx'))).toThrow(/missing/);
    expect(readdirSync(to)).toEqual([]);
  });

  test('a folder that does not exist is an error, and nothing is left', () => {
    const model = decodeModel(readFileSync(`test/fixtures/autodiff/${fixtures[0]}`));
    expect(() => writeModel(model, join(dir, 'no', 'such', 'x.onnx'))).toThrow(/folder/);
  });
});

describe('tensors', () => {
  test('every element type survives raw data', () => {
    for (const dtype of Object.keys(DTYPES) as DType[]) {
      const value = tensorOf(dtype, [2, 2], dtype === 'bool' ? [0, 1, 1, 0] : [0, 1, 2, 3]);
      expect(tensorFromProto(tensorToProto('t', value), null)).toEqual(value);
    }
  });

  test('typed fields are read too', () => {
    const proto = (dataType: number, fields: object) =>
      numbersOf(tensorFromProto({ name: 't', dataType, dims: [2], ...fields }, null));
    expect(proto(1, { floatData: [1.5, -2] })).toEqual([1.5, -2]);
    expect(proto(11, { doubleData: [1.5, -2] })).toEqual([1.5, -2]);
    expect(proto(7, { int64Data: [fromBigInt(-3n), 4] })).toEqual([-3, 4]);
    expect(proto(6, { int32Data: [-1, 2] })).toEqual([-1, 2]);
    expect(proto(9, { int32Data: [1, 0] })).toEqual([1, 0]);
    // Halves are stored as their bits: 0x3c00 = 1, 0xc000 = -2.
    expect(proto(10, { int32Data: [0x3c00, 0xc000] })).toEqual([1, -2]);
    expect(() => proto(1, { floatData: [1] })).toThrow(/1 elements/);
    expect(() => proto(16, { rawData: new Uint8Array(4) })).toThrow(/element type 16/);
  });

  test('64-bit integers are exact both ways', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (v) => {
        expect(toBigInt(fromBigInt(v))).toBe(v);
        expect(toNumber(fromBigInt(v))).toBe(Number(v));
      }),
    );
  });

  test('sizes that do not fit are refused', () => {
    expect(() => tensorOf('float32', [2], [1])).toThrow(/2 values/);
  });
});

describe('sessions', () => {
  test('feeds are checked by name, type and shape', async () => {
    const from = mkdtempSync(join(dir, 'from-'));
    const session = await createSession(writeExternal(from), { threads: 1, optimization: 'basic' });
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['rows', 2] }]);
    const x = tensorOf('float32', [1, 2], [1, 1]);
    await expect(session.run({})).rejects.toThrow(/"x".*missing/);
    await expect(session.run({ x: tensorOf('float64', [1, 2], [1, 1]) })).rejects.toThrow(
      /must be/,
    );
    await expect(session.run({ x: tensorOf('float32', [1, 3], [1, 1, 1]) })).rejects.toThrow(
      /must be/,
    );
    await expect(session.run({ x }, ['nope'])).rejects.toThrow(/no "nope"/);
    await session.release();
    await session.release();
    await expect(session.run({ x })).rejects.toThrow(/released/);
  });

  test.each(['tensorrt', 'dml', 'coreml'] as const)(
    '%s, which is not there, is refused by name and not left out',
    async (provider) => {
      const from = mkdtempSync(join(dir, 'from-'));
      const act = createSession(writeExternal(from), { provider });
      await expect(act).rejects.toThrow(`no ${provider} here: `);
      await expect(act).rejects.toMatchObject({ code: 'provider' });
    },
  );
});
