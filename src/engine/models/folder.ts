import { basename, resolve } from 'node:path';
import { isAutodiffError } from '../autodiff/index.ts';
import {
  chooseProvider,
  dimsOfType,
  dtypeOfType,
  isOnnxError,
  type OnnxModel,
  type Provider,
  readSkeleton,
  tensorOf,
  type ValueInfo,
} from '../onnx/index.ts';
import { float32 } from './batch.ts';
import { differentiable, type PartMeans, type PartOptions, planned } from './differentiable.ts';
import { graphOf } from './graph.ts';
import { modelHash } from './hash.ts';
import { type Layout, readLayout, requiredParts } from './layout.ts';
import { heldWeights, type MemorySettings, memoryOf } from './memory.ts';
import type { DiffusionModel, Float32Tensor } from './model.ts';
import { preparedGraphs } from './prepared.ts';
import { readLight } from './read.ts';
import { latentChannels, refuseFused, refuseOtherUnets } from './refusals.ts';
import { lazySessions, type Sessions } from './sessions.ts';
import { withSizes } from './sizes.ts';
import { cutTextEncoder, featuresOutput, type TextGraph, tokenInput } from './text-encoder.ts';
import { type ClipTokenizer, loadTokenizer } from './tokenizer.ts';
import { createUnet, unetInputs, unetOutput } from './unet.ts';
import { unusable } from './unusable.ts';
import { createVae, decoderInput, decoderOutput } from './vae.ts';

export interface LoadOptions {
  /** `auto`: the fastest that works here, see docs/providers.md. @default 'cpu' */
  provider?: Provider | 'auto';
  /** Threads inside one operator, for every session. @default the runtime's choice */
  threads?: number;
  /**
   * MB (10^6 bytes) that the model may take in all, weights included: parts that would need more are
   * differentiated in stages. @default 0: three quarters of the machine's on the CPU; nine tenths of a GPU's,
   * as nvidia-smi tells, or 11,500 where nothing does
   */
  memoryMegabytes?: number | undefined;
  /** What U-Net and decoder compute in. @default 'float32' */
  precision?: 'float32' | 'float16' | undefined;
  /** Told in one line of nodes that the provider leaves to the CPU, and of kept files that were of no use. */
  warn?: (message: string) => void;
}

/**
 * A folder in diffusers' ONNX layout, as diffusers' own script and Optimum write it, as a model.
 * Sessions are opened when first used, gradient graphs built when first needed.
 * @throws LikewiseError `MODEL_UNUSABLE` for a folder that is no such model, saying what is missing
 *   or not supported; `PROVIDER_UNUSABLE` where this machine lacks what the provider needs
 */
export async function loadModel(dir: string, options: LoadOptions = {}): Promise<DiffusionModel> {
  const { threads, warn } = options;
  const { provider } = await chooseProvider(options.provider);
  const layout = readLayout(dir);
  const tokenizer = loadTokenizer(dir);
  const sessions = lazySessions({ dir, provider, threads, warn });
  try {
    const { memoryMegabytes: megabytes = 0, precision = 'float32' } = options;
    const settings = { provider, megabytes, precision, warn };
    return await assemble(layout, tokenizer, sessions, settings);
  } catch (error) {
    await sessions.close();
    const known = isOnnxError(error) || isAutodiffError(error);
    throw known ? unusable(dir, error.message, error) : error;
  }
}

async function assemble(
  layout: Layout,
  tokenizer: ClipTokenizer,
  sessions: Sessions,
  settings: MemorySettings & Pick<PartMeans, 'warn'>,
): Promise<DiffusionModel> {
  const { dir } = layout;
  const { provider, precision, warn } = settings;
  const graphs = skeletonsOf(layout);
  const text = cutTextEncoder(layout.graph('text_encoder'), tokenizer.vocabulary, dir);
  const unetInfos = inputsOf(graphs.unet);
  const sample = inputOf(unetInfos, unetInputs.sample, 4, dir);
  const context = inputOf(unetInfos, unetInputs.context, 3, dir);
  inputOf(unetInfos, 'timestep', undefined, dir);
  refuseOtherUnets(layout, graphs);

  const length = text.length ?? tokenizer.maxLength ?? 77;
  const encoder = await sessions.get('text_encoder', () => text.model);
  const encodeTokens = async (embeddings: Float32Tensor): Promise<Float32Tensor> =>
    (await encoder.run(textFeeds(text, embeddings), [featuresOutput]))[
      featuresOutput
    ] as Float32Tensor;

  const decoderInfos = inputsOf(graphs.vae_decoder);
  inputOf(decoderInfos, decoderInput, 4, dir);
  const channels = fixed(sample.dims[1]) ?? latentChannels(graphs.vae_decoder) ?? 4;
  const size = sizes(layout, sample, sidesOf(graphs.vae_encoder, 'sample'));
  const tokenWidth = text.table.dims[1] ?? 0;
  const width = fixed(context.dims[2]) ?? (await probeWidth(encodeTokens, length, tokenWidth));

  const hash = await modelHash(dir);
  const latentSizes = [undefined, channels, size.latent.height, size.latent.width];
  const unetPart: PartOptions = {
    part: 'unet',
    path: layout.graph('unet'),
    of: unetOutput,
    wrt: Object.values(unetInputs),
    sizes: {
      [unetInputs.sample]: latentSizes,
      [unetInputs.context]: [undefined, length, width],
      timestep: [undefined],
    },
    inputs: unetInfos,
    precision,
  };
  const decoderPart: PartOptions = {
    part: 'vae_decoder',
    path: layout.graph('vae_decoder'),
    of: decoderOutput,
    wrt: [decoderInput],
    sizes: { [decoderInput]: latentSizes },
    inputs: decoderInfos,
    precision,
  };
  const held = heldWeights({ ...graphs, text_encoder: text.model }, precision);
  const parts = { unet: planned(unetPart), vae_decoder: planned(decoderPart) };
  const memory = memoryOf(dir, held, parts, settings);
  const means = { sessions, memory, prepared: preparedGraphs(dir, hash), warn };
  const unet = differentiable(unetPart, means);
  const decoder = differentiable(decoderPart, means);
  await unet.open();
  await decoder.open();
  const pixels = [undefined, 3, size.image.height, size.image.width];
  const encoding = withSizes(readLight(layout.graph('vae_encoder')), { sample: pixels });
  const counters = { unetForward: 0, unetVjp: 0 };
  const vae = createVae(
    {
      dir,
      encoder: layout.graph('vae_encoder'),
      decoder,
      most: memory.samples(encoding),
      scalingFactor: layout.scalingFactor,
      channels,
    },
    sessions,
  );
  const predictTokens = async (z: Float32Tensor): Promise<Float32Tensor> => {
    const session = await sessions.get('token_encoder', () => layout.graph('token_encoder'));
    return (await session.run({ latent_sample: z })).token_embeddings as Float32Tensor;
  };

  return {
    id: basename(resolve(dir)),
    hash,
    provider,
    precision,
    image: size.image,
    latent: { channels, ...size.latent, scalingFactor: layout.scalingFactor },
    text: {
      length,
      width,
      tokenWidth,
      bos: tokenizer.bos,
      eos: tokenizer.eos,
      vocabulary: text.table.dims[0] ?? 0,
    },
    schedule: layout.schedule,
    ...vae,
    tokenize: (sentence) => tokenizer.encode(sentence, length),
    tokenEmbeddings: (ids) => embeddingRows(text.table, ids),
    encodeTokens,
    async encodeTokensVjp(embeddings, gradC) {
      const session = await sessions.vjp('text_encoder vjp', () => text.model, {
        of: featuresOutput,
        wrt: [tokenInput],
      });
      const feeds = { ...textFeeds(text, embeddings), [`grad_${featuresOutput}`]: gradC };
      const result = await session.run(feeds);
      return {
        c: result[featuresOutput] as Float32Tensor,
        gradEmbeddings: result[`grad_${tokenInput}`] as Float32Tensor,
      };
    },
    ...(layout.hasTokenEncoder && { predictTokens }),
    ...createUnet(unet, counters),
    counters,
    close: () => sessions.close(),
  };
}

/** The graphs of all parts, without their weights. */
function skeletonsOf(layout: Layout): Record<(typeof requiredParts)[number], OnnxModel> {
  const graphs = requiredParts.map((part) => {
    const graph = readSkeleton(layout.graph(part));
    refuseFused(graph, `${part}/model.onnx`, layout.dir);
    return [part, graph];
  });
  return Object.fromEntries(graphs);
}

/** Inputs as they are fed: what is float16 in the file is float32 here. */
function inputsOf(model: OnnxModel): ValueInfo[] {
  const weights = new Set((graphOf(model).initializer ?? []).map(({ name }) => name));
  return (graphOf(model).input ?? [])
    .filter(({ name }) => !weights.has(name))
    .map(({ name = '', type }) => {
      const dtype = dtypeOfType(type) ?? 'float32';
      return { name, dtype: dtype === 'float16' ? 'float32' : dtype, dims: dimsOfType(type) ?? [] };
    });
}

function inputOf(
  inputs: readonly ValueInfo[],
  name: string,
  rank: number | undefined,
  dir: string,
): ValueInfo {
  const info = inputs.find((input) => input.name === name);
  if (!info || (rank !== undefined && info.dims.length !== rank)) {
    const all = inputs.map((input) => input.name).join(', ');
    throw unusable(dir, `a graph has no input "${name}" of rank ${rank ?? 0} (it has ${all})`);
  }
  return info;
}

/** Picture and latent sizes: from the graphs where they are fixed, from the settings otherwise. */
function sizes(
  { sampleSize = 64, vaeFactor = 8 }: Layout,
  sample: ValueInfo,
  [pictureHeight, pictureWidth]: readonly (number | undefined)[],
) {
  const latent = {
    height: fixed(sample.dims[2]) ?? sampleSize,
    width: fixed(sample.dims[3]) ?? sampleSize,
  };
  const image = {
    height: pictureHeight ?? latent.height * vaeFactor,
    width: pictureWidth ?? latent.width * vaeFactor,
  };
  return { latent, image };
}

/** Height and width of an input [B, channels, height, width], where the graph fixes them. */
function sidesOf(model: OnnxModel, name: string): (number | undefined)[] {
  const input = (graphOf(model).input ?? []).find((one) => one.name === name);
  const dims = input?.type?.tensorType?.shape?.dim ?? [];
  return dims
    .slice(2)
    .map(({ dimValue }) => (dimValue === undefined ? undefined : Number(dimValue)));
}

async function probeWidth(
  encode: (embeddings: Float32Tensor) => Promise<Float32Tensor>,
  length: number,
  tokenWidth: number,
): Promise<number> {
  return (await encode(float32([1, length, tokenWidth]))).dims[2] ?? 0;
}

/** Rows of the table for the ids, [ids.length, Dt]. @throws RangeError for an id it has no row for */
function embeddingRows(table: Float32Tensor, ids: readonly number[]): Float32Tensor {
  const [vocabulary = 0, width = 0] = table.dims;
  const out = float32([ids.length, width]);
  ids.forEach((id, i) => {
    if (!Number.isInteger(id) || id < 0 || id >= vocabulary) {
      throw new RangeError(`token id ${id} is not in 0 … ${vocabulary - 1}`);
    }
    out.data.set(table.data.subarray(id * width, (id + 1) * width), i * width);
  });
  return out;
}

function textFeeds(text: TextGraph, embeddings: Float32Tensor) {
  const [batch = 1, length = 0] = embeddings.dims;
  const feeds: Record<string, Float32Tensor | ReturnType<typeof tensorOf>> = {
    [tokenInput]: embeddings,
  };
  // Only their shape is read: which ids they are makes no difference.
  if (text.needsIds) {
    feeds.input_ids = tensorOf(text.idsType, [batch, length], new Array(batch * length).fill(0));
  }
  return feeds;
}

/** A dimension's size, where it has one. */
function fixed(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}
