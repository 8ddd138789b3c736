import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiffusionModel, loadModel } from '../../../src/engine/models/index.ts';
import { externalTensors, readModel } from '../../../src/engine/onnx/index.ts';
import { fixtureDir, relativeError } from './fixtures.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-memory-'));
const copyOf = (name: string) => {
  const dir = mkdtempSync(join(scratch, 'model-'));
  cpSync(fixtureDir(name), dir, { recursive: true });
  return dir;
};
const opened: DiffusionModel[] = [];
const open = async (dir: string, memoryMegabytes: number) => {
  const model = await loadModel(dir, { threads: 1, memoryMegabytes });
  opened.push(model);
  return model;
};
afterAll(async () => {
  for (const model of opened) await model.close();
  rmSync(scratch, { recursive: true });
});

/** Everything that is differentiated, for a batch of 3. */
async function evaluate(model: DiffusionModel) {
  let state = 5;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 29 - 2;
  };
  const draw = (...dims: number[]) => ({
    dtype: 'float32' as const,
    dims,
    data: Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, random),
  });
  const { channels, height, width } = model.latent;
  const z = draw(3, channels, height, width);
  const c = draw(3, model.text.length, model.text.width);
  const g = draw(3, channels, height, width);
  const pixels = draw(3, 3, model.image.height, model.image.width);
  const t = [11, 700, 11];
  const vjp = await model.unetVjp(z, t, c, g, ['sample', 'context']);
  const error = await model.unetErrorVjp(z, t, c, g, [1, 0.5, 2], ['context']);
  const decoded = await model.decodeErrorVjp(z, pixels, [1, 2, 3]);
  return {
    predicted: (await model.unet(z, t, c)).data,
    out: vjp.out.data,
    gradSample: vjp.gradSample?.data,
    gradContext: vjp.gradContext?.data,
    error: error.gradContext?.data,
    pixels: decoded.pixels.data,
    gradZ: decoded.gradZ.data,
    decoded: (await model.decode(z)).data,
    encoded: (await model.encode(pixels)).data,
  };
}
type Values = Awaited<ReturnType<typeof evaluate>>;

describe.each(['script', 'optimum'])('memory budgets of %s', (name) => {
  const dir = copyOf(name);
  let whole: Values;
  let roomy: Values;
  let narrow: Values;
  beforeAll(async () => {
    whole = await evaluate(await open(dir, 1000));
    expect(preparedIn(dir)).toEqual([]);
    roomy = await evaluate(await open(dir, 2));
    narrow = await evaluate(await open(dir, 0.7));
  }, 60_000);

  it('gives the same numbers in stages as whole', () => {
    for (const [key, value] of Object.entries(whole)) {
      const other = roomy[key as keyof Values] as Float32Array;
      expect(relativeError(other, value as Float32Array), key).toBeLessThan(2e-5);
    }
  });

  it('gives the same bits whatever the budget', () => {
    for (const key of Object.keys(roomy) as (keyof Values)[]) {
      expect(narrow[key], key).toEqual(roomy[key]);
    }
  });

  it('keeps prepared graphs beside the model, without its weights', () => {
    const files = preparedIn(dir);
    expect(files.filter((file) => file.startsWith('unet-')).length).toBe(2);
    for (const file of files) {
      const graph = readModel(join(dir, 'prepared', file)).proto.graph ?? {};
      if (file.startsWith('unet-')) expect(externalTensors(graph).length).toBeGreaterThan(0);
      for (const { rawData, name } of graph.initializer ?? []) {
        expect(rawData?.byteLength ?? 0, name).toBeLessThan(1024);
      }
    }
  });

  it('makes a prepared graph again that is not whole', async () => {
    const files = preparedIn(dir);
    for (const file of files) writeFileSync(join(dir, 'prepared', file), 'not a graph');
    expect(await evaluate(await open(dir, 2))).toEqual(roomy);
    expect(await evaluate(await open(dir, 2))).toEqual(roomy);
    expect(preparedIn(dir)).toEqual(files);
  });
});

it('prepares at each start where it cannot write', async () => {
  const dir = copyOf('optimum');
  writeFileSync(join(dir, 'prepared'), 'a file in the place of the folder');
  const first = await evaluate(await open(dir, 2));
  expect(await evaluate(await open(dir, 2))).toEqual(first);
});

it('says how much memory a model needs that has too little', async () => {
  const dir = copyOf('script');
  await expect(loadModel(dir, { memoryMegabytes: 0.1 })).rejects.toThrow(
    /part .* needs about \d+ MB .* 0.1 MB are set/,
  );
});

function preparedIn(dir: string): string[] {
  try {
    return readdirSync(join(dir, 'prepared')).sort();
  } catch {
    return [];
  }
}
