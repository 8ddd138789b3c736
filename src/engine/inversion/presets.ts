import type { DiffusionModel } from '../models/index.ts';
import { noAugmentation, paperAugmentation } from './augment.ts';
import type { FixedPointOptions } from './fixed-point.ts';
import type { NoiseOptions } from './noise.ts';
import type { TokensOptions } from './tokens.ts';

export type PresetName = 'fast' | 'paper';

/** Everything that decides what an inversion answers, besides picture, model and seed. */
export interface Preset {
  readonly name: PresetName;
  /** M: sampler steps, of the inversion and of every render made from it. */
  readonly steps: number;
  readonly tokens: TokensOptions;
  /** What of `tokens` is otherwise for a model that makes no guess of a picture's tokens. */
  readonly tokensWithoutGuess: Partial<TokensOptions>;
  /** Where Eq. 3 starts: at a fixed point, or at the picture's latents made noisy. */
  readonly fixedPoint: FixedPointOptions | null;
  /** Eq. 3; null: the start is the answer. */
  readonly noise: NoiseOptions | null;
}

const steps = 10;

/**
 * The paper's algorithm with its numbers: 400 iterations of batch 8 are its 8 minutes an image, 260
 * evaluations its 20 x 10 L-BFGS iterations. Two changes: the line search is a strong-Wolfe one (the
 * code took steps of 0.1 unseen), and frozen tokens do not decay.
 */
const paper: Preset = {
  name: 'paper',
  steps,
  tokens: {
    count: 10,
    firstRow: 0,
    iterations: 400,
    batch: 8,
    learningRate: 0.01,
    finalRate: 1,
    weightDecay: 0.01,
    decayFrozen: false,
    holdNorm: false,
    augmentation: paperAugmentation,
    timesteps: { kind: 'per-variant', steps, first: 0, last: 7 },
    start: 'empty',
    startFromReference: false,
    changeThreshold: 0,
    sparsity: 0,
    stop: { loss: 0.0008, every: 0, draws: 0, patience: 0 },
  },
  tokensWithoutGuess: {},
  fixedPoint: null,
  noise: { steps, evaluations: 260, lbfgs: { history: 100, maxEvaluations: 25 } },
};

/**
 * The same questions for a few percent of the U-Net evaluations: every timestep is looked at, tokens
 * stay as long as words are, A' starts from A's tokens and keeps those it does not need changed,
 * a held-out loss stops the search, and the noise is a fixed point that needs no gradient.
 */
const fast: Preset = {
  name: 'fast',
  steps,
  tokens: {
    count: 10,
    firstRow: 1,
    iterations: 8,
    batch: 4,
    learningRate: 0.01,
    finalRate: 0.1,
    weightDecay: 0,
    decayFrozen: false,
    holdNorm: true,
    augmentation: noAugmentation,
    timesteps: { kind: 'stratified', first: 1, last: 999 },
    start: 'predicted',
    startFromReference: true,
    changeThreshold: 0.5,
    sparsity: 0.4,
    stop: { loss: 0, every: 4, draws: 8, patience: 2 },
  },
  // From a guess it is a small way, and a longer one leads to tokens that fit this picture alone.
  tokensWithoutGuess: {
    iterations: 20,
    learningRate: 0.03,
    sparsity: 0.1,
    stop: { loss: 0, every: 10, draws: 8, patience: 2 },
  },
  fixedPoint: { steps, iterations: 6, tolerance: 1e-3 },
  noise: null,
};

export const presets: Readonly<Record<PresetName, Preset>> = { fast, paper };

/** Eq. 2's options of a preset for `model`. */
export function tokensOptions(
  { tokens, tokensWithoutGuess }: Preset,
  model: Pick<DiffusionModel, 'predictTokens'>,
): TokensOptions {
  return model.predictTokens ? tokens : { ...tokens, ...tokensWithoutGuess };
}

/** Raised whenever equal options start to give other results: cached results then count no more. */
export const inversionVersion = 3;
