import { describe, expect, it } from 'vitest';
import { type Cache, memoryCache, nobody, records } from '../../../src/cache/index.ts';
import { type Preset, presets } from '../../../src/engine/inversion/index.ts';
import {
  type AnalogyOptions,
  type AnalogyProgress,
  type AnalogyRequest,
  runAnalogy,
} from '../../../src/engine/pipeline/index.ts';
import { createToyModel, type ToyOptions, toyPicture } from '../toy-model.ts';

const fast: Preset = {
  ...presets.fast,
  tokens: { ...presets.fast.tokens, count: 4, iterations: 12, holdNorm: false },
  tokensWithoutGuess: { learningRate: 0.03, sparsity: 0.1 },
};
const paper: Preset = {
  ...presets.paper,
  tokens: { ...presets.paper.tokens, count: 4, iterations: 6 },
  noise: { steps: 10, evaluations: 4, lbfgs: {} },
};
const cells = [0, 1, 2].flatMap((lambda) => [1, 3].map((sigma) => ({ lambda, sigma })));

async function run(
  request: Partial<AnalogyRequest> = {},
  options: AnalogyOptions = {},
  toy: ToyOptions = {},
) {
  const model = createToyModel(toy);
  const picture = async (seed: number) => ({
    pixels: (await toyPicture(model, seed)).data,
    sha256: `picture-${seed}`,
  });
  const [a, aPrime, b] = [await picture(1), await picture(2), await picture(3)];
  const result = await runAnalogy(
    model,
    { a, aPrime, b, cells, preset: fast, ...request },
    options,
  );
  return { ...result, counters: model.counters, b };
}

const pixelsOf = (result: Awaited<ReturnType<typeof run>>) => result.cells.map((c) => c.pixels);
const work = (result: Awaited<ReturnType<typeof run>>) =>
  result.images.map(({ unetForward, unetVjp }) => [unetForward, unetVjp]);

describe('an analogy', () => {
  it('comes with a report for each picture, whose costs add up', async () => {
    const result = await run();
    expect(result.images.map((image) => image.role)).toEqual(['A', "A'", 'B']);
    for (const image of result.images) {
      expect(image.cached).toBe(false);
      expect(image.unetVjp).toBe(12 * fast.tokens.batch);
      expect(image.tokenLoss.last).toBeLessThan(image.tokenLoss.first);
    }
    const [a, , b] = result.images;
    expect(a?.reconstructionDb).toBeUndefined();
    // The toy's autoencoder loses 30 dB or so; the inversion comes near it.
    expect(b?.reconstructionDb).toBeGreaterThan((b?.autoencoderDb ?? 0) - 0.5);
    const sum = (which: 'unetForward' | 'unetVjp') =>
      result.images.reduce((total, image) => total + image[which], 0);
    expect(sum('unetVjp')).toBe(result.counters.unetVjp);
    expect(sum('unetForward')).toBeLessThan(result.counters.unetForward);
  });

  it('gives B back at lambda 0, the same bytes at each sigma', async () => {
    const result = await run();
    const [first, second] = pixelsOf(result);
    expect(first).toEqual(second);
    const error = first?.reduce((sum, v, i) => sum + (v - (result.b.pixels[i] as number)) ** 2, 0);
    const db = 10 * Math.log10(4 / ((error ?? 0) / (first?.length ?? 1)));
    expect(db).toBeCloseTo(result.images[2]?.reconstructionDb ?? 0, 1);
  });

  for (const preset of [fast, paper]) {
    it(`a second run does no work but the renders, to the same bytes: ${preset.name}`, async () => {
      const cache = memoryCache();
      const first = await run({ preset }, { records: records(cache) });
      const second = await run({ preset }, { records: records(cache) });
      expect(second.images.map((image) => image.cached)).toEqual([true, true, true]);
      expect(work(second)).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      expect(second.counters.unetVjp).toBe(0);
      expect(pixelsOf(second)).toEqual(pixelsOf(first));
      const without = (result: typeof first) =>
        result.images.map(({ sha256, tokenLoss, reconstructionDb, autoencoderDb }) => [
          sha256,
          tokenLoss,
          reconstructionDb,
          autoencoderDb,
        ]);
      expect(without(second)).toEqual(without(first));
    });
  }

  it('gives the same bytes with and without a cache, and others by another seed', async () => {
    const kept = await run({}, { records: records(memoryCache()) });
    expect(pixelsOf(await run())).toEqual(pixelsOf(kept));
    expect(pixelsOf(await run({ seed: 1 }))).not.toEqual(pixelsOf(kept));
  });

  it('keeps nothing across tenants, pictures, models, presets and seeds', async () => {
    const cache = memoryCache();
    const cached = async (...args: Parameters<typeof run>) =>
      (await run(args[0], { records: records(cache), ...args[1] }, args[2])).images.map(
        (i) => i.cached,
      );
    const none = [false, false, false];
    expect(await cached()).toEqual(none);
    expect(await cached({}, { scope: 'other' })).toEqual(none);
    expect(await cached({ seed: 1 })).toEqual(none);
    expect(await cached({ preset: paper })).toEqual(none);
    expect(await cached({}, {}, { bend: 0.06 })).toEqual(none);
    const other = { pixels: (await toyPicture(createToyModel(), 9)).data, sha256: 'picture-9' };
    // A' hangs on A; B does not.
    expect(await cached({ a: other })).toEqual([false, false, true]);
    expect(await cached({ b: other })).toEqual([true, true, false]);
    await cache.forget('other', nobody);
    expect(await cached()).toEqual([true, true, true]);
    expect(await cached({}, { scope: 'other' })).toEqual(none);
  });

  it("the paper finds A and A' apart: another A leaves A' as it is", async () => {
    const cache = memoryCache();
    await run({ preset: paper }, { records: records(cache) });
    const a = { pixels: (await toyPicture(createToyModel(), 9)).data, sha256: 'picture-9' };
    const { images } = await run({ preset: paper, a }, { records: records(cache) });
    expect(images.map((image) => image.cached)).toEqual([false, true, true]);
  });

  it('finds damaged and foreign entries again', async () => {
    const cache = memoryCache();
    const first = await run({}, { records: records(cache) });
    const { keys, spy } = spied(cache);
    await run({}, { records: records(spy) });
    expect(keys.length).toBe(4);
    const [damaged, foreign] = [...keys];
    const bytes = (await cache.get(damaged as string)) as Uint8Array;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await cache.set(damaged as string, bytes);
    await records(cache).set(foreign as string, { tokens: Float32Array.of(1) });
    const again = await run({}, { records: records(cache) });
    expect(again.images.map((image) => image.cached)).toEqual([false, false, true]);
    expect(pixelsOf(again)).toEqual(pixelsOf(first));
  });

  it('reports progress that never falls and ends at 1', async () => {
    const seen: AnalogyProgress[] = [];
    await run({}, { onProgress: (progress) => seen.push(progress) });
    const fractions = seen.map((progress) => progress.fraction);
    expect(fractions).toEqual(fractions.toSorted((x, y) => x - y));
    expect(fractions.at(-1)).toBeCloseTo(1, 6);
    expect([...new Set(seen.map((p) => `${p.role} ${p.phase}`))]).toEqual([
      'A tokens',
      "A' tokens",
      'B tokens',
      'B noise',
      'undefined render',
    ]);
  });

  it('reports progress that never falls where Eq. 3 follows a fixed point', async () => {
    const both: Preset = { ...paper, fixedPoint: fast.fixedPoint };
    const seen: AnalogyProgress[] = [];
    await run({ preset: both }, { onProgress: (progress) => seen.push(progress) });
    const fractions = seen.map((progress) => progress.fraction);
    expect(fractions).toEqual(fractions.toSorted((x, y) => x - y));
    expect(fractions.at(-1)).toBeCloseTo(1, 6);
    const started = (phase: string) => seen.find((p) => p.phase === phase)?.fraction ?? 0;
    expect(started('noise')).toBeLessThan(started('refine'));
    expect(started('refine')).toBeLessThan(started('render'));
  });

  it('stops where it is when asked to, and what was found is kept', async () => {
    const cache = memoryCache();
    const controller = new AbortController();
    const running = run(
      {},
      {
        records: records(cache),
        signal: controller.signal,
        onProgress: ({ role, step }) => {
          if (role === 'B' && step === 3) controller.abort(new Error('enough'));
        },
      },
    );
    await expect(running).rejects.toThrow('enough');
    const { images } = await run({}, { records: records(cache) });
    expect(images.map((image) => image.cached)).toEqual([true, true, false]);
  });
});

/** A cache that notes which keys are asked for. */
function spied(cache: Cache): { keys: string[]; spy: Cache } {
  const keys: string[] = [];
  const spy: Cache = {
    ...cache,
    get(key) {
      keys.push(key);
      return cache.get(key);
    },
  };
  return { keys, spy };
}
