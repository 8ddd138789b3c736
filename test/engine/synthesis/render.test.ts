import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/engine/inversion/random.ts';
import type { DiffusionModel } from '../../../src/engine/models/index.ts';
import { float32 } from '../../../src/engine/models/index.ts';
import {
  type Cell,
  clamped,
  ddimGrid,
  ddimStep,
  emptyFeatures,
  guidanceTerms,
  type RenderOptions,
  render,
} from '../../../src/engine/synthesis/index.ts';
import { createToyModel } from '../toy-model.ts';

const lambdas = [0, 0.5, 1, 1.5, -1];
const sigmas = [0, 1, 3, 7];
const cells: Cell[] = lambdas.flatMap((lambda) => sigmas.map((sigma) => ({ lambda, sigma })));

function input(model: DiffusionModel) {
  const { channels, height, width } = model.latent;
  const features = model.text.length * model.text.width;
  return {
    noise: createRandom(1, 'noise').gaussians(channels * height * width),
    c: createRandom(1, 'c').gaussians(features),
    direction: createRandom(1, 'e').gaussians(features),
  };
}

describe('render', () => {
  for (const mode of ['anchored', 'classic'] as const) {
    it(`gives a cell the same bytes in any company: ${mode}`, async () => {
      const model = createToyModel();
      const given = input(model);
      const together = await render(model, { ...given, cells }, { mode });
      for (const [i, cell] of cells.entries()) {
        const alone = await render(model, { ...given, cells: [cell] }, { mode });
        expect(alone[0]).toEqual(together[i]);
      }
      const backwards = await render(model, { ...given, cells: cells.toReversed() }, { mode });
      expect(backwards.toReversed()).toEqual(together);
    });
  }

  it('anchored gives B back at lambda 0, with the same bytes at every sigma', async () => {
    const model = createToyModel();
    const given = input(model);
    const pictures = await render(model, {
      ...given,
      cells: sigmas.map((sigma) => ({ lambda: 0, sigma })),
    });
    for (const picture of pictures) expect(picture).toEqual(pictures[0]);
    expect(pictures[0]).toEqual((await plain(model, given.noise, given.c))[0]);
    const edited = await render(model, { ...given, cells: [{ lambda: 1, sigma: 1 }] });
    expect(edited[0]).not.toEqual(pictures[0]);
  });

  it('classic does not, except at sigma 1', async () => {
    const model = createToyModel();
    const given = input(model);
    const [one, three] = await render(
      model,
      {
        ...given,
        cells: [
          { lambda: 0, sigma: 1 },
          { lambda: 0, sigma: 3 },
        ],
      },
      { mode: 'classic' },
    );
    expect(one).toEqual((await plain(model, given.noise, given.c))[0]);
    expect(three).not.toEqual(one);
  });

  it('follows Eq. 1 with guidance, step by step', async () => {
    const model = createToyModel();
    const given = input(model);
    const edited = given.c.map((value, i) => value + 1.5 * (given.direction[i] as number));
    for (const mode of ['anchored', 'classic'] as const) {
      const base = mode === 'anchored' ? given.c : await emptyFeatures(model);
      let x: Float32Array = given.noise;
      for (const step of ddimGrid(model.schedule, 5)) {
        const [ub, ue] = [await unet(model, x, step.t, base), await unet(model, x, step.t, edited)];
        x = ddimStep(
          step,
          x,
          ub.map((u, i) => u + 3 * ((ue[i] as number) - u)),
        );
      }
      const expected = clamped((await model.decode(latents(model, x))).data);
      const [picture] = await render(
        model,
        { ...given, cells: [{ lambda: 1.5, sigma: 3 }] },
        { mode, steps: 5 },
      );
      picture?.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 4);
      });
    }
  });

  it('asks for no branch that it does not need', async () => {
    const count = async (asked: Cell[], options: RenderOptions = {}) => {
      const model = createToyModel();
      await render(model, { ...input(model), cells: asked }, options);
      return model.counters.unetForward;
    };
    expect(
      await count([
        { lambda: 0, sigma: 3 },
        { lambda: 0, sigma: 7 },
      ]),
    ).toBe(10);
    expect(await count([{ lambda: 1, sigma: 1 }])).toBe(10);
    expect(await count([{ lambda: 1, sigma: 3 }])).toBe(20);
    // lambda 0 shares its first step with the base of lambda 1.
    expect(
      await count([
        { lambda: 0, sigma: 3 },
        { lambda: 1, sigma: 3 },
      ]),
    ).toBe(29);
    // Both sigmas share both branches of the first step.
    expect(
      await count([
        { lambda: 1, sigma: 3 },
        { lambda: 1, sigma: 7 },
      ]),
    ).toBe(38);
    expect(await count([{ lambda: 1, sigma: 3 }], { mode: 'classic' })).toBe(20);
    expect(await count([{ lambda: 1, sigma: 1 }], { mode: 'classic' })).toBe(10);
  });

  it('stops within a step', async () => {
    const model = createToyModel();
    const controller = new AbortController();
    const running = render(
      model,
      { ...input(model), cells: [{ lambda: 1, sigma: 1 }] },
      { signal: controller.signal, onStep: (step) => step === 3 && controller.abort() },
    );
    await expect(running).rejects.toThrow(/abort/i);
    expect(model.counters.unetForward).toBe(3);
  });

  it('refuses numbers that make no picture', () => {
    const c = new Float32Array(2);
    const terms = (lambda: number, sigma: number) =>
      guidanceTerms({ mode: 'anchored', c, direction: c }, [{ lambda, sigma }]);
    expect(() => terms(Number.NaN, 1)).toThrow(RangeError);
    expect(() => terms(1, Number.POSITIVE_INFINITY)).toThrow(RangeError);
    expect(() => terms(1, -1)).toThrow(RangeError);
    expect(() => guidanceTerms({ mode: 'classic', c, direction: c }, [])).toThrow(TypeError);
  });
});

const latents = (model: DiffusionModel, z: Float32Array) =>
  float32([1, model.latent.channels, model.latent.height, model.latent.width], z);

async function unet(model: DiffusionModel, z: Float32Array, t: number, c: Float32Array) {
  const context = float32([1, model.text.length, model.text.width], c);
  return (await model.unet(latents(model, z), [t], context)).data;
}

/** The sampler without guidance, written out. */
async function plain(model: DiffusionModel, noise: Float32Array, c: Float32Array) {
  let x = noise;
  for (const step of ddimGrid(model.schedule, 10)) {
    x = ddimStep(step, x, await unet(model, x, step.t, c));
  }
  return [clamped((await model.decode(latents(model, x))).data)];
}
