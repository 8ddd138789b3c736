/** What a run does: plain data, so that it can be handed to a worker and named in a journal. */
import { inversionVersion, presets } from '../../src/engine/inversion/index.ts';
import type { GuidanceMode } from '../../src/engine/synthesis/index.ts';
import type { Split } from './analogies.ts';

export type MethodId = 'ours' | 'upper' | 'captions' | 'pixels';

export interface Plan {
  readonly seed: number;
  readonly split: Split;
  /** A folder in diffusers' ONNX layout. */
  readonly model: string;
  readonly preset: 'fast' | 'paper';
  /** Changes to the preset's options, by path: `tokens.steps` -> 40. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly mode: GuidanceMode;
  readonly lambdas: readonly number[];
  readonly guidances: readonly number[];
  /** The one strength and guidance that "default" means. */
  readonly suggested: { readonly lambda: number; readonly guidance: number };
  readonly methods: readonly MethodId[];
  /** Noise strengths tried for the caption baseline. */
  readonly strengths: readonly number[];
  /** Every how many analogies the lambda = 0 round trip is measured; 0 for never. */
  readonly roundTripEvery: number;
  readonly roundTripGuidances: readonly number[];
  /** Indices of the analogies that the contact sheet shows. */
  readonly shown: readonly number[];
  /** Folder of the inversions' cache, or `none`. */
  readonly cache: string;
  /** Threads of one worker. */
  readonly threads: number;
}

/** What the results depend on, and so what a journal's first line says. */
export function settingsOf(plan: Plan, modelHash: string) {
  const { model: _model, cache: _cache, threads: _threads, shown: _shown, ...rest } = plan;
  const { overrides, ...plain } = rest;
  const options = JSON.stringify([presets[plan.preset], overrides, inversionVersion]);
  return { ...plain, options, modelHash };
}

/** `count` rows, one of each kind in turn, so that every kind has its turn, then again. */
export function shownRows(count: number, rows: number, kinds: number): number[] {
  const rounds = Math.max(1, Math.floor(count / kinds));
  return Array.from({ length: Math.min(rows, count) }, (_, i) => {
    const kind = i % kinds;
    // Spread over the run: a round for each time that a kind comes up again.
    const turn = Math.floor(i / kinds);
    const turns = Math.ceil(rows / kinds);
    const index = Math.floor((turn * rounds) / turns) * kinds + kind;
    return Math.min(index, count - 1);
  }).filter((index, i, all) => all.indexOf(index) === i);
}
