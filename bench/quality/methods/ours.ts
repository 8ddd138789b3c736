import { createHash } from 'node:crypto';
import { memoryCache, openCache, type Records, records } from '../../../src/cache/index.ts';
import { fromModelPixels, toModelPixels } from '../../../src/engine/intake/index.ts';
import { type FixedPointOptions, presets } from '../../../src/engine/inversion/index.ts';
import type { DiffusionModel } from '../../../src/engine/models/index.ts';
import {
  createInverter,
  lookUp,
  type PipelinePicture,
  runAnalogy,
} from '../../../src/engine/pipeline/index.ts';
import { type Cell as PipelineCell, suggestCell } from '../../../src/engine/synthesis/index.ts';
import { presetWith } from '../../common/preset.ts';
import type { Analogy, Subject } from '../analogies.ts';
import { psnr } from '../judge.ts';
import type { Plan } from '../plan.ts';
import type { Cost, RoundTrip } from '../record.ts';
import { latentOf, picturesOf } from './features.ts';
import { type Cell, type Dial, dialOf, type Method } from './method.ts';

/** The product itself, by the door that its commands use. */
export interface Ours extends Method {
  /** How it looks for B's noise; also when the preset takes another way. */
  readonly fixedPoint: FixedPointOptions;
  /** What the inversions of the last analogy took. */
  cost(): Cost;
  /** The cell of the last analogy that would be offered first. */
  suggested(): Dial | undefined;
  /** B' at lambda = 0 against B. */
  roundTrip(analogy: Analogy, guidances: readonly number[]): Promise<RoundTrip>;
}

/** What the product needs of a plan. */
export type OursPlan = Pick<
  Plan,
  'preset' | 'overrides' | 'mode' | 'lambdas' | 'guidances' | 'cache'
>;

export function createOurs(model: DiffusionModel, plan: OursPlan): Ours {
  const { mode, lambdas, guidances, cache } = plan;
  const preset = presetWith(plan.preset, plan.overrides);
  const kept: Records = records(cache === 'none' ? memoryCache() : openCache(cache));
  const inverter = createInverter(model, { preset, seed: 0, scope: 'bench' });
  const grid = guidances.flatMap((sigma) => lambdas.map((lambda) => ({ lambda, sigma })));
  let cost: Cost = { unetForward: 0, unetVjp: 0, seconds: 0, cached: true };
  let suggested: Dial | undefined;

  const run = async (
    { a, a2, b }: Analogy,
    cells: readonly PipelineCell[],
    signal?: AbortSignal,
  ) => {
    const pictures = [a, a2, b].map((subject) => pictureOf(model, subject));
    const [first, second, third] = pictures as [PipelinePicture, PipelinePicture, PipelinePicture];
    const request = { a: first, aPrime: second, b: third, cells, mode, preset, seed: 0 };
    return runAnalogy(model, request, { records: kept, scope: 'bench', signal });
  };

  return {
    id: 'ours',
    title: 'Likewise',
    fixedPoint: preset.fixedPoint ?? (presets.fast.fixedPoint as FixedPointOptions),
    async cells(analogy, signal) {
      const { images, cells, direction } = await run(analogy, grid, signal);
      const b = pictureOf(model, analogy.b);
      const described = await lookUp(inverter.tokens(b), kept);
      const order = described && { c: described.c, direction, b: b.pixels, cells };
      const cell = order && cells[(await suggestCell(model, order, { signal })).index];
      suggested = cell && dialOf({ lambda: cell.lambda, guidance: cell.sigma });
      const sum = (value: (image: (typeof images)[number]) => number) =>
        images.reduce((total, image) => total + value(image), 0);
      cost = {
        unetForward: sum((image) => image.unetForward),
        unetVjp: sum((image) => image.unetVjp),
        seconds: Number(sum((image) => image.seconds).toFixed(3)),
        cached: images.some((image) => image.cached),
      };
      return cells.map(
        ({ lambda, sigma, pixels }): Cell => ({
          dial: dialOf({ lambda, guidance: sigma }),
          picture: fromModelPixels(pixels, model.image).rgb,
        }),
      );
    },
    cost: () => cost,
    suggested: () => suggested,
    async roundTrip(analogy, sigmas) {
      const b = analogy.b.picture;
      const [decoded] = await picturesOf(model, [await latentOf(model, b)]);
      const cells = sigmas.map((sigma) => ({ lambda: 0, sigma }));
      const { cells: made } = await run(analogy, cells);
      const db = (pixels: Float32Array) => round(psnr(fromModelPixels(pixels, model.image).rgb, b));
      return {
        autoencoderDb: round(psnr(decoded as Uint8Array, b)),
        lambdaZeroDb: Object.fromEntries(
          made.map(({ sigma, pixels }) => [String(sigma), db(pixels)]),
        ),
      };
    },
  };
}

function pictureOf(model: DiffusionModel, { picture }: Subject): PipelinePicture {
  const pixels = toModelPixels({ rgb: picture, ...model.image });
  return { pixels, sha256: createHash('sha256').update(picture).digest('hex') };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
