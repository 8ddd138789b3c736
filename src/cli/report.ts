import type { AnalogyResult, ImageReport } from '../engine/pipeline/index.ts';

/** What a run reports: the JSON file of `--report`. Names and order are a promise to its readers. */
export interface AnalogyReport {
  model: { id: string; hash: string };
  provider: string;
  preset: string;
  images: ImageReport[];
  cells: CellReport[];
  totalSeconds: number;
}

export interface CellReport {
  lambda: number;
  guidance: number;
  /** Where `--cells` wrote it; null without. */
  file: string | null;
  seconds: number;
}

/**
 * @param files where each cell was written, in the cells' order; empty without `--cells`
 * @param totalSeconds from reading the pictures to the last B'; opening the model is included
 */
export function analogyReport(
  run: { model: { id: string; hash: string; provider: string }; preset: string },
  result: AnalogyResult,
  files: readonly string[],
  totalSeconds: number,
): AnalogyReport {
  const { id, hash, provider } = run.model;
  return {
    model: { id, hash },
    provider,
    preset: run.preset,
    images: result.images.map((image) => ({ ...image, seconds: millis(image.seconds) })),
    cells: result.cells.map(({ lambda, sigma, seconds }, i) => ({
      lambda,
      guidance: sigma,
      file: files[i] ?? null,
      seconds: millis(seconds),
    })),
    totalSeconds: millis(totalSeconds),
  };
}

/** File of one B', e.g. `lambda-1.00_guidance-3.00.png`. */
export function cellName(lambda: number, guidance: number): string {
  return `lambda-${twoDecimals(lambda)}_guidance-${twoDecimals(guidance)}.png`;
}

/** A small negative number rounds to zero, which has no sign. */
function twoDecimals(value: number): string {
  return value.toFixed(2).replace(/^-(?=0\.00$)/, '');
}

/** Seconds to the millisecond. */
const millis = (seconds: number) => Math.round(seconds * 1000) / 1000;
