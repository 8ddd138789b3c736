import { type DiffusionModel, type Float32Tensor, float32 } from '../models/index.ts';
import { type AdamWState, adamwStart, adamwStep } from './adamw.ts';
import { type AugmentOptions, augment } from './augment.ts';
import { drawBatch, heldOutDraws, type TimestepOptions } from './draws.ts';
import type { Procedure, Saveable } from './procedure.ts';
import { tokenLoss, tokenLossGradient, tokenPreview, tokensTensor } from './token-loss.ts';
import {
  eachFreeRow,
  holdNorm,
  maskRows,
  pullTowards,
  putRows,
  rowsOf,
  type TokenRows,
  takeRows,
  vocabularyNorm,
} from './token-rows.ts';

/** Eq. 2: which tokens describe a picture. */
export type TokensOptions = {
  /** N: free tokens. */
  readonly count: number;
  /** Where they begin: after BOS, or with it, as in the paper's code. */
  readonly firstRow: 0 | 1;
  /** AdamW steps at most, and samples in each. */
  readonly iterations: number;
  readonly batch: number;
  readonly learningRate: number;
  /** The learning rate falls linearly to this share of itself over the iterations; 1: constant. */
  readonly finalRate: number;
  readonly weightDecay: number;
  /** Decay frozen rows too: a fault of the paper's code, kept for comparison. */
  readonly decayFrozen: boolean;
  /**
   * Keep each free token as long as it was at the start, where it was a word or nearly; from the
   * empty text, as long as the vocabulary's tokens are on average.
   */
  readonly holdNorm: boolean;
  readonly augmentation: AugmentOptions;
  readonly timesteps: TimestepOptions;
  /** Where there is no reference: the empty text, or the model's own guess if it makes one. */
  readonly start: 'empty' | 'predicted';
  /** Start from the reference's tokens, where there is a reference. */
  readonly startFromReference: boolean;
  /**
   * ... but for those where the guesses for both pictures differ by more than this share of the
   * guess's length: there from the guess. Only with `predicted`.
   */
  readonly changeThreshold: number;
  /**
   * How strongly tokens keep to the reference's: each step moves a token's difference towards zero
   * by this share of the longest step that AdamW makes. Tokens that the picture does not need
   * changed stay exactly the reference's. 0: not at all.
   */
  readonly sparsity: number;
  readonly stop: {
    /** Stop where the batch's loss is below this; 0: never. */
    readonly loss: number;
    /** Measure on held-out draws every so many iterations; 0: never. */
    readonly every: number;
    /** How many draws that takes. */
    readonly draws: number;
    /** Stop after this many measurements in a row without a new least. */
    readonly patience: number;
  };
};

export interface TokensInput {
  /** The picture, [1, 3, H, W] in [-1, 1]. */
  pixels: Float32Tensor;
  /** The result for the picture that this one is a variant of: A's, for A'. */
  reference?: Pick<TokensResult, 'tokens' | 'start'>;
}

export interface TokensResult {
  /** K, [L, Dt]. */
  tokens: Float32Array;
  /** The model's own guess, or the empty text where it makes none, [L, Dt]. */
  start: Float32Array;
  /** c = C(K), [L, D]. */
  c: Float32Array;
  /** On held-out draws where there are some, else of the batches. */
  loss: { first: number; last: number };
  iterations: number;
}

export type TokensState = Saveable<{
  readonly adam: AdamWState;
  /** E of the variants, [V, C, h, w]. */
  readonly latents: Float32Array;
  readonly variants: number;
  /** The sequence that the search began with, [L, Dt]: where frozen rows come from. */
  readonly base: Float32Array;
  /** As in the result. */
  readonly guess: Float32Array;
  /** Of each batch. */
  readonly losses: number[];
  /** Of each measurement; the first is of the start. */
  readonly measured: number[];
  readonly best: { readonly loss: number; readonly x: Float64Array };
  readonly stopped: boolean;
}>;

/** One `step` is one step of AdamW. */
export function findTokens(
  model: DiffusionModel,
  input: TokensInput,
  options: TokensOptions,
  seed: number,
): Procedure<TokensState, TokensResult> {
  const { latent, text } = model;
  const rows: TokenRows = {
    first: options.firstRow,
    count: Math.min(options.count, text.length - 1 - options.firstRow),
    width: text.tokenWidth,
    all: options.decayFrozen,
  };
  const held = heldOutDraws(model, seed, options.stop.every > 0 ? options.stop.draws : 0);
  const latentsOf = (state: TokensState) =>
    float32([state.variants, latent.channels, latent.height, latent.width], state.latents);
  const measure = (state: TokensState, x: Float64Array, signal?: AbortSignal) =>
    tokenLoss(model, latentsOf(state), putRows(rows, state.base, x), held, signal);

  const references = input.reference && rowsOf(rows, input.reference.tokens);
  const guesses = options.start === 'predicted' && model.predictTokens !== undefined;
  // Tokens that begin as words, or as those of the picture before, have a length of their own.
  const mean = options.holdNorm && !guesses && !references ? vocabularyNorm(model) : undefined;

  /** Moves x to where tokens are allowed to be; `from` is the sequence that the search began with. */
  const constrain = (x: Float64Array, from: Float32Array, rate: number): Float64Array => {
    const starts = rowsOf(rows, from);
    const threshold = options.sparsity * rate * Math.sqrt(rows.width);
    eachFreeRow(rows, x, (row, i) => {
      const reference = references?.[i];
      const unchanged = reference && row.every((value, d) => value === reference[d]);
      if (options.holdNorm && !unchanged) {
        holdNorm(row, mean ?? Math.hypot(...(starts[i] as Float64Array)));
      }
      if (reference && threshold > 0) pullTowards(row, reference, threshold);
    });
    return x;
  };

  return {
    async begin(signal) {
      signal?.throwIfAborted();
      const latents = await model.encode(augment(input.pixels, options.augmentation, seed));
      signal?.throwIfAborted();
      const guess = await guessTokens(model, options, latents, rows);
      const base = startTokens(input, options, guess, rows);
      const x = constrain(takeRows(rows, base), base, 0);
      const state: TokensState = {
        adam: adamwStart(x),
        latents: latents.data,
        variants: latents.dims[0] ?? 1,
        base,
        guess,
        losses: [],
        measured: [],
        best: { loss: Number.POSITIVE_INFINITY, x },
        stopped: false,
      };
      if (held.length === 0) return state;
      const loss = await measure(state, x, signal);
      return { ...state, measured: [loss], best: { loss, x } };
    },

    async step(state, signal) {
      const k = state.adam.step;
      const { batch, timesteps } = options;
      const draws = drawBatch(model, { seed, batch, variants: state.variants, timesteps }, k);
      const tokens = putRows(rows, state.base, state.adam.x);
      const found = await tokenLossGradient(model, latentsOf(state), tokens, draws, signal);
      const rate = rateAt(options, k);
      const { weightDecay } = options;
      const adam = adamwStep(state.adam, maskRows(rows, found.gradient), {
        learningRate: rate,
        weightDecay,
      });
      const x = constrain(adam.x, state.base, rate);
      const next: TokensState = {
        ...state,
        adam: { ...adam, x },
        losses: [...state.losses, found.loss],
        stopped: found.loss < options.stop.loss,
      };
      const last = next.stopped || adam.step >= options.iterations;
      if (held.length === 0 || !(last || adam.step % options.stop.every === 0)) return next;
      const loss = await measure(next, x, signal);
      const measured = [...state.measured, loss];
      const best = loss < state.best.loss ? { loss, x } : state.best;
      const since = measured.length - 1 - measured.indexOf(best.loss);
      return { ...next, measured, best, stopped: last || since >= options.stop.patience };
    },

    done: (state) => state.stopped || state.adam.step >= options.iterations,

    progress: (state) => ({
      phase: 'tokens',
      step: state.adam.step,
      steps: options.iterations,
      loss: state.measured.at(-1) ?? state.losses.at(-1),
      preview: () => tokenPreview(model, latentsOf(state), putRows(rows, state.base, state.adam.x)),
    }),

    async finish(state) {
      const x = held.length > 0 ? state.best.x : state.adam.x;
      const tokens = putRows(rows, state.base, x);
      const c = (await model.encodeTokens(tokensTensor(model, tokens))).data;
      const seen = held.length > 0 ? state.measured : state.losses;
      const first = seen[0] ?? Number.NaN;
      const last = held.length > 0 ? state.best.loss : (seen.at(-1) ?? first);
      const { guess: start, adam } = state;
      return { tokens, start, c, loss: { first, last }, iterations: adam.step };
    },
  };
}

/** What the model says by itself: its guess of the tokens in the empty text's place, [L, Dt]. */
async function guessTokens(
  model: DiffusionModel,
  options: TokensOptions,
  latents: Float32Tensor,
  rows: TokenRows,
): Promise<Float32Array> {
  const empty = model.tokenEmbeddings(model.tokenize('')).data.slice();
  if (options.start === 'empty' || !model.predictTokens) return empty;
  const { channels, height, width } = model.latent;
  const picture = latents.data.slice(0, channels * height * width);
  const guess = await model.predictTokens(float32([1, channels, height, width], picture));
  // The guess begins after BOS, whatever row the free tokens begin with.
  const from = rows.width;
  empty.set(guess.data.subarray(0, (rows.first + rows.count) * rows.width - from), from);
  return empty;
}

/** The sequence [L, Dt] that the search begins with. */
function startTokens(
  { reference }: TokensInput,
  options: TokensOptions,
  guess: Float32Array,
  rows: TokenRows,
): Float32Array {
  if (!reference || !options.startFromReference) return guess;
  if (options.start === 'empty') return reference.tokens.slice();
  const x = takeRows(rows, reference.tokens);
  const [own, other] = [rowsOf(rows, guess), rowsOf(rows, reference.start)];
  eachFreeRow(rows, x, (row, i) => {
    const [mine, theirs] = [own[i] as Float64Array, other[i] as Float64Array];
    const difference = Math.hypot(...mine.map((value, d) => value - (theirs[d] as number)));
    if (difference > options.changeThreshold * Math.hypot(...mine)) row.set(mine);
  });
  return putRows(rows, reference.tokens, x);
}

function rateAt(options: TokensOptions, k: number): number {
  const { learningRate, finalRate, iterations } = options;
  const progress = iterations > 1 ? k / (iterations - 1) : 0;
  return learningRate * (1 + (finalRate - 1) * progress);
}
