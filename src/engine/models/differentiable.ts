import { isLikewiseError } from '../../errors.ts';
import { BACKWARD, ERROR_SCALE, ERROR_TARGET } from '../autodiff/index.ts';
import { type Session, type Tensor, tensorOf, type ValueInfo, zeros } from '../onnx/index.ts';
import { errorFeeds, errorInsteadOfGradient } from './error-seed.ts';
import type { Memory, PartGraph } from './memory.ts';
import type { Float32Tensor } from './model.ts';
import { type GradientResults, lossScaled, toFloat16 } from './precision/index.ts';
import type { Prepared, PreparedGraphs } from './prepared.ts';
import { readLight, readPart, sourceOf } from './read.ts';
import type { Sessions } from './sessions.ts';
import { withSizes } from './sizes.ts';

/** What gradients begin with: a cotangent [B, ...], or the error sum_b w_b || out_b - target_b ||^2. */
export type Seed =
  | { readonly cotangent: Float32Tensor }
  | { readonly target: Float32Tensor; readonly weights: readonly number[] };

export type Feeds = Readonly<Record<string, Tensor>>;

/** A part of a model with its gradients, run as memory and precision ask for. */
export interface Differentiable {
  /** Opens what the forward pass needs, so that what is wrong with it is known now. */
  open(): Promise<void>;
  /** Name, type and dims of an input of the graph. */
  input(name: string): ValueInfo | undefined;
  /** The output, [B, ...]. */
  forward(feeds: Feeds): Promise<Float32Tensor>;
  /** The output, and `grad_<input>` for each of `wrt`. */
  gradients(feeds: Feeds, seed: Seed, wrt: readonly string[]): Promise<GradientResults>;
}

export interface PartOptions {
  /** `unet` … : the folder, and what sessions are called. */
  part: 'unet' | 'vae_decoder';
  path: string;
  of: string;
  /** All inputs by which gradients can be asked for. */
  wrt: readonly string[];
  /** Sizes of the inputs' free dimensions; axis 0 is the batch. */
  sizes: Readonly<Record<string, readonly (number | undefined)[]>>;
  inputs: readonly ValueInfo[];
  precision: 'float32' | 'float16';
}

/** What the parts of a model share. */
export interface PartMeans {
  sessions: Sessions;
  memory: Memory;
  prepared: PreparedGraphs;
  /** Told of a kept graph that had to be made again, in one line. */
  warn?: ((message: string) => void) | undefined;
}

/** A part as its memory is planned by; its graph is read anew each time. */
export function planned({ path, of, wrt, sizes }: PartOptions): PartGraph {
  return { model: () => withSizes(readLight(path), sizes), of, wrt };
}

/** Opens nothing yet. */
export function differentiable(
  options: PartOptions,
  { sessions, memory, prepared, warn }: PartMeans,
): Differentiable {
  const { part, path, of, wrt, sizes, inputs, precision } = options;
  const half = precision === 'float16';
  const makeStages = (): Prepared | undefined => {
    const { staged, most } = memory.plan(part);
    return staged && { model: half ? toFloat16(staged.model) : staged.model, most };
  };
  const openStages = ({ model, most }: Prepared): Promise<Session> => {
    // Beyond `extended`, and by packing, the runtime makes a copy of weights for each operator that reads
    // them; as they are, they stay mapped from their file. For large ones this is faster, too.
    const options = { optimization: 'extended', prepack: false, most } as const;
    const key = `${part} in stages`;
    return sessions
      .get(key, () => model, options)
      .catch((error: Error) => {
        // The runtime's own fusions trip over LayerNorms that a file spreads over several precisions.
        if (!/Type Error/.test(error.message)) throw error;
        const plain = { ...options, optimization: 'disabled' } as const;
        return sessions.get(`${key}, not fused`, () => model, plain);
      });
  };
  const openKept = async (): Promise<Session | undefined> => {
    const key = JSON.stringify([memory.key, sizes, of, wrt]);
    const found = prepared.get(part, key, makeStages);
    if (!found) return undefined;
    try {
      return await openStages(found);
    } catch (error) {
      // Where the provider is to blame, or a graph that was made just now, another one would fail as well.
      if (!found.kept || isOfProvider(error)) throw error;
      warn?.(
        `${part}: its prepared graph could not be opened and is made again: ${reasonOf(error)}`,
      );
      const made = prepared.renew(part, key, makeStages);
      return made && openStages(made);
    }
  };
  let opened: Promise<Session | undefined> | undefined;
  /** The session of the graph in stages, or undefined where the whole ones fit. */
  const inStages = (): Promise<Session | undefined> => {
    if (!opened) {
      opened = openKept();
      // A failure must not be remembered.
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };

  const openForward = async () => {
    const staged = await inStages();
    return { staged, session: staged ?? (await sessions.get(part, () => sourceOf(path, half))) };
  };

  return {
    async open() {
      await openForward();
    },
    input: (name) => inputs.find((input) => input.name === name),

    async forward(feeds) {
      const { staged, session } = await openForward();
      const extra = staged ? { ...unused(staged, of), ...off } : {};
      return (await session.run({ ...feeds, ...extra }, [of]))[of] as Float32Tensor;
    },

    async gradients(feeds, seed, asked) {
      const staged = await inStages();
      const session = staged ?? (await wholeGradients(seed, asked));
      const base = staged ? { ...unused(staged, of), ...on } : {};
      const names = [of, ...[...new Set(asked)].sort().map((name) => `grad_${name}`)];
      const run = async (part: Feeds): Promise<GradientResults> =>
        (await session.run({ ...feeds, ...base, ...part }, names)) as GradientResults;
      if ('cotangent' in seed) {
        const name = `grad_${of}`;
        if (!half) return run({ [name]: seed.cotangent });
        return lossScaled(seed.cotangent, (scaled) => run({ [name]: scaled }));
      }
      const error = errorFeeds(seed.target, seed.weights);
      if (!half) return run(error);
      const scale = error[ERROR_SCALE] as Float32Tensor;
      return lossScaled(scale, (scaled) => run({ ...error, [ERROR_SCALE]: scaled }));
    },
  };

  function wholeGradients(seed: Seed, asked: readonly string[]): Promise<Session> {
    const kind = 'cotangent' in seed ? 'vjp' : 'error';
    const names = [...new Set(asked)].sort();
    return sessions.vjp(
      `${part} ${kind} ${names.join('+')}`,
      // Free heights and widths would make expressions of sizes grow without end in deep graphs.
      () => withSizes(readPart(path), sizes),
      { of, wrt: names },
      (vjp) => {
        const graph = half ? toFloat16(vjp) : vjp;
        return kind === 'error' ? errorInsteadOfGradient(graph, of) : graph;
      },
    );
  }
}

const on = { [BACKWARD]: tensorOf('bool', [], [1]) };
const off = { [BACKWARD]: tensorOf('bool', [], [0]) };

const isOfProvider = (error: unknown) =>
  isLikewiseError(error) && error.code === 'PROVIDER_UNUSABLE';

/** What ONNX Runtime said, without the advice on the model's folder, which is not at fault. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return (cause instanceof Error ? cause : (error as Error)).message;
}

/** Zeros that broadcast, for what an evaluation makes no use of. */
function unused(session: Session, of: string): Feeds {
  const rank = session.inputs.find(({ name }) => name === ERROR_TARGET)?.dims.length ?? 0;
  const none = zeros('float32', new Array(rank).fill(1));
  return { [`grad_${of}`]: none, [ERROR_TARGET]: none, [ERROR_SCALE]: none };
}
