/** What is written down about one analogy: one line of the journal. */

import { caption } from '../../training/avatars/attributes.ts';
import { type Analogy, type Split, splitOf } from './analogies.ts';
import type { Change } from './changes.ts';
import { type Candidate, judge, kept, type Rgb } from './judge.ts';
import type { Cell, Dial } from './methods/method.ts';

/** The judgement of one B'. */
export interface CellRecord {
  readonly right: boolean;
  /** Label of the nearest candidate. */
  readonly nearest: string;
  /** dB; null where the change touches every pixel. */
  readonly keptDb: number | null;
  /** How much of the change was made, 1 for all: the part of X - B along B'_true - B. */
  readonly made: number;
}

/** Cells by method and dial. */
export type Verdicts = Readonly<Record<string, Readonly<Record<Dial, CellRecord>>>>;

export interface RoundTrip {
  /** PSNR of D(E(B)) against B, dB: no B' can be nearer. */
  readonly autoencoderDb: number;
  /** PSNR of B' at lambda = 0 against B, dB, by guidance sigma. */
  readonly lambdaZeroDb: Readonly<Record<string, number>>;
}

export interface Cost {
  /** U-Net evaluations of the three inversions, counted per sample. Zero where all were cached. */
  readonly unetForward: number;
  readonly unetVjp: number;
  readonly seconds: number;
  readonly cached: boolean;
}

export interface AnalogyRecord {
  readonly index: number;
  readonly split: Split;
  readonly change: Change;
  readonly across: boolean;
  /** Captions of A, A', B, B'_true. */
  readonly captions: readonly string[];
  readonly candidates: number;
  readonly verdicts: Verdicts;
  /** The cell that would be offered first, of the methods that say. */
  readonly suggested?: Readonly<Record<string, Dial>>;
  readonly inversion?: Cost;
  readonly roundTrip?: RoundTrip;
  /** RGB bytes of a row of the contact sheet, deflated, base64; only for rows that it shows. */
  readonly pictures?: Readonly<Record<string, string>>;
}

export function describe(analogy: Analogy) {
  const { index, change, across, a, a2, b, truth } = analogy;
  const captions = [a, a2, b, truth].map(({ attributes }) => caption(attributes));
  return { index, split: splitOf(b.attributes), change, across, captions };
}

export function judgeCell(analogy: Analogy, candidates: readonly Candidate[], x: Rgb): CellRecord {
  const { b, truth } = analogy;
  const db = kept(x, b.picture, truth.picture);
  return {
    ...judge(x, candidates),
    keptDb: Number.isNaN(db) ? null : round(db, 3),
    made: round(shareMade(x, b.picture, truth.picture), 4),
  };
}

export function judgeCells(
  analogy: Analogy,
  candidates: readonly Candidate[],
  cells: readonly Cell[],
): Record<Dial, CellRecord> {
  return Object.fromEntries(
    cells.map(({ dial, picture }) => [dial, judgeCell(analogy, candidates, picture)]),
  );
}

/** <X - B, T - B> / |T - B|^2. */
export function shareMade(x: Rgb, before: Rgb, truth: Rgb): number {
  let along = 0;
  let whole = 0;
  for (let i = 0; i < x.length; i++) {
    const wanted = (truth[i] as number) - (before[i] as number);
    along += ((x[i] as number) - (before[i] as number)) * wanted;
    whole += wanted * wanted;
  }
  return whole === 0 ? 0 : along / whole;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
