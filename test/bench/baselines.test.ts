import { describe, expect, it } from 'vitest';
import type { Analogy, Subject } from '../../bench/quality/analogies.ts';
import { psnr } from '../../bench/quality/judge.ts';
import { featuresOf, latentOf, picturesOf } from '../../bench/quality/methods/features.ts';
import { captionsImg2img } from '../../bench/quality/methods/img2img.ts';
import { createOurs } from '../../bench/quality/methods/ours.ts';
import { addDifference, pixelDifference } from '../../bench/quality/methods/pixels.ts';
import { trueFeatures } from '../../bench/quality/methods/upper.ts';
import type { Plan } from '../../bench/quality/plan.ts';
import { methodsOf, runOne } from '../../bench/quality/run-one.ts';
import { fromModelPixels } from '../../src/engine/intake/index.ts';
import type { DiffusionModel } from '../../src/engine/models/index.ts';
import { parseCaption } from '../../training/avatars/attributes.ts';
import { createToyModel, toyPicture } from '../engine/toy-model.ts';

/** The toy reads numbers: a word's is made of its letters. */
function toy(): DiffusionModel {
  const model = createToyModel();
  const number = (word: string) => 2 + ([...word].reduce((n, c) => n + c.charCodeAt(0), 0) % 10);
  return {
    ...model,
    tokenize: (text) =>
      model.tokenize(text.split(' ').slice(4).filter(Boolean).map(number).join(' ')),
  };
}

async function analogyOf(model: DiffusionModel): Promise<Analogy> {
  const subject = async (mouth: string, background: string, seed: number): Promise<Subject> => ({
    attributes: parseCaption(`micah pale bob red ${mouth} none none none ${background} red`),
    look: {} as Subject['look'],
    picture: fromModelPixels((await toyPicture(model, seed)).data, model.image).rgb,
  });
  return {
    index: 0,
    across: false,
    change: { kind: 'mouth', slot: 'mouth', from: 'smile', to: 'sad' },
    a: await subject('smile', 'blue', 1),
    a2: await subject('sad', 'blue', 2),
    b: await subject('smile', 'green', 3),
    truth: await subject('sad', 'green', 4),
  };
}

const steps = 10;
const noise = { steps, iterations: 8, tolerance: 1e-5 };

describe('pixel difference', () => {
  it("is clip(B + lambda (A' - A)), rounded", () => {
    const [a, a2, b] = [
      Uint8Array.of(10, 200, 7),
      Uint8Array.of(20, 100, 7),
      Uint8Array.of(250, 30, 5),
    ];
    expect(addDifference(a, a2, b, 1)).toEqual(Uint8Array.of(255, 0, 5));
    expect(addDifference(a, a2, b, 0.25)).toEqual(Uint8Array.of(252, 5, 5));
    expect(addDifference(a, a2, b, 0)).toEqual(b);
  });

  it('has a cell for each strength', async () => {
    const model = toy();
    const cells = await pixelDifference([0, 0.5]).cells(await analogyOf(model));
    expect(cells.map(({ dial }) => dial)).toEqual(['lambda 0', 'lambda 0.5']);
  });
});

describe('captions with img2img', () => {
  const options = { strengths: [0.2, 0.8], lambdas: [0, 1], sigma: 3, steps, seed: 1 };

  it('makes every strength under every lambda, the same each time', async () => {
    const model = toy();
    const analogy = await analogyOf(model);
    const cells = await captionsImg2img(model, options).cells(analogy);
    expect(cells.map(({ dial }) => dial)).toEqual([
      'strength 0.2, lambda 0',
      'strength 0.2, lambda 1',
      'strength 0.8, lambda 0',
      'strength 0.8, lambda 1',
    ]);
    expect(await captionsImg2img(model, options).cells(analogy)).toEqual(cells);
    const other = await captionsImg2img(model, { ...options, seed: 2 }).cells(analogy);
    expect(other[3]?.picture).not.toEqual(cells[3]?.picture);
  });

  it('keeps more of B the weaker it is, and is moved by the captions', async () => {
    const model = toy();
    const analogy = await analogyOf(model);
    const cells = await captionsImg2img(model, options).cells(analogy);
    const [weak, , strong, moved] = cells.map(({ picture }) => psnr(picture, analogy.b.picture));
    expect(weak).toBeGreaterThan(strong as number);
    expect(moved).not.toBe(strong);
    // Without a change of caption there is no direction.
    const still = await captionsImg2img(model, options).cells({ ...analogy, a2: analogy.a });
    expect(still[3]?.picture).toEqual(still[2]?.picture);
  });

  it('asks the U-Net for as many steps as the strength says, twice for guidance', async () => {
    const model = toy();
    await captionsImg2img(model, options).cells(await analogyOf(model));
    expect(model.counters.unetForward).toBe((2 + 8) * 2 * 2);
  });
});

describe('true captions with our noise', () => {
  it('gives B back at lambda = 0, at every guidance', async () => {
    const model = toy();
    const analogy = await analogyOf(model);
    const bound = trueFeatures(model, {
      lambdas: [0, 1],
      guidances: [1, 5],
      mode: 'anchored',
      noise,
    });
    const cells = await bound.cells(analogy);
    expect(cells.map(({ dial }) => dial)).toEqual([
      'lambda 0, guidance 1',
      'lambda 1, guidance 1',
      'lambda 0, guidance 5',
      'lambda 1, guidance 5',
    ]);
    const [decoded] = await picturesOf(model, [await latentOf(model, analogy.b.picture)]);
    expect(psnr(cells[0]?.picture as Uint8Array, decoded as Uint8Array)).toBeGreaterThan(40);
    expect(cells[2]?.picture).toEqual(cells[0]?.picture);
    expect(cells[1]?.picture).not.toEqual(cells[0]?.picture);
  });

  it('reads captions as the model does', async () => {
    const model = toy();
    const [one, same, other] = await featuresOf(model, ['a b c d 3', 'a b c d 3', 'a b c d 4']);
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });
});

describe('a whole analogy', () => {
  it('is drawn, answered by every method, judged and written down', async () => {
    const model = toy();
    // Analogies are 128 pixels a side: the toy sees every sixteenth pixel, and draws blocks.
    const plan: Plan = {
      seed: 3,
      split: 'test',
      model: 'toy',
      preset: 'fast',
      overrides: { 'tokens.iterations': 2, 'tokens.count': 4, 'tokens.holdNorm': false },
      mode: 'anchored',
      lambdas: [0, 1],
      guidances: [3],
      suggested: { lambda: 1, guidance: 3 },
      methods: ['ours', 'upper', 'captions', 'pixels'],
      strengths: [0.5],
      roundTripEvery: 1,
      roundTripGuidances: [1, 7],
      shown: [0],
      cache: 'none',
      threads: 1,
    };
    const wide = blocks(model);
    const ours = createOurs(wide, plan);
    const record = await runOne(plan, 0, methodsOf(plan, wide, ours), ours);
    expect(record).toMatchObject({ index: 0, split: 'test', change: { kind: 'mouth' } });
    expect(Object.keys(record.verdicts)).toEqual(plan.methods);
    expect(record.verdicts.ours?.['lambda 1, guidance 3']).toMatchObject({ right: false });
    // Of lambda 0 and 1, only one can be offered.
    expect(record.suggested).toEqual({ ours: 'lambda 1, guidance 3' });
    expect(record.inversion).toMatchObject({ cached: false });
    expect(record.inversion?.unetVjp).toBeGreaterThan(0);
    const { autoencoderDb, lambdaZeroDb } = record.roundTrip ?? {
      autoencoderDb: 0,
      lambdaZeroDb: {},
    };
    expect(lambdaZeroDb[1]).toBe(lambdaZeroDb[7]);
    expect(Math.abs(autoencoderDb - (lambdaZeroDb[1] ?? 0))).toBeLessThan(0.5);
    expect(Object.keys(record.pictures ?? {})).toEqual([
      ...['a', 'a2', 'b', 'truth'],
      ...['ours lambda 0, guidance 3', 'ours lambda 1, guidance 3'],
      ...['upper lambda 0, guidance 3', 'upper lambda 1, guidance 3'],
      ...['captions strength 0.5, lambda 0', 'captions strength 0.5, lambda 1'],
      ...['pixels lambda 0', 'pixels lambda 1'],
    ]);
  });
});

/** The toy model behind pictures of 128 pixels a side, in blocks of 16. */
function blocks(model: DiffusionModel): DiffusionModel {
  const [side, block] = [128, 16];
  const small = side / block;
  const at = (c: number, y: number, x: number, width: number) => (c * width + y) * width + x;
  const each = (
    count: number,
    size: number,
    f: (n: number, c: number, y: number, x: number) => number,
  ) =>
    Float32Array.from({ length: count * 3 * size * size }, (_, i) =>
      f(
        Math.floor(i / (3 * size * size)),
        Math.floor(i / (size * size)) % 3,
        Math.floor(i / size) % size,
        i % size,
      ),
    );
  return {
    ...model,
    image: { height: side, width: side },
    encode(pixels) {
      const [count = 0] = pixels.dims;
      const data = each(count, small, (n, c, y, x) => {
        const i = n * 3 * side * side + at(c, y * block, x * block, side);
        return pixels.data[i] as number;
      });
      return model.encode({ dtype: 'float32', dims: [count, 3, small, small], data });
    },
    async decode(z) {
      const { dims, data } = await model.decode(z);
      const [count = 0] = dims;
      const large = each(count, side, (n, c, y, x) => {
        const [by, bx] = [Math.floor(y / block), Math.floor(x / block)];
        return data[n * 3 * small * small + at(c, by, bx, small)] as number;
      });
      return { dtype: 'float32', dims: [count, 3, side, side], data: large };
    },
  };
}
