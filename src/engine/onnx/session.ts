import './no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { lackingOps, lackingWords } from './coverage.ts';
import { OnnxError } from './errors.ts';
import { decodeModel, encodeModel, externalTensors, type OnnxModel } from './model-file.ts';
import type { Provider } from './providers.ts';
import { firstLine, tryProvider } from './providers-trial.ts';
import { readSkeleton } from './skeleton.ts';
import { DTYPES, type DType, sizeOf, type Tensor } from './tensor.ts';
import type { ValueInfo } from './value-info.ts';

export interface SessionOptions {
  /** @default 'cpu' */
  provider?: Provider;
  /**
   * Threads inside one operator, on the CPU.
   * @default ONNX Runtime's choice, the physical cores; few beside a GPU, which leaves little to them
   */
  threads?: number;
  /** Graph optimisation: `all` fuses and changes layouts. @default 'all' */
  optimization?: 'disabled' | 'basic' | 'extended' | 'layout' | 'all';
  /** Keep freed memory for the next run: faster, more resident memory. @default true */
  arena?: boolean;
  /**
   * Weights are laid out for their kernels when the model is loaded: faster, but a copy of each for each
   * operator that reads it. @default true
   */
  prepack?: boolean;
  /** Sizes for free (named) dimensions, known at load time. */
  dimensions?: Readonly<Record<string, number>>;
  /** Threads that wait for an operator's share spin, while a run lasts: faster. @default true */
  spin?: boolean;
  /** Writes the graph as optimised to this path (for debugging). */
  optimizedModelPath?: string;
  /** Writes ONNX Runtime's profile to files with this prefix. */
  profile?: string;
  /** Told once for a graph of which nodes the provider has to leave to the CPU. */
  warn?: (message: string) => void;
}

/** A loaded model. Runs block the calling thread: keep it off the thread that answers people. */
export interface Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly provider: Provider;
  /**
   * One evaluation. `feeds` needs every input; `fetches` defaults to every output.
   * @throws OnnxError `feeds` for a wrong name, dtype or shape, `session` for a failed run.
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[],
  ): Promise<Record<string, Tensor>>;
  /** Frees the weights; the session cannot be used afterwards. Calling it twice does nothing. */
  release(): Promise<void>;
}

/** A machine of many cores would start as many threads for each graph. */
const threadsBesideGpu = 4;

const ORT_TYPES = ['string', ...Object.keys(DTYPES)];

/** Providers that gave the right answer once. */
const usable = new Set<Provider>();

/**
 * Finds out whether a provider works before a model is given to it: ONNX Runtime leaves out those that it
 * does not know, without an error, and would run everything on the CPU.
 */
async function assertUsable(provider: Provider): Promise<void> {
  if (provider === 'cpu' || usable.has(provider)) return;
  const why = await tryProvider(provider);
  // What failed is tried again the next time: a driver may come back.
  if (why !== undefined) throw new OnnxError('provider', `no ${provider} here: ${why}`);
  usable.add(provider);
}

function toOptions(
  options: SessionOptions,
  dir: string | null,
): ort.InferenceSession.SessionOptions {
  const provider = options.provider ?? 'cpu';
  // Threads that went on spinning after a run would hold the cores that the next session needs: with
  // a U-Net and a text encoder in turn on two cores, half of the time.
  const session: Record<string, string> = { force_spinning_stop: '1' };
  // Through the arena, which doubles as it grows, weights would take more than they have.
  if (provider === 'cuda') session.use_device_allocator_for_initializers = '1';
  const threads = options.threads ?? (provider === 'cpu' ? undefined : threadsBesideGpu);
  if (dir !== null) session.model_external_initializers_file_folder_path = dir;
  if (options.prepack === false) session.disable_prepacking = '1';
  if (options.spin === false) {
    session['intra_op.allow_spinning'] = '0';
    session['inter_op.allow_spinning'] = '0';
  }
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: options.optimization ?? 'all',
    enableCpuMemArena: options.arena ?? true,
    logSeverityLevel: 3,
    extra: { session },
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...(options.dimensions && { freeDimensionOverrides: options.dimensions }),
    ...(options.optimizedModelPath && { optimizedModelFilePath: options.optimizedModelPath }),
    ...(options.profile && { enableProfiling: true, profileFilePrefix: options.profile }),
  };
}

function toInfo(meta: ort.InferenceSession.ValueMetadata): ValueInfo {
  if (!meta.isTensor || !ORT_TYPES.includes(meta.type) || meta.type === 'string') {
    throw new OnnxError(
      'dtype',
      `"${meta.name}" is no tensor of numbers; such graphs are not supported`,
    );
  }
  const dims = meta.shape.map((d) => (d === '' || d === -1 ? '?' : d));
  return { name: meta.name, dtype: meta.type as DType, dims };
}

function checkFeed(info: ValueInfo, value: Tensor | undefined): asserts value is Tensor {
  const wanted = `${info.dtype} [${info.dims.join(', ')}]`;
  if (value === undefined) {
    throw new OnnxError('feeds', `input "${info.name}" (${wanted}) is missing`);
  }
  const fits =
    value.dims.length === info.dims.length &&
    info.dims.every((d, i) => typeof d === 'string' || d === value.dims[i]);
  if (value.dtype !== info.dtype || !fits || value.data.length !== sizeOf(value.dims)) {
    throw new OnnxError(
      'feeds',
      `input "${info.name}" must be ${wanted}, got ${value.dtype} [${value.dims.join(', ')}] ` +
        `with ${value.data.length} elements`,
    );
  }
}

function wrap(inner: ort.InferenceSession, provider: Provider): Session {
  const inputs = inner.inputMetadata.map(toInfo);
  const outputs = inner.outputMetadata.map(toInfo);
  let released: Promise<void> | undefined;

  return {
    inputs,
    outputs,
    provider,
    async run(feeds, fetches = outputs.map((o) => o.name)) {
      if (released) throw new OnnxError('session', 'the session was released: create a new one');
      const given: Record<string, ort.Tensor> = {};
      for (const info of inputs) {
        const value = feeds[info.name];
        checkFeed(info, value);
        given[info.name] = new ort.Tensor(value.dtype, value.data as Float32Array, value.dims);
      }
      for (const name of [...Object.keys(feeds), ...fetches]) {
        if (!given[name] && !outputs.some((o) => o.name === name)) {
          throw new OnnxError(
            'feeds',
            `the model has no "${name}": inputs are ${inputs.map((i) => i.name).join(', ')}; ` +
              `outputs are ${outputs.map((o) => o.name).join(', ')}`,
          );
        }
      }
      let results: ort.InferenceSession.OnnxValueMapType;
      try {
        results = await inner.run(given, fetches);
      } catch (cause) {
        throw new OnnxError('session', `the ${provider} provider failed: ${firstLine(cause)}`, {
          cause,
        });
      }
      const out: Record<string, Tensor> = {};
      for (const name of fetches) {
        const { type, dims, data } = results[name] as ort.Tensor;
        out[name] = { dtype: type as DType, dims: [...dims], data: data as Float32Array };
      }
      return out;
    },
    release() {
      released ??= inner.release();
      return released;
    },
  };
}

/**
 * Loads a model into ONNX Runtime.
 * @param source path of a .onnx file, its bytes (no external data), or a model (external data is
 *   found in `model.dir`).
 * @throws OnnxError `provider` where the execution provider cannot start, `session` where the
 *   model cannot be loaded; both name the provider.
 */
export async function createSession(
  source: string | Uint8Array | OnnxModel,
  options: SessionOptions = {},
): Promise<Session> {
  const provider = options.provider ?? 'cpu';
  await assertUsable(provider);
  await warnOfLacks(source, options);
  try {
    if (typeof source === 'string') {
      return wrap(await ort.InferenceSession.create(source, toOptions(options, null)), provider);
    }
    if (source instanceof Uint8Array) {
      return wrap(await ort.InferenceSession.create(source, toOptions(options, null)), provider);
    }
    const external = externalTensors(source.proto.graph ?? {}).length > 0;
    const dir = external ? source.dir : null;
    return wrap(
      await ort.InferenceSession.create(encodeModel(source), toOptions(options, dir)),
      provider,
    );
  } catch (cause) {
    if (cause instanceof OnnxError) throw cause;
    const what = typeof source === 'string' ? `"${source}"` : 'the model';
    const text = firstLine(cause);
    // Short of memory, say: no fault of the model's.
    const ofProvider = provider !== 'cpu' && /provider|webgpu|cuda|memory|device/i.test(text);
    throw new OnnxError(
      ofProvider ? 'provider' : 'session',
      `the ${provider} provider cannot load ${what}: ${text} (${advice(provider)})`,
      { cause },
    );
  }
}

function advice(provider: Provider): string {
  if (provider === 'cpu') return 'is the file complete and of a supported operator set?';
  return 'if another program uses up its memory, end that; provider "cpu" does without it';
}

async function warnOfLacks(
  source: string | Uint8Array | OnnxModel,
  { provider = 'cpu', warn }: SessionOptions,
): Promise<void> {
  if (provider === 'cpu' || !warn) return;
  let model: OnnxModel;
  try {
    if (typeof source === 'string') model = readSkeleton(source);
    else model = source instanceof Uint8Array ? decodeModel(source) : source;
  } catch {
    // Why it is no model is said when it is opened.
    return;
  }
  const lacking = await lackingOps(model, provider);
  if (lacking.length > 0) warn(lackingWords(provider, lacking));
}
