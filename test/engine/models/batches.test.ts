import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type DiffusionModel,
  type Float32Tensor,
  loadModel,
  stack,
  unstack,
} from '../../../src/engine/models/index.ts';
import { readModel, writeModel } from '../../../src/engine/onnx/index.ts';
import { fixtureDir, readRecording, relativeError } from './fixtures.ts';

const loaded: DiffusionModel[] = [];
const open = async (dir: string) => {
  const model = await loadModel(dir, { threads: 1 });
  loaded.push(model);
  return model;
};
const scratch = mkdtempSync(join(tmpdir(), 'likewise-single-'));
afterAll(async () => {
  for (const model of loaded) await model.close();
  rmSync(scratch, { recursive: true });
});

describe('a folder whose graphs were exported for a batch of 1', () => {
  const single = join(scratch, 'single');
  cpSync(fixtureDir('script'), single, { recursive: true });
  for (const part of ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder']) {
    const path = join(single, part, 'model.onnx');
    const graph = readModel(path);
    const { input = [], output = [] } = graph.proto.graph ?? {};
    for (const value of [...input, ...output]) {
      const dims = value.type?.tensorType?.shape?.dim ?? [];
      dims[0] = { dimValue: 1 };
    }
    writeModel(graph, path);
  }
  const recording = readRecording('script');

  it('takes any batch all the same, and gives what the free batch gives', async () => {
    const [fixed, free] = [await open(single), await open(fixtureDir('script'))];
    const { z, features, ids, pixels } = recording;
    const c = stack([features.data, features.data], [8, 16]);
    const tokens = fixed.tokenEmbeddings(ids).data;
    const k = stack([tokens, tokens.map((v) => -v)], [8, 16]);
    const picture = unstack(pixels)[0]!;
    const both = stack([picture, picture.map((v) => -v)], [3, 16, 16]);
    // Equal timesteps, which graphs with one timestep for all would take together, and different.
    for (const t of [
      [401, 401],
      [401, 1],
    ]) {
      const compared = [
        [await fixed.unet(z, t, c), await free.unet(z, t, c)],
        ...pairs(
          await fixed.unetVjp(z, t, c, z, ['sample', 'context']),
          await free.unetVjp(z, t, c, z, ['sample', 'context']),
        ),
        ...pairs(
          await fixed.unetErrorVjp(z, t, c, z, [1, 2], ['context']),
          await free.unetErrorVjp(z, t, c, z, [1, 2], ['context']),
        ),
        [await fixed.encode(both), await free.encode(both)],
        [await fixed.decode(z), await free.decode(z)],
        ...pairs(
          await fixed.decodeErrorVjp(z, both, [1, 2]),
          await free.decodeErrorVjp(z, both, [1, 2]),
        ),
        [await fixed.encodeTokens(k), await free.encodeTokens(k)],
        ...pairs(await fixed.encodeTokensVjp(k, c), await free.encodeTokensVjp(k, c)),
      ] as const;
      for (const [one, other] of compared) {
        expect(one?.dims).toEqual(other?.dims);
        expect(relativeError(one!.data, other!.data)).toBeLessThan(1e-5);
      }
    }
  });

  function pairs<T extends object>(a: T, b: T) {
    return (Object.keys(b) as (keyof T)[]).map(
      (key) => [a[key], b[key]] as never as [Float32Tensor, Float32Tensor],
    );
  }
});
