import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/random.ts';
import { type DiffusionModel, float32 } from '../../../src/engine/models/index.ts';
import { type DrawnCell, suggestCell } from '../../../src/engine/synthesis/index.ts';
import { chooseCell, scoresOf } from '../../../src/engine/synthesis/suggest.ts';
import { createToyModel } from '../toy-model.ts';

/** The latent that the toy's U-Net holds to be the likeliest under c: what it predicts where all is noise. */
async function likeliest(model: DiffusionModel, c: Float32Array): Promise<Float32Array> {
  const { channels, height, width } = model.latent;
  const size = channels * height * width;
  const t = 500;
  const a = model.schedule.alphasCumprod[t] as number;
  const u = await model.unet(
    float32([1, channels, height, width], new Float32Array(size)),
    [t],
    float32([1, model.text.length, model.text.width], c),
  );
  // The toy's answer at z = 0, solved for mu: sqrt(1 - a) (0 - sqrt(a) mu) / (0.2 a + 1 - a).
  return u.data.map((v) => (-v * (0.2 * a + 1 - a)) / Math.sqrt(a * (1 - a)));
}

async function given(model = createToyModel({ bend: 0 })) {
  const features = model.text.length * model.text.width;
  const { channels, height, width } = model.latent;
  const c = createRandom(1, 'c').gaussians(features);
  const direction = createRandom(2, 'e').gaussians(features);
  const [from, to] = await Promise.all(
    [c, c.map((v, i) => v + (direction[i] as number))].map((text) => likeliest(model, text)),
  );
  /** A picture that is `share` of the way from what c describes to what c + e describes. */
  const pictureAt = async (share: number, blur = 0) => {
    const random = createRandom(3, 'blur').gaussians(from?.length ?? 0);
    const z = (from as Float32Array).map(
      (v, i) => v + share * ((to?.[i] as number) - v) + blur * (random[i] as number),
    );
    return (await model.decode(float32([1, channels, height, width], z))).data;
  };
  const cells = (shares: Record<number, number>, sigma = 1): Promise<DrawnCell[]> =>
    Promise.all(
      // By strength: keys that are whole numbers would come first.
      Object.entries(shares)
        .toSorted(([a], [b]) => Number(a) - Number(b))
        .map(async ([lambda, share]) => ({
          lambda: Number(lambda),
          sigma,
          pixels: await pictureAt(share),
        })),
    );
  return { model, c, direction, b: await pictureAt(0), pictureAt, cells };
}

describe('suggestCell', () => {
  it('takes the weakest of those that went as far as the analogy asks', async () => {
    const { model, cells, ...rest } = await given();
    const lambdas = async (shares: Record<number, number>) => {
      const drawn = await cells(shares);
      const { index } = await suggestCell(model, { ...rest, cells: drawn });
      return drawn[index]?.lambda;
    };
    expect(await lambdas({ 0: 0, 0.5: 0.1, 1: 0.3, 1.5: 1, 2: 1.2 })).toBe(1.5);
    expect(await lambdas({ 0: 0, 0.5: 0.95, 1: 1, 1.5: 1.1, 2: 1.2 })).toBe(0.5);
    expect(await lambdas({ 0: 0, 0.5: 0, 1: 0.02, 1.5: 0.05, 2: 0.6 })).toBe(2);
  });

  it('gives each compared cell a score, whatever the others are and wherever they stand', async () => {
    const { model, cells, ...rest } = await given();
    const drawn = await cells({ 0: 0, 0.5: 0.4, 1: 1 });
    const { index, scores } = await suggestCell(model, { ...rest, cells: drawn });
    expect(index).toBe(2);
    expect(scores[0]).toBeUndefined();
    expect(scores[2]?.moved).toBe(1);
    expect(scores[1]?.moved).toBeGreaterThan(0.1);
    expect(scores[1]?.moved).toBeLessThan(0.85);
    expect(scores[2]?.lost).toBeGreaterThan(scores[1]?.lost as number);
    const turned = await suggestCell(model, { ...rest, cells: drawn.toReversed() });
    expect(turned.scores.toReversed()).toEqual(scores);
    expect(turned.index).toBe(0);
  });

  it('of cells as strong as each other by two dials, takes the one that keeps most of B', async () => {
    const { model, cells, pictureAt, ...rest } = await given();
    const [far] = await cells({ 2: 1 }, 2);
    const spoilt = { lambda: 1, sigma: 4, pixels: await pictureAt(1, 0.4) };
    const drawn = [spoilt, far as DrawnCell];
    expect((await suggestCell(model, { ...rest, cells: drawn })).index).toBe(1);
    const [weaker] = await cells({ 1: 1 }, 2);
    const three = [...drawn, weaker as DrawnCell];
    expect((await suggestCell(model, { ...rest, cells: three })).index).toBe(2);
  });

  it('turns the direction round for negative strengths, which count only among themselves', async () => {
    const { model, cells, ...rest } = await given();
    const back = await cells({ [-2]: -1.2, [-1]: -1, [-0.5]: -0.2, 0: 0 });
    const { index } = await suggestCell(model, { ...rest, cells: back });
    expect(back[index]?.lambda).toBe(-1);
    const both = [...back, ...(await cells({ 0.5: 0.3, 1: 1 }))];
    const { index: forth, scores } = await suggestCell(model, { ...rest, cells: both });
    expect(both[forth]?.lambda).toBe(1);
    expect(scores.map((score) => score !== undefined)).toEqual(
      both.map(({ lambda }) => lambda > 0),
    );
  });

  it('never takes lambda 0 but where there is nothing else', async () => {
    const { model, cells, ...rest } = await given();
    // Nothing moved at all.
    const still = await cells({ 0: 0, 0.5: 0, 1: 0 });
    const { index, scores } = await suggestCell(model, { ...rest, cells: still });
    expect(still[index]?.lambda).toBe(0.5);
    expect(scores.map((score) => score?.moved)).toEqual([undefined, 0, 0]);
    const alone = await cells({ 0: 0 });
    expect((await suggestCell(model, { ...rest, cells: alone })).index).toBe(0);
    await expect(suggestCell(model, { ...rest, cells: [] })).rejects.toThrow(RangeError);
  });

  it('costs two evaluations a draw for B and each cell compared, and none without a choice', async () => {
    const { model, cells, ...rest } = await given();
    const drawn = await cells({ [-1]: -1, 0: 0, 0.5: 0.4, 1: 1 });
    const before = model.counters.unetForward;
    await suggestCell(model, { ...rest, cells: drawn }, { draws: 4 });
    expect(model.counters.unetForward - before).toBe(2 * 4 * 3);
    await suggestCell(model, { ...rest, cells: drawn.slice(1, 3) });
    expect(model.counters.unetForward - before).toBe(2 * 4 * 3);
  });

  it('works on models that predict v, and ends when it is told to', async () => {
    const { model, cells, ...rest } = await given(
      createToyModel({ prediction: 'v_prediction', bend: 0 }),
    );
    const drawn = await cells({ 0: 0, 0.5: 0.1, 1: 1 });
    await expect(
      suggestCell(model, { ...rest, cells: drawn }, { signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    const { scores } = await suggestCell(model, { ...rest, cells: drawn });
    expect(scores.map((score) => score?.moved)).toEqual([undefined, expect.any(Number), 1]);
  });
});

describe('the choice', () => {
  it('is by share of the way, then by strength, then by what was lost', () => {
    const scores = scoresOf(-2, [
      { evidence: 0, strength: 1, lost: 0.1 },
      { evidence: 2, strength: 3, lost: 0.1 },
      { evidence: 1.8, strength: 2, lost: 0.3 },
      { evidence: 1.8, strength: 2, lost: 0.2 },
      { evidence: 1.8, strength: 2, lost: 0.2 },
    ]);
    expect(scores.map(({ moved }) => moved)).toEqual([0.5, 1, 0.95, 0.95, 0.95]);
    expect(chooseCell(scores, 0.9)).toBe(3);
    expect(chooseCell(scores, 0.4)).toBe(0);
    expect(chooseCell(scores, 1)).toBe(1);
  });

  it('is the weakest where nothing went towards the analogy', () => {
    const scores = scoresOf(1, [
      { evidence: 0.5, strength: 2, lost: 0.2 },
      { evidence: 1, strength: 1, lost: 0.3 },
    ]);
    expect(scores.map(({ moved }) => moved)).toEqual([0, 0]);
    expect(chooseCell(scores, 0.85)).toBe(1);
    expect(() => chooseCell([], 0.85)).toThrow(RangeError);
  });
});
