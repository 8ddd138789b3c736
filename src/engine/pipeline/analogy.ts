import type { Records } from '../../cache/index.ts';
import {
  drive,
  type PictureNoise,
  type Preset,
  type Progress,
  presets,
  tokensOptions,
} from '../inversion/index.ts';
import type { DiffusionModel } from '../models/index.ts';
import { type Cell, type GuidanceMode, render } from '../synthesis/index.ts';
import {
  createInverter,
  type Described,
  type Inversion,
  lookUp,
  type PipelinePicture,
} from './inversions.ts';

export type Role = 'A' | "A'" | 'B';

export interface AnalogyRequest {
  a: PipelinePicture;
  aPrime: PipelinePicture;
  b: PipelinePicture;
  /** What to render, in this order. */
  cells: readonly Cell[];
  /** @default 'anchored' */
  mode?: GuidanceMode;
  /** See `RenderOptions`. @default 0 */
  focus?: number;
  /** @default the `fast` one */
  preset?: Preset;
  /** Of everything that is random. @default 0 */
  seed?: number;
}

export interface AnalogyOptions {
  /** Where inversions are kept; without, every run finds them again. */
  records?: Records | undefined;
  /** Whose pictures these are; see `InverterOptions`. @default 'local' */
  scope?: string;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: AnalogyProgress) => void;
}

export interface AnalogyProgress extends Progress {
  /** Which picture is being inverted; undefined while B' is drawn. */
  role: Role | undefined;
  /** Share of the whole run, 0 to 1, by the most that each part may take; never falls. */
  fraction: number;
}

/** What became of one picture, for reports. */
export interface ImageReport {
  role: Role;
  sha256: string;
  /** Everything that was needed of it was kept from before. */
  cached: boolean;
  /** U-Net evaluations, counted per sample of a batch. */
  unetForward: number;
  unetVjp: number;
  seconds: number;
  /** Eq. 2, at the start and at the end. */
  tokenLoss: { first: number; last: number };
  /** B only; see `PictureNoise`. */
  reconstructionDb?: number;
  autoencoderDb?: number;
}

export interface AnalogyResult {
  images: ImageReport[];
  /** B' of each cell, [3, H, W] in [-1, 1]; `seconds` is its share of the renders. */
  cells: { lambda: number; sigma: number; pixels: Float32Array; seconds: number }[];
  /** The stored half of an analogy: e = c_A' - c_A, [L, D]. */
  direction: Float32Array;
  totalSeconds: number;
}

/**
 * The whole way: A, A', B to B' at every cell. Inverts what is not kept already, one picture after
 * the other, then draws. Equal requests give equal bytes, kept or not.
 */
export async function runAnalogy(
  model: DiffusionModel,
  request: AnalogyRequest,
  options: AnalogyOptions = {},
): Promise<AnalogyResult> {
  const { preset = presets.fast, seed = 0, mode = 'anchored', focus = 0 } = request;
  const { a, aPrime, b, cells } = request;
  const { records, scope = 'local', signal } = options;
  const began = performance.now();
  const inverter = createInverter(model, { preset, seed, scope });
  const share = shares(model, preset, cells.length);
  const report = progressFrom(share, options.onProgress);
  const reports: ImageReport[] = [];

  const invert = async <Result>(
    role: Role,
    phases: readonly (keyof typeof share)[],
    inversion: Inversion<Result>,
  ) => {
    signal?.throwIfAborted();
    const kept = await lookUp(inversion, records);
    if (kept) {
      report.skip(phases);
      return { result: kept, cached: true };
    }
    const result = await drive(inversion.procedure(), {
      ...(signal && { signal }),
      onProgress: (progress) => report.show(role, progress),
    });
    report.skip(phases);
    await records?.set(inversion.key, inversion.toRecord(result));
    return { result, cached: false };
  };

  const describe = async (role: Role, picture: PipelinePicture, reference?: Described) => {
    const cost = measure(model);
    const inversion = inverter.tokens(picture, reference);
    const { result, cached } = await invert(role, ['tokens'], inversion);
    const { sha256 } = picture;
    reports.push({ role, sha256, cached, ...cost(), tokenLoss: result.loss });
    return { ...result, key: inversion.key };
  };

  const describedA = await describe('A', a);
  const describedAPrime = await describe("A'", aPrime, describedA);
  const describedB = await describe('B', b);
  const cost = measure(model);
  const { result: found, cached } = await invert(
    'B',
    ['noise', 'refine'],
    inverter.noise(b, describedB),
  );
  const last = reports.pop() as ImageReport;
  reports.push(withNoise(last, found, cached, cost()));

  const direction = describedAPrime.c.map((value, i) => value - (describedA.c[i] as number));
  const rendering = performance.now();
  const input = { noise: found.noise, c: describedB.c, direction, cells };
  const pictures = await render(model, input, {
    mode,
    focus,
    steps: preset.steps,
    signal,
    onStep: (step, steps) =>
      report.show(undefined, { phase: 'render', step, steps, loss: undefined }),
  });
  const seconds = (performance.now() - rendering) / 1000 / Math.max(1, cells.length);
  return {
    images: reports,
    cells: cells.map((cell, i) => ({ ...cell, pixels: pictures[i] as Float32Array, seconds })),
    direction,
    totalSeconds: (performance.now() - began) / 1000,
  };
}

/** Both parts of B's inversion in one report. */
function withNoise(
  tokens: ImageReport,
  { reconstructionDb, autoencoderDb }: PictureNoise,
  cached: boolean,
  cost: ReturnType<ReturnType<typeof measure>>,
): ImageReport {
  return {
    ...tokens,
    cached: tokens.cached && cached,
    unetForward: tokens.unetForward + cost.unetForward,
    unetVjp: tokens.unetVjp + cost.unetVjp,
    seconds: tokens.seconds + cost.seconds,
    reconstructionDb,
    autoencoderDb,
  };
}

/** What the model has done since. */
function measure(model: DiffusionModel) {
  const { unetForward, unetVjp } = model.counters;
  const began = performance.now();
  return () => ({
    unetForward: model.counters.unetForward - unetForward,
    unetVjp: model.counters.unetVjp - unetVjp,
    seconds: (performance.now() - began) / 1000,
  });
}

/**
 * Share that each phase has of a cold run, in U-Net evaluations, a gradient counting two. With
 * `tokens` three times, once a picture, they sum to 1.
 */
function shares(model: DiffusionModel, preset: Preset, cells: number) {
  const { fixedPoint, noise, steps } = preset;
  const tokens = tokensOptions(preset, model);
  const measured = tokens.stop.every > 0 ? tokens.stop.draws / tokens.stop.every : 0;
  const counts = {
    tokens: tokens.iterations * (2 * tokens.batch + measured),
    noise: fixedPoint ? steps * (1 + fixedPoint.iterations) : 0,
    refine: noise ? steps * (1 + noise.evaluations * 3) : 0,
    render: steps * 2 * cells,
  };
  const total = 3 * counts.tokens + counts.noise + counts.refine + counts.render;
  return {
    tokens: counts.tokens / total,
    noise: counts.noise / total,
    refine: counts.refine / total,
    render: counts.render / total,
  };
}

type Shares = ReturnType<typeof shares>;

/** Places each phase behind those that came before it. */
function progressFrom(share: Shares, onProgress: AnalogyOptions['onProgress']) {
  let done = 0;
  return {
    show(role: Role | undefined, progress: Progress) {
      const before = progress.phase === 'refine' ? share.noise : 0;
      const within = progress.steps > 0 ? progress.step / progress.steps : 0;
      const reached = done + before + within * (share[progress.phase as keyof Shares] ?? 0);
      onProgress?.({ ...progress, role, fraction: Math.min(1, reached) });
    },
    skip(phases: readonly (keyof Shares)[]) {
      for (const phase of phases) done += share[phase];
    },
  };
}
