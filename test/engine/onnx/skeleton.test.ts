import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeModel, dimsOf, encodeModel, readModel } from '../../../src/engine/onnx/index.ts';
import { readSkeleton } from '../../../src/engine/onnx/skeleton.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-skeleton-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('readSkeleton', () => {
  test.each([
    'models/avatars/unet/model.onnx',
    'test/fixtures/models/script/unet/model.onnx',
    'test/fixtures/models/optimum/text_encoder/model.onnx',
  ])('%s: all of the graph, none of the weights', (path) => {
    const skeleton = readSkeleton(path);
    const whole = readModel(path);
    expect(skeleton.dir).toBe(whole.dir);
    const [bones, graph] = [skeleton.proto.graph!, whole.proto.graph!];
    expect(bones.initializer?.map(({ name, dataType }) => [name, dataType])).toEqual(
      graph.initializer?.map(({ name, dataType }) => [name, dataType]),
    );
    expect(bones.initializer?.map(dimsOf)).toEqual(graph.initializer?.map(dimsOf));
    expect(bones.initializer?.every((tensor) => tensor.rawData === undefined)).toBe(true);
    // With the weights taken out of both, they are the same file.
    for (const { proto } of [skeleton, whole]) proto.graph!.initializer = [];
    expect(Buffer.from(encodeModel(skeleton)).equals(encodeModel(whole))).toBe(true);
  });

  test('says where external data lies, which has no values', () => {
    const model = decodeModel(readFileSync('test/fixtures/models/script/unet/model.onnx'));
    const tensor = model.proto.graph!.initializer![0]!;
    tensor.externalData = [{ key: 'location', value: 'weights.pb' }];
    tensor.dataLocation = 1;
    const path = join(dir, 'external.onnx');
    writeFileSync(path, encodeModel(model));
    const found = readSkeleton(path).proto.graph?.initializer?.[0];
    expect(found?.externalData?.[0]?.value).toBe('weights.pb');
    expect(found?.dataLocation).toBe(1);
  });

  test.each([
    ['no file', undefined, 'not-found'],
    ['an empty file', Buffer.alloc(0), 'not-onnx'],
    ['something else', Buffer.from('PK\u0003\u0004 something else'), 'not-onnx'],
    ['zeros', Buffer.alloc(300), 'not-onnx'],
    [
      'half a file',
      readFileSync('test/fixtures/models/script/unet/model.onnx').subarray(0, 9000),
      'not-onnx',
    ],
  ])('%s', (name, bytes, code) => {
    const path = join(dir, `${name}.onnx`);
    if (bytes) writeFileSync(path, bytes);
    expect(() => readSkeleton(path)).toThrowError(expect.objectContaining({ code }));
  });
});
