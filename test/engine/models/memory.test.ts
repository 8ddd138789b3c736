import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DiffusionModel, loadModel } from '../../../src/engine/models/index.ts';
import { externalTensors, readModel, writeModel } from '../../../src/engine/onnx/index.ts';
import { fixtureDir, relativeError } from './fixtures.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-memory-'));
const copyOf = (name: string) => {
  const dir = mkdtempSync(join(scratch, 'model-'));
  cpSync(fixtureDir(name), dir, { recursive: true });
  return dir;
};
const opened: DiffusionModel[] = [];
const open = async (dir: string, memoryMegabytes: number, warn?: (text: string) => void) => {
  const model = await loadModel(dir, { threads: 1, memoryMegabytes, ...(warn && { warn }) });
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
    narrow = await evaluate(await open(dir, 0.9));
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

  it('makes prepared graphs again that are whole but cannot be opened, and says so once', async () => {
    const own = copyOf(name);
    expect(await evaluate(await open(own, 2))).toEqual(roomy);
    const files = preparedIn(own);
    const bytes = () => files.map((file) => readFileSync(join(own, 'prepared', file)));
    const before = bytes();
    for (const file of files) rename(join(own, 'prepared', file));
    expect(bytes()).not.toEqual(before);
    const warnings: string[] = [];
    const again = () => open(own, 2, (text) => warnings.push(text));
    expect(await evaluate(await again())).toEqual(roomy);
    const parts = files.map((file) => file.replace(/-.*/, ''));
    expect(warnings.map((text) => text.replace(/:.*/, ''))).toEqual(parts);
    for (const text of warnings) expect(text).toMatch(/is made again: .*NoSuchOperator/);
    expect(preparedIn(own)).toEqual(files);
    expect(bytes()).toEqual(before);
    expect(await evaluate(await again())).toEqual(roomy);
    expect(warnings.length).toBe(parts.length);
  });
});

/** As another version of the runtime may see it: a file that is whole, with an operator that it lacks. */
function rename(path: string): void {
  const model = readModel(path);
  const node = model.proto.graph?.node?.at(-1);
  if (node) node.opType = 'NoSuchOperator';
  writeModel(model, path);
}

it('tells of a prepared graph that fails also when made again, as of the first, and tries no more', async () => {
  const dir = copyOf('script');
  const path = join(dir, 'unet/model.onnx');
  const graph = readModel(path);
  // What rules of gradients pass over and the runtime refuses.
  const node = graph.proto.graph?.node?.find(({ opType }) => opType === 'Conv');
  node?.attribute?.push({ name: 'unknown', i: 1, type: 2 });
  writeModel(graph, path);
  const failure = () => open(dir, 2, (text) => warnings.push(text)).catch((error: Error) => error);
  const warnings: string[] = [];
  const first = await failure();
  expect(first).toMatchObject({
    code: 'MODEL_UNUSABLE',
    message: expect.stringMatching(/unet in stages: .*unknown/),
  });
  expect(warnings).toEqual([]);
  const second = await failure();
  expect(second).toMatchObject({ message: (first as Error).message });
  expect(warnings).toEqual([expect.stringMatching(/^unet: .* is made again: .*unknown/)]);
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
