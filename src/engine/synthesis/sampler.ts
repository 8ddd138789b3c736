import type { DiffusionModel } from '../models/index.ts';
import { ddimGrid, ddimStep } from './ddim.ts';
import { evaluateUnet, type UnetSample } from './evaluate.ts';
import { blend, focusMask } from './focus.ts';
import type { Term } from './guidance.ts';

export interface SampleOptions {
  /** M. */
  steps: number;
  /**
   * Lists in one run of the U-Net. A list's terms always come together, and in the same order, so at
   * 1 no list's result depends on the others'; see `EvaluateOptions`. @default 1
   */
  batch?: number | undefined;
  /** Keep everything else as a list leaves it: see `Focus`. */
  focus?: Focus | undefined;
  signal?: AbortSignal | undefined;
  /** After each step: steps made, of M. */
  onStep?: ((step: number, steps: number) => void) | undefined;
}

/**
 * Edits change what they are about and nothing else: after each step, where the edit does not change
 * the prediction, the latent is put back to that of the list `anchor`.
 */
export interface Focus {
  /** Share of the largest change from which on a place is fully edited, 0 to 1; see `focusMask`. */
  readonly share: number;
  /** Its first term's features are those that every other list has in its first term. */
  readonly anchor: readonly Term[];
}

/**
 * U+ of the paper: from one noise, one latent per list of terms, all lists side by side. What two
 * lists have in common is evaluated once: the same list, and in the first step, where every
 * latent is still the noise, the same features.
 * @param noise eps, [C, h, w]
 * @param lists from `guidanceTerms`; lists that are the same object share a result
 * @returns latents z [C, h, w], in the order of `lists`
 */
export async function sample(
  model: DiffusionModel,
  noise: Float32Array,
  lists: readonly (readonly Term[])[],
  options: SampleOptions,
): Promise<Float32Array[]> {
  const { batch = 1, signal } = options;
  const grid = ddimGrid(model.schedule, options.steps);
  const { focus } = options;
  const all = focus ? [focus.anchor, ...lists] : lists;
  const trajectories = new Map(all.map((terms) => [terms, noise]));
  for (const [index, step] of grid.entries()) {
    const groups = groupsOf(trajectories, noise, step.t);
    const predictions = new Map<Float32Array, Map<Float32Array, Float32Array>>();
    for (let i = 0; i < groups.length; i += batch) {
      const samples = groups.slice(i, i + batch).flat();
      const run = await evaluateUnet(model, samples, { batch: samples.length, signal });
      for (const [j, { z, c }] of samples.entries()) {
        const known = predictions.get(z) ?? new Map<Float32Array, Float32Array>();
        predictions.set(z, known.set(c, run[j] as Float32Array));
      }
    }
    for (const [terms, z] of trajectories) {
      const predictionFor = (c: Float32Array) => predictions.get(z)?.get(c);
      const next = ddimStep(step, z, combine(terms, predictionFor));
      trajectories.set(terms, next);
      const kept = focus && trajectories.get(focus.anchor);
      const [base, edited] = terms.map((term) => predictionFor(term.c));
      if (!kept || !base || !edited) continue;
      trajectories.set(
        terms,
        blend(kept, next, focusMask(base, edited, model.latent, focus.share)),
      );
    }
    options.onStep?.(index + 1, grid.length);
  }
  return lists.map((terms) => trajectories.get(terms) as Float32Array);
}

/**
 * What a step needs of the U-Net, each once. A list's terms are a group; but those of the noise, which
 * all lists share, are each a group of its own, or their company would depend on the lists.
 */
function groupsOf(
  trajectories: ReadonlyMap<readonly Term[], Float32Array>,
  noise: Float32Array,
  t: number,
): UnetSample[][] {
  const needed = new Map<Float32Array, Set<Float32Array>>();
  for (const [terms, z] of trajectories) {
    const contexts = needed.get(z) ?? new Set();
    needed.set(z, contexts);
    for (const { c } of terms) contexts.add(c);
  }
  return [...needed].flatMap(([z, contexts]) => {
    const samples = [...contexts].map((c) => ({ z, t, c }));
    return z === noise ? samples.map((sample) => [sample]) : [samples];
  });
}

/** sum of weight * U(c), in double precision. */
function combine(
  terms: readonly Term[],
  predictionFor: (c: Float32Array) => Float32Array | undefined,
): Float32Array {
  const parts = terms.map(({ weight, c }) => ({ weight, u: predictionFor(c) as Float32Array }));
  const [first] = parts;
  if (!first) throw new TypeError('guidance without terms');
  if (parts.length === 1 && first.weight === 1) return first.u;
  return first.u.map((_, i) =>
    parts.reduce((sum, { weight, u }) => sum + weight * (u[i] as number), 0),
  );
}
