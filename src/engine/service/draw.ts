import { type Packable, records } from '../../cache/index.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import type { ThreadDevice } from '../device/index.ts';
import {
  type CanonicalPicture,
  crop,
  fromModelPixels,
  letterbox,
  type RgbPicture,
  toModelPixels,
} from '../intake/index.ts';
import type { PictureNoise, TokensResult } from '../inversion/index.ts';
import { type Order, ResultGoneError } from '../jobs/index.ts';
import type { JobRequest, JobResult, Output, Owner } from '../protocol.ts';
import {
  decodePng,
  encodePng,
  type GridCell,
  renderAnimation,
  renderGrid,
} from '../render/index.ts';
import type { GuidanceMode } from '../synthesis/index.ts';
import type { Example } from './analogies.ts';
import { type DirectionsOptions, directionOf, type Found } from './directions.ts';
import type { Files } from './files.ts';
import type { Needed } from './needed.ts';
import type { Pictures } from './pictures.ts';
import { cellsOf, type Dial, idsOf, inputOf, type RenderInput } from './requests.ts';

export interface Drawing extends DirectionsOptions {
  readonly device: Pick<ThreadDevice, 'model' | 'features' | 'keyOf' | 'render' | 'suggest'>;
  readonly pictures: Pictures;
  readonly files: Files;
  readonly seed: number;
  readonly mode: GuidanceMode;
  readonly needed: Needed;
}

/**
 * Draws some of a job's cells, as files; the last time also what is shown of all of them.
 * @returns the job's result, the last time
 */
export async function draw(options: Drawing, order: Order, signal: AbortSignal): Promise<Packable> {
  const { device, pictures, files, preset, mode } = options;
  const { request, cells, first, isLast } = inputOf(order.task) as RenderInput;
  const { owner, job } = order;
  const ids = idsOf(job);
  const b = await pictures.get(owner, request.b);
  const found = await directionOf(options, order, request);
  const { tokens, noise } = await inverted(options, order, request, b.sha256);
  const drawn = await device.render(
    {
      noise: noise.noise,
      c: tokens.c,
      direction: found.stored.direction,
      cells: cells.map(({ lambda, guidance }) => ({ lambda, sigma: guidance })),
      mode,
      steps: preset.steps,
    },
    signal,
  );
  const isTransient = request.kind === 'render' && request.transient === true;
  const keep = async (id: string, type: string, bytes: Uint8Array) => {
    if (isTransient) {
      files.hold(owner, id, { type, bytes });
      return id;
    }
    options.needed.add(job, files.keyOf(owner.tenant, id));
    await files.keep(owner, id, { type, bytes });
    return id;
  };
  const pieces = drawn.map((pixels) => crop(fromModelPixels(pixels, b), b.crop));
  for (const [i, picture] of pieces.entries()) {
    await keep(ids.cell(first + i), 'image/png', await encodePng(picture));
  }
  if (!isLast) return null;

  const all = cellsOf(request);
  const shown = await Promise.all(
    all.map(async (dial, i): Promise<GridCell> => {
      const mine = pieces[i - first];
      const picture = mine ?? (await drawnBefore(options, owner, ids.cell(i)));
      return { ...dial, picture };
    }),
  );
  const output = request.kind === 'render' ? request.output : 'grid';
  const suggested = await suggestedOf(options, { b, c: tokens.c, found, shown, output }, signal);
  const result: JobResult = {
    analogy: await kept(options, owner, ids.analogy, found),
    b: request.b,
    cells: all.map((dial, i) => ({ ...dial, file: ids.cell(i) })),
    ...(suggested && { suggested }),
  };
  if (output === 'cells') return { ...result } as Packable;
  if (output === 'grid') {
    const example = await exampleOf(options, owner, found.example);
    const grid = await renderGrid({ b: crop(b, b.crop), example, cells: shown, suggested });
    return { ...result, grid: await keep(ids.grid, 'image/png', grid) } as Packable;
  }
  // A sweep of the strengths at one guidance: the first that was asked for.
  const sweep = shown.filter(({ guidance }) => guidance === all[0]?.guidance);
  const moving = await renderAnimation(sweep, { format: output });
  const animation = await keep(ids.animation, `image/${output}`, moving);
  return { ...result, animation } as Packable;
}

/** @throws ResultGoneError for one that is no longer kept: then all are drawn again */
async function drawnBefore({ files }: Drawing, owner: Owner, id: string): Promise<RgbPicture> {
  try {
    return await decodePng((await files.get(owner, id)).bytes);
  } catch (error) {
    if (!isLikewiseError(error) || error.code !== 'FILE_UNKNOWN') throw error;
    throw new ResultGoneError(`${id} is no longer kept`);
  }
}

/** c_B and eps_B. @throws LikewiseError `INVERSION_GONE` for a render, which inverts nothing */
async function inverted(options: Drawing, order: Order, request: JobRequest, sha256: string) {
  const { cache } = options;
  const keys =
    request.kind === 'render'
      ? await inversionKeys(options, order.owner, sha256)
      : { tokens: order.before.at(-2) ?? '', noise: order.before.at(-1) ?? '' };
  const read = records(cache, { owner: null });
  const [tokens, noise] = [await read.get(keys.tokens), await read.get(keys.noise)];
  if (tokens !== undefined && noise !== undefined) {
    return {
      tokens: tokens as unknown as TokensResult,
      noise: noise as unknown as PictureNoise,
    };
  }
  if (request.kind === 'render') throw new LikewiseError('INVERSION_GONE', {});
  throw new ResultGoneError('what was found about B is no longer kept');
}

/** Under which what is found about B is kept. */
export async function inversionKeys(
  { device, preset, seed }: Pick<Drawing, 'device' | 'preset' | 'seed'>,
  { tenant }: Owner,
  sha256: string,
): Promise<{ tokens: string; noise: string }> {
  const picture = { pixels: new Float32Array(0), sha256 };
  const common = { preset, seed, scope: tenant, picture };
  const tokens = await device.keyOf({ ...common, kind: 'tokens' });
  // Of what is described, the key alone decides the key.
  const described = { key: tokens } as never;
  return { tokens, noise: await device.keyOf({ ...common, kind: 'noise', described }) };
}

/** The id by which the direction can be applied again. */
async function kept(
  { analogies }: Drawing,
  owner: Owner,
  id: string,
  { stored, example, id: known }: Found,
): Promise<string> {
  if (known !== undefined) return known;
  await analogies.keep(owner, id, stored, example);
  return id;
}

/** A and A' in their own shape, where both are there still. */
async function exampleOf(
  { pictures }: Drawing,
  owner: Owner,
  example: Example | undefined,
): Promise<{ a: RgbPicture; a2: RgbPicture } | undefined> {
  if (!example) return undefined;
  try {
    const [a, a2] = [
      await pictures.get(owner, example.a),
      await pictures.get(owner, example.aPrime),
    ];
    return { a: crop(a, a.crop), a2: crop(a2, a2.crop) };
  } catch (error) {
    if (isLikewiseError(error) && error.code === 'FILE_UNKNOWN') return undefined;
    throw error;
  }
}

/** What a suggestion is made of. */
interface Shown {
  readonly b: CanonicalPicture;
  readonly c: Float32Array;
  readonly found: Found;
  readonly shown: readonly GridCell[];
  readonly output: Output;
}

/** The cell to look at first, where there are several to choose from. */
async function suggestedOf(
  { device }: Drawing,
  { b, c, found, shown, output }: Shown,
  signal: AbortSignal,
): Promise<Dial | undefined> {
  if (output !== 'grid' || shown.length < 2) return undefined;
  const size = device.model.image;
  const cells = shown.map(({ lambda, guidance, picture }) => ({
    lambda,
    sigma: guidance,
    // In the frame again, as the model drew it, but for what the frame adds.
    pixels: toModelPixels(letterbox(picture, size)),
  }));
  const { direction } = found.stored;
  const order = { c, direction, b: toModelPixels(b), cells };
  const best = shown[await device.suggest(order, signal)];
  return best && { lambda: best.lambda, guidance: best.guidance };
}
