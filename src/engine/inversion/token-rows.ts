import type { DiffusionModel } from '../models/index.ts';

/** Which rows of a token sequence are free, and which the optimiser holds. */
export interface TokenRows {
  /** First free row and how many. */
  readonly first: number;
  readonly count: number;
  /** Width of a row. */
  readonly width: number;
  /** The optimiser holds every row (the frozen ones without gradient), not the free ones alone. */
  readonly all: boolean;
}

/** What the optimiser holds of a sequence [L, Dt]. */
export function takeRows(rows: TokenRows, k: ArrayLike<number>): Float64Array {
  if (rows.all) return Float64Array.from(k);
  const from = rows.first * rows.width;
  return Float64Array.from({ length: rows.count * rows.width }, (_, i) => k[from + i] as number);
}

/** A sequence [L, Dt]: `base`, with what the optimiser holds in its place. */
export function putRows(rows: TokenRows, base: Float32Array, x: Float64Array): Float32Array {
  const k = base.slice();
  k.set(x, rows.all ? 0 : rows.first * rows.width);
  return k;
}

/** A gradient [L, Dt] as the optimiser's: zero where rows are frozen. */
export function maskRows(rows: TokenRows, gradient: Float32Array): Float64Array {
  if (!rows.all) return takeRows(rows, gradient);
  const from = rows.first * rows.width;
  const to = from + rows.count * rows.width;
  return Float64Array.from(gradient, (value, i) => (i >= from && i < to ? value : 0));
}

/** Applies `change` to each free row of what the optimiser holds, in place. */
export function eachFreeRow(
  rows: TokenRows,
  x: Float64Array,
  change: (row: Float64Array, index: number) => void,
): void {
  const offset = rows.all ? rows.first * rows.width : 0;
  for (let i = 0; i < rows.count; i++) {
    change(x.subarray(offset + i * rows.width, offset + (i + 1) * rows.width), i);
  }
}

/** The free rows of a sequence [L, Dt], as copies. */
export function rowsOf(rows: TokenRows, k: ArrayLike<number>): Float64Array[] {
  const found: Float64Array[] = [];
  eachFreeRow(rows, takeRows(rows, k), (row) => found.push(row));
  return found;
}

/** Scales a row to a length; a zero row stays. */
export function holdNorm(row: Float64Array, norm: number): void {
  const length = Math.hypot(...row);
  if (length === 0) return;
  for (let i = 0; i < row.length; i++) row[i] = ((row[i] as number) * norm) / length;
}

/**
 * The proximal step of threshold * || row - reference ||_2 (group lasso): the difference shrinks by
 * the threshold, and where it is shorter than that the row is the reference, bit for bit.
 */
export function pullTowards(row: Float64Array, reference: Float64Array, threshold: number): void {
  const distance = Math.hypot(...row.map((value, i) => value - (reference[i] as number)));
  const share = distance <= threshold ? 0 : 1 - threshold / distance;
  for (let i = 0; i < row.length; i++) {
    const r = reference[i] as number;
    row[i] = share === 0 ? r : r + share * ((row[i] as number) - r);
  }
}

/** Mean Euclidean length of the vocabulary's token embeddings. */
export function vocabularyNorm(model: DiffusionModel): number {
  const { vocabulary, tokenWidth } = model.text;
  // In pieces: the whole table of a large model is 150 MB.
  const piece = 1024;
  let sum = 0;
  for (let from = 0; from < vocabulary; from += piece) {
    const ids = Array.from({ length: Math.min(piece, vocabulary - from) }, (_, i) => from + i);
    const { data } = model.tokenEmbeddings(ids);
    for (let i = 0; i < ids.length; i++) {
      sum += Math.hypot(...data.subarray(i * tokenWidth, (i + 1) * tokenWidth));
    }
  }
  return sum / vocabulary;
}
