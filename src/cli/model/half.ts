import type { Preset } from '../../engine/inversion/index.ts';
import type { DiffusionModel } from '../../engine/models/index.ts';
import { isLikewiseError } from '../../errors.ts';
import { distance, type Gradients, gradientsOf, type Probe } from './gradients.ts';
import { measure, type Timings, timedOpening } from './measure.ts';

/** How far gradients by float16 may be from those by float32; docs/models.md promises it. */
export const halfLimit = 2e-2;

/** What is kept of a model by float32 to hold the same one by float16 against. */
export interface Single {
  readonly probed: Probe;
  readonly gradients: Gradients;
}

/** What a model is by float16. */
export interface Half {
  /** Seconds. */
  readonly opening: number;
  readonly timings: Timings;
  /** How far the gradient is off that differs most from float32's; see `distance`. */
  readonly error: number;
}

/**
 * Tries a model by float16 as it was tried by float32.
 * @param open opens it; the other is closed by then, since a GPU may not hold both
 * @returns why it cannot be used, where it cannot: float32 is there
 */
export async function tryHalf(
  open: () => Promise<DiffusionModel>,
  { probed, gradients }: Single,
  preset: Preset,
  signal: AbortSignal,
): Promise<Half | string> {
  try {
    await using opened = await timedOpening(open);
    const { model, seconds: opening } = opened;
    const error = distance(await gradientsOf(model, probed, signal), gradients);
    return { opening, error, timings: await measure(model, probed, preset, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (isLikewiseError(error)) return error.message;
    throw error;
  }
}
