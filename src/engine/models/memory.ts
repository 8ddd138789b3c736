import { totalmem } from 'node:os';
import { LikewiseError } from '../../errors.ts';
import { buildStagedVjp, type StagedVjp, valueBytes } from '../autodiff/index.ts';
import {
  DTYPES,
  dimsOf,
  dtypeOfCode,
  gpuMegabytes,
  type OnnxModel,
  type Provider,
} from '../onnx/index.ts';
import { graphOf } from './graph.ts';

/** What memory there is, and what the arithmetic takes of it. */
export interface MemorySettings {
  readonly provider: Provider;
  /** MB (10^6 bytes) that the model may take in all; 0: see `defaultMegabytes`. */
  readonly megabytes: number;
  readonly precision: 'float32' | 'float16';
}

/** How a differentiable part is run so as to fit. */
export interface PartPlan {
  /** Forward pass and gradients in stages; undefined: as graphs of their own that keep everything. */
  readonly staged: StagedVjp | undefined;
  /** Samples that are run at once. */
  readonly most: number;
}

/** Scores of one attention that are kept whole, for one sample; the same for all, see `plan`. */
export const sliceBytes = 64e6;

/** Of the GPU's memory: the rest is for its driver and the screen. */
const gpuShare = 0.9;
/** The same of a card of 12 GB, where nothing tells what there is. */
const usualGpu = 11_500;
/** Of the machine's memory: the rest is for the system and for pictures. */
const cpuShare = 0.75;
/** A driver's own buffers, what its allocator rounds up, and workspace of its convolutions. */
const gpuOverhead = 1.5e9;
/** On the CPU, graphs that are not in stages pack their weights: beside the file there is a copy. */
const copiesOnCpu = 1.25;
/** How far estimates may be wrong. */
const margin = 1.25;
/** Of the memory beside the weights. */
const shares = { unet: 0.3, vae_decoder: 0.6, vae_encoder: 0.1 } as const;
const mostSamples = 16;
/** Samples that the whole graphs are laid out for. */
const wholeSamples = 8;
/** Weights with whole graphs: forward, and two kinds of gradient with kernels for both ways. */
const wholeCopies = 5;
/** Stages that are tried: more of them hold fewer values each, but more borders in all. */
const stageCounts = [4, 8, 16, 32];

/** What is taken where the settings say nothing. It must not depend on what is free just now. */
function defaultMegabytes(provider: Provider, totalOfGpu: () => number | undefined): number {
  if (provider !== 'cpu') {
    const total = totalOfGpu();
    return total === undefined ? usualGpu : Math.round(gpuShare * total);
  }
  // A container's limit, where there is one.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.round((cpuShare * Math.min(totalmem(), limit)) / 1e6);
}

/** Bytes of a graph's weights as they are computed with; a skeleton will do. */
export function weightBytes(model: OnnxModel, precision: MemorySettings['precision']): number {
  return (graphOf(model).initializer ?? []).reduce((sum, tensor) => {
    const size = dimsOf(tensor).reduce((n, d) => n * d, 1);
    const dtype = dtypeOfCode(tensor.dataType ?? 1) ?? 'float32';
    const half = precision === 'float16' && dtype === 'float32';
    const single = precision === 'float32' && dtype === 'float16';
    return sum + size * (half ? 2 : single ? 4 : DTYPES[dtype].bytes);
  }, 0);
}

/** Shares the memory out among the parts of one model. */
export interface Memory {
  /**
   * The plan of a part, a pure function of model and settings: results must not depend on what else
   * the machine does. The graph in stages is the same with any budget; only how many samples run at once
   * differs, and whether it is used at all.
   * @param part for errors; `model` has known sizes, see `withSizes`
   * @throws LikewiseError `MEMORY_TOO_SMALL`
   */
  plan(part: keyof typeof shares, model: OnnxModel, of: string, wrt: readonly string[]): PartPlan;
  /** Samples of a part without gradients that are run at once. */
  samples(model: OnnxModel): number;
  /** Names everything that plans depend on, for what is kept of them. */
  readonly key: string;
}

/**
 * @param resident bytes of all parts' weights, each once
 * @param totalOfGpu MB that the GPU has, asked for where the settings say nothing
 */
export function memoryOf(
  dir: string,
  resident: number,
  settings: MemorySettings,
  totalOfGpu: () => number | undefined = gpuMegabytes,
): Memory {
  const { provider, precision } = settings;
  const megabytes = settings.megabytes || defaultMegabytes(provider, totalOfGpu);
  const cpu = provider === 'cpu';
  // Its convolution backwards is slow there; see the gradient rule. Rearranged weights are copies.
  const weights = provider === 'webgpu' ? 'rearranged' : 'shared';
  const copies = cpu ? copiesOnCpu : weights === 'rearranged' ? 2 : 1;
  const kept = resident * copies + (cpu ? 0 : Math.min(gpuOverhead, 3 * resident));
  // Each part's buffers stay for its next run: they share what is free.
  const free = megabytes * 1e6 - kept;
  const share = precision === 'float16' ? 0.5 : 1;
  const fits = (bytes: number, part: keyof typeof shares) =>
    Math.floor((free * shares[part]) / (bytes * share * margin));

  return {
    key: `${megabytes} ${precision} ${cpu ? 'cpu' : provider}`,
    plan(part, model, of, wrt) {
      const values = valueBytes(model);
      const whole = wholeCopies * weightBytes(model, precision) + 2 * wholeSamples * share * values;
      if (whole <= free * shares[part]) return { staged: undefined, most: mostSamples };
      // As many stages as make the fewest bytes: the model's affair, not the budget's, so that the graph is
      // the same with any. On the CPU a large model is no faster by the batch than one sample at a time.
      const [best] = stageCounts
        .map((count) => values / count)
        .map((stageBytes) => buildStagedVjp(model, { of, wrt, stageBytes, sliceBytes, weights }))
        .sort((one, other) => one.backwardBytes - other.backwardBytes);
      const bytes = best?.backwardBytes ?? 0;
      const most = Math.min(fits(bytes, part), cpu ? 1 : mostSamples);
      if (best && most >= 1) return { staged: best, most };
      const all = (bytes * share * margin) / shares[part];
      const needed = Math.ceil((kept + all) / 1e6);
      throw new LikewiseError('MEMORY_TOO_SMALL', { path: dir, part, needed, megabytes });
    },
    samples: (model) =>
      Math.max(1, Math.min(fits(valueBytes(model, 'peak'), 'vae_encoder'), mostSamples)),
  };
}
