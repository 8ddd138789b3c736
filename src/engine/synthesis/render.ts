import { type DiffusionModel, float32 } from '../models/index.ts';
import { evaluateDecoder } from './evaluate.ts';
import { type Cell, type GuidanceMode, guidanceTerms } from './guidance.ts';
import { sample } from './sampler.ts';

export interface RenderInput {
  /** eps_B, [C, h, w]. */
  noise: Float32Array;
  /** c_B, [L, D]. */
  c: Float32Array;
  /** e, [L, D]. */
  direction: Float32Array;
  cells: readonly Cell[];
}

export interface RenderOptions {
  /** @default 'anchored' */
  mode?: GuidanceMode;
  /** M. It must be the M that the noise was found with. @default 10 */
  steps?: number;
  /** Cells in one run; at 1, no cell's bytes depend on the others'. @default 1 */
  batch?: number;
  /**
   * Where the edit changes the prediction by less than about this share of its largest change, B
   * stays as it is; 0: anything may change. Only `anchored`. @default 0
   */
  focus?: number;
  signal?: AbortSignal | undefined;
  onStep?: (step: number, steps: number) => void;
}

/**
 * Eq. 1 for several cells at once: B' = D(U+(eps_B, c_B + lambda e)).
 * @returns pictures of [3, H, W] in [-1, 1], in the order of the cells; equal cells, and every
 *   cell with lambda = 0 in `anchored`, have equal bytes
 */
export async function render(
  model: DiffusionModel,
  input: RenderInput,
  options: RenderOptions = {},
): Promise<Float32Array[]> {
  const { mode = 'anchored', steps = 10, batch = 1, focus = 0, signal, onStep } = options;
  const empty = mode === 'classic' ? { empty: await emptyFeatures(model) } : {};
  const { c, direction } = input;
  const keepBase = mode === 'anchored' && focus > 0;
  const guidance = { mode, c, direction, keepBase, ...empty };
  // The first list is that of B itself.
  const [anchor = [], ...lists] = guidanceTerms(guidance, [
    { lambda: 0, sigma: 1 },
    ...input.cells,
  ]);
  const latents = await sample(model, input.noise, lists, {
    steps,
    batch,
    focus: keepBase ? { share: focus, anchor } : undefined,
    signal,
    onStep,
  });
  const unique = [...new Set(latents)];
  const pictures = await evaluateDecoder(model, unique, { batch, signal });
  return latents.map((z) => clamped(pictures[unique.indexOf(z)] as Float32Array));
}

/** C(''), [L, D]. */
export async function emptyFeatures(model: DiffusionModel): Promise<Float32Array> {
  const { length, tokenWidth } = model.text;
  const tokens = model.tokenEmbeddings(model.tokenize(''));
  return (await model.encodeTokens(float32([1, length, tokenWidth], tokens.data))).data;
}

/** Pixels inside [-1, 1]; a copy. */
export function clamped(pixels: Float32Array): Float32Array {
  return pixels.map((value) => Math.min(1, Math.max(-1, value)));
}
