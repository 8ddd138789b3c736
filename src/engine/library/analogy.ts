import { LikewiseError } from '../../errors.ts';

/** What an analogy needs to know of a model, as a device or a `DiffusionModel` offers it. */
export interface AnalogyModel {
  readonly id: string;
  /** SHA-256 of its files, hex. */
  readonly hash: string;
  /** L and D of text features. */
  readonly text: { readonly length: number; readonly width: number };
}

/** A direction with where it came from: all that is needed to apply it, and to say what it is. */
export interface StoredAnalogy {
  /** The model in whose features the direction is; it means nothing to any other. */
  readonly model: { readonly id: string; readonly hash: string };
  /** e = c_A' - c_A (or a sum of such), [L, D], finite. */
  readonly direction: Float32Array;
  /** [L, D] of `direction`, and of the features. */
  readonly shape: readonly [length: number, width: number];
  /** c_A and c_A', [L, D] each, where they are kept. */
  readonly features?: { readonly a: Float32Array; readonly aPrime: Float32Array };
  /** What found it: a preset's name, its version, and N, how many tokens it looked for. */
  readonly algorithm: { readonly name: string; readonly version: number; readonly tokens: number };
  /** When it was found, milliseconds since 1970. */
  readonly createdAt: number;
}

/** @throws LikewiseError `ANALOGY_OTHER_MODEL`, naming both, where it was not made with this model */
export function requireModel({ model }: Pick<StoredAnalogy, 'model'>, ours: AnalogyModel): void {
  if (model.hash === ours.hash) return;
  throw new LikewiseError('ANALOGY_OTHER_MODEL', { theirs: nameOf(model), ours: nameOf(ours) });
}

/** `avatars (1f0e2d…)`: two models may have one name. */
function nameOf({ id, hash }: { id: string; hash: string }): string {
  return `${id} (${hash.slice(0, 12)})`;
}
