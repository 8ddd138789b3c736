import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../src/cache/index.ts';
import {
  createRandom,
  drawBatch,
  drive,
  findTokens,
  heldOutDraws,
  presets,
  type TokensOptions,
  type TokensState,
  tokenLoss,
  tokenLossGradient,
} from '../../../src/engine/inversion/index.ts';
import { float32 } from '../../../src/engine/models/index.ts';
import { createToyModel, toyPicture } from '../toy-model.ts';

const quick: TokensOptions = {
  ...presets.fast.tokens,
  count: 4,
  iterations: 60,
  batch: 8,
  learningRate: 0.1,
  holdNorm: false,
  start: 'empty',
  sparsity: 0,
  stop: { loss: 0, every: 10, draws: 16, patience: 10 },
};
const noStop = { loss: 0, every: 0, draws: 0, patience: 0 };
const rowsOf = (tokens: Float32Array) =>
  Array.from({ length: 6 }, (_, i) => Array.from(tokens.subarray(i * 4, i * 4 + 4)));

describe('Eq. 2', () => {
  for (const prediction of ['epsilon', 'v_prediction'] as const) {
    it(`has the gradient that finite differences have: ${prediction}`, async () => {
      const model = createToyModel({ prediction });
      const latents = await model.encode(await toyPicture(model, 3));
      const k = createRandom(4, 'k').gaussians(24);
      const draws = heldOutDraws(model, 1, 5);
      const { loss, gradient } = await tokenLossGradient(model, latents, k, draws);
      expect(await tokenLoss(model, latents, k, draws)).toBeCloseTo(loss, 6);
      const largest = Math.max(...gradient.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      for (let i = 0; i < k.length; i++) {
        const h = 1e-2;
        const at = (by: number) =>
          tokenLoss(
            model,
            latents,
            k.map((v, j) => (j === i ? v + by : v)),
            draws,
          );
        const slope = ((await at(h)) - (await at(-h))) / (2 * h);
        expect(Math.abs(slope - (gradient[i] as number))).toBeLessThan(5e-3 * largest);
      }
    });
  }

  it('is lowered, and only free tokens change', async () => {
    const model = createToyModel();
    const pixels = await toyPicture(model, 3);
    const { tokens, c, loss } = await drive(findTokens(model, { pixels }, quick, 1));
    expect(loss.last).toBeLessThan(loss.first / 2);
    const empty = rowsOf(model.tokenEmbeddings(model.tokenize('')).data);
    const found = rowsOf(tokens);
    expect(found[0]).toEqual(empty[0]);
    expect(found[5]).toEqual(empty[5]);
    for (const i of [1, 2, 3, 4]) expect(found[i]).not.toEqual(empty[i]);
    expect(c).toEqual((await model.encodeTokens(float32([1, 6, 4], tokens))).data);
  });

  it('the paper frees the first row, and its code decays the frozen ones', async () => {
    const model = createToyModel();
    const pixels = await toyPicture(model, 3);
    const empty = rowsOf(model.tokenEmbeddings(model.tokenize('')).data);
    const run = async (decayFrozen: boolean) => {
      const options = {
        ...quick,
        firstRow: 0,
        weightDecay: 0.5,
        decayFrozen,
        iterations: 5,
        stop: noStop,
      } as const;
      return rowsOf((await drive(findTokens(model, { pixels }, options, 1))).tokens);
    };
    const [mended, kept] = [await run(false), await run(true)];
    expect(mended[0]).not.toEqual(empty[0]);
    expect(mended.slice(4)).toEqual(empty.slice(4));
    kept[5]?.forEach((value, i) => {
      // Five steps of AdamW's decay and nothing else: lr * (1 - 0.9 k / 4) from 0.1 to 0.01.
      let expected = empty[5]?.[i] as number;
      for (let k = 0; k < 5; k++) expected *= 1 - 0.1 * (1 - (0.9 * k) / 4) * 0.5;
      expect(quick.finalRate).toBe(0.1);
      expect(value).toBeCloseTo(expected, 4);
    });
  });

  it("holds free tokens to the vocabulary's mean length", async () => {
    const model = createToyModel();
    const options = { ...quick, holdNorm: true };
    const table = model.tokenEmbeddings(Array.from({ length: 12 }, (_, i) => i)).data;
    const mean =
      Array.from({ length: 12 }, (_, i) => Math.hypot(...table.subarray(4 * i, 4 * i + 4))).reduce(
        (a, b) => a + b,
      ) / 12;
    const { tokens } = await drive(
      findTokens(model, { pixels: await toyPicture(model, 3) }, options, 1),
    );
    for (const row of rowsOf(tokens).slice(1, 5)) expect(Math.hypot(...row)).toBeCloseTo(mean, 5);
  });

  it("starts A' at A's tokens and leaves those it does not need exactly alone", async () => {
    const model = createToyModel();
    const a = await drive(findTokens(model, { pixels: await toyPicture(model, 3) }, quick, 1));
    const changed = (sparsity: number, seed: number) =>
      toyPicture(model, seed).then(async (pixels) => {
        const input = { pixels, reference: a };
        const { tokens } = await drive(findTokens(model, input, { ...quick, sparsity }, 1));
        return rowsOf(tokens).filter((row, i) => row.some((v, d) => v !== a.tokens[i * 4 + d]))
          .length;
      });
    expect(await changed(0, 9)).toBe(4);
    expect(await changed(100, 9)).toBe(0);
    const some = await changed(0.3, 9);
    expect(some).toBeLessThanOrEqual(4);
    // The same picture again needs no change, and a pull keeps noise from making one.
    expect(await changed(0.9, 3)).toBe(0);
  });

  it('stops at a low loss, or when held-out draws stop improving', async () => {
    const model = createToyModel();
    const pixels = await toyPicture(model, 3);
    const run = (stop: Partial<TokensOptions['stop']>) =>
      drive(
        findTokens(
          model,
          { pixels },
          { ...quick, iterations: 200, stop: { ...quick.stop, ...stop } },
          1,
        ),
      );
    const free = await run({ patience: 1000 });
    expect(free.iterations).toBe(200);
    expect((await run({ loss: 1e9 })).iterations).toBe(1);
    const patient = await run({ every: 5, patience: 2 });
    expect(patient.iterations).toBeLessThan(200);
    expect(patient.loss.last).toBeLessThan(patient.loss.first);
  });

  it("starts A' where the guesses differ by much at its own guess, elsewhere at A's tokens", async () => {
    const model = createToyModel({ withTokenEncoder: true });
    const options = { ...quick, start: 'predicted' } as const;
    const reference = await drive(
      findTokens(model, { pixels: await toyPicture(model, 3) }, options, 1),
    );
    const pixels = await toyPicture(model, 9);
    const start = async (changeThreshold: number) =>
      rowsOf(
        (await findTokens(model, { pixels, reference }, { ...options, changeThreshold }, 1).begin())
          .base,
      );
    const guess = rowsOf((await findTokens(model, { pixels }, options, 1).begin()).base);
    const [own, theirs] = [rowsOf(reference.tokens), rowsOf(reference.start)];
    const difference = guess.map(
      (row, i) => Math.hypot(...row.map((v, d) => v - theirs[i]![d]!)) / Math.hypot(...row),
    );
    const [least, , , most] = difference.slice(1, 5).sort((x, y) => x - y);
    expect(await start(least! / 2)).toEqual([own[0], ...guess.slice(1, 5), own[5]]);
    expect(await start(most! * 1.01)).toEqual(own);
    const between = await start((least! + most!) / 2);
    for (const i of [1, 2, 3, 4]) {
      expect(between[i]).toEqual(difference[i]! > (least! + most!) / 2 ? guess[i] : own[i]);
    }
  });

  it("takes the model's own guess where there is one", async () => {
    const model = createToyModel({ withTokenEncoder: true });
    const pixels = await toyPicture(model, 3);
    const start = async (which: 'empty' | 'predicted') =>
      (await findTokens(model, { pixels }, { ...quick, start: which }, 1).begin()).base;
    const guess = (await model.predictTokens?.(await model.encode(pixels)))?.data ?? [];
    expect(Array.from((await start('predicted')).subarray(4, 20))).toEqual(Array.from(guess));
    expect(await start('empty')).toEqual(model.tokenEmbeddings(model.tokenize('')).data);
  });

  it('resumes from a saved state, bit for bit', async () => {
    const run = async (options: { state?: TokensState; onState?: (s: TokensState) => void }) => {
      const model = createToyModel();
      const pixels = await toyPicture(model, 3);
      return drive(findTokens(model, { pixels }, { ...quick, iterations: 25 }, 1), options);
    };
    const states: Uint8Array[] = [];
    const whole = await run({ onState: (state) => states.push(pack(state)) });
    expect(states.length).toBe(25);
    for (const saved of states) {
      const resumed = await run({ state: unpack(saved) as unknown as TokensState });
      expect(pack({ ...resumed })).toEqual(pack({ ...whole }));
    }
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const model = createToyModel();
      const pixels = await toyPicture(model, 3);
      return (await drive(findTokens(model, { pixels }, { ...quick, iterations: 5 }, seed))).tokens;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(2)).not.toEqual(await run(1));
  });

  it('stops within one step, and reports as it goes', async () => {
    const model = createToyModel();
    const controller = new AbortController();
    const seen: (number | undefined)[] = [];
    const running = drive(findTokens(model, { pixels: await toyPicture(model, 3) }, quick, 1), {
      signal: controller.signal,
      onProgress: ({ phase, step, steps, loss }) => {
        expect([phase, steps]).toEqual(['tokens', 60]);
        seen.push(step);
        expect(loss).toBeGreaterThan(0);
        if (step === 4) controller.abort();
      },
    });
    await expect(running).rejects.toThrow(/abort/i);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(model.counters.unetVjp).toBe(4 * quick.batch);
  });

  it('shows a preview', async () => {
    const model = createToyModel();
    const procedure = findTokens(model, { pixels: await toyPicture(model, 3) }, quick, 1);
    const preview = await procedure.progress(await procedure.begin()).preview?.();
    expect(preview?.dims).toEqual([1, 3, 8, 8]);
  });
});

describe('draws', () => {
  const model = createToyModel();
  const batch = { seed: 1, batch: 8, variants: 8 };

  it("of the paper keep one timestep a variant, among the grid's lower eight", () => {
    const timesteps = { kind: 'per-variant', steps: 10, first: 0, last: 7 } as const;
    const first = drawBatch(model, { ...batch, timesteps }, 0);
    const second = drawBatch(model, { ...batch, timesteps }, 1);
    expect(first.map((d) => d.variant)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(second.map((d) => d.t)).toEqual(first.map((d) => d.t));
    for (const { t } of first) expect([1, 101, 201, 301, 401, 501, 601, 701]).toContain(t);
    expect(second[0]?.noise).not.toEqual(first[0]?.noise);
  });

  it('of fast cover every stratum in every iteration', () => {
    const timesteps = { kind: 'stratified', first: 1, last: 999 } as const;
    for (let k = 0; k < 50; k++) {
      const draws = drawBatch(model, { ...batch, timesteps }, k);
      draws.forEach(({ t, variant }, j) => {
        expect(t).toBeGreaterThanOrEqual(Math.floor(1 + (j * 999) / 8));
        expect(t).toBeLessThanOrEqual(Math.min(999, Math.floor(1 + ((j + 1) * 999) / 8)));
        expect(variant).toBeLessThan(8);
      });
    }
  });
});
