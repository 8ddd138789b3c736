/** From what the processes said to figures: agreement, peaks, and what a cold triple would take. */
import { defaults } from '../../config/index.ts';
import { tripleSeconds } from '../../src/cli/model/recommend.ts';
import { type PresetName, presets } from '../../src/engine/inversion/index.ts';
import { median } from '../quality/tally.ts';
import { type PartName, readyLimit, type Sd15Arguments } from './arguments.ts';
import type { Measured, Prepared } from './orders.ts';
import type { Told } from './process.ts';

/** One side of one part. */
export interface Side {
  /** Median seconds; of `open`, from nothing to the U-Net's first answer. */
  readonly seconds: number;
  readonly all: readonly number[];
  /** Seconds from the start of the process to its first, small answer. */
  readonly first: number | null;
  readonly unet: number | null;
  readonly decode: number | null;
  /** Peak memory, MB (10^6 bytes), where it was seen: of the process; of the GPU. */
  readonly peakMb: number | null;
  readonly gpuMb: number | null;
  readonly note: string | null;
}

export interface Part {
  readonly part: PartName;
  readonly ours: Side | null;
  readonly reference: Side | null;
  /** Relative errors, by name of the result: norm of the difference by the norm of PyTorch's. */
  readonly apart: Readonly<Record<string, number>> | null;
}

export function sideOf({ result, first, gpuBytes }: Told<Measured>): Side {
  const { runs, unet, decode, peakBytes, note } = result;
  const gpu = gpuBytes ?? result.gpuBytes;
  return {
    seconds: median(runs) ?? first ?? Number.NaN,
    all: runs,
    first: first ?? null,
    unet: unet ?? null,
    decode: decode ?? null,
    peakMb: peakBytes === undefined ? null : peakBytes / 1e6,
    gpuMb: gpu === undefined ? null : gpu / 1e6,
    note: note ?? null,
  };
}

/** || a - b || / || b ||; not a number in either makes it infinite. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`results differ in size: ${a.length}, ${b.length}`);
  let [apart, length] = [0, 0];
  for (const [i, value] of b.entries()) {
    apart += ((a[i] as number) - value) ** 2;
    length += value ** 2;
  }
  const error = Math.sqrt(apart / length);
  if (apart === 0 && length === 0) return 0;
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** What is further apart than it may be: gradients alone, pictures are shown only. */
export function disagreements(parts: readonly Part[], limit: number): string[] {
  return parts.flatMap(({ part, apart }) => {
    const error = apart?.gradient;
    return error === undefined || error <= limit
      ? []
      : [`the gradient of ${part} is ${error.toExponential(1)} from PyTorch's (limit ${limit})`];
  });
}

/** Pixels of a picture of Stable Diffusion 1.5's. */
const fullSize = 512 * 512;

/**
 * Whether the engine took too long when it was started again, with a model of full size.
 * @param ready seconds of each start, the first of which may have files to make
 * @param image pixels of the model's pictures, which tell a full-size one from those of tests
 */
export function lateStart(
  ready: readonly number[],
  { height, width }: Prepared['image'],
): string[] {
  const [, again = 0] = ready;
  return again < readyLimit || height * width < fullSize
    ? []
    : [`the engine, started again, was ready after ${again.toFixed(1)} s (limit ${readyLimit} s)`];
}

/**
 * Seconds of a cold triple and its pictures, from the measured steps; null where one that the preset
 * takes was not measured.
 */
export function coldTriple(
  name: PresetName,
  side: 'ours' | 'reference',
  parts: readonly Part[],
  { batch, steps }: Pick<Sd15Arguments, 'batch' | 'steps'>,
): number | null {
  const [eq2, eq3, render] = (['eq2', 'eq3', 'render'] as const).map(
    (part) => parts.find((one) => one.part === part)?.[side] ?? null,
  );
  const preset = presets[name];
  if (!eq2 || !render?.unet || !render.decode || (preset.noise && !eq3)) return null;
  const timings = {
    unet: render.unet,
    decode: render.decode,
    tokenStep: eq2.seconds,
    batch,
    noiseGradient: eq3?.seconds ?? 0,
    steps,
  };
  return tripleSeconds({}, preset, timings, cellsOfTriple);
}

/** Pictures of a first answer, as the settings have it. */
export const cellsOfTriple = defaults.render.lambda.length * defaults.render.guidance.length;
