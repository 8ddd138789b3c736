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
import type { requiredParts } from './layout.ts';

/** What memory there is, and what the arithmetic takes of it. */
export interface MemorySettings {
  readonly provider: Provider;
  /** MB (10^6 bytes) that the model may take in all; 0: see `defaultMegabytes`. */
  readonly megabytes: number;
  readonly precision: 'float32' | 'float16';
}

/** A part that is differentiated, as its plan is made of it. */
export interface PartGraph {
  /** With known sizes, see `withSizes`. Asked for only where a plan is made. */
  model(): OnnxModel;
  /** The output that is differentiated, and the inputs by which. */
  readonly of: string;
  readonly wrt: readonly string[];
}

/** How a differentiable part is run so as to fit. */
export interface PartPlan {
  /** Forward pass and gradients in stages; undefined: as graphs of their own that keep everything. */
  readonly staged: StagedVjp | undefined;
  /** What backward products and convolutions read, as `VjpOptions` has it. */
  readonly weights: 'rearranged' | 'shared';
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
/** Of the text encoder's weights: forward, and in a session of its own backward, with kernels for both ways. */
const textCopies = 3;
/** How far estimates may be wrong. */
const margin = 1.25;
/**
 * Of the memory beside the weights. Stable Diffusion 1.5 at 512 x 512 on a card of 12 GB, which leaves 5.2 GB:
 * four samples of the U-Net, a step of Eq. 2, take 1.6 GB by estimate, the decoder 3.0, the encoder 0.5.
 */
const shares = { unet: 0.31, vae_decoder: 0.59, vae_encoder: 0.1 } as const;
/** The decoder's graph is made sooner than the U-Net's, and is what is too large if any is. */
const differentiated = ['vae_decoder', 'unet'] as const;
export type DifferentiablePart = (typeof differentiated)[number];
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

/** Bytes of weights that sessions hold: of all parts, and of those that are differentiated in stages. */
export interface HeldWeights {
  readonly all: number;
  readonly staged: number;
}

/**
 * The weights of a model, each as often as sessions hold them.
 * @param graphs the text encoder as it is run: without the table of its tokens, which is in no session
 * @param precision of U-Net and decoder; the other parts are float32
 */
export function heldWeights(
  graphs: Readonly<Record<(typeof requiredParts)[number], OnnxModel>>,
  precision: MemorySettings['precision'],
): HeldWeights {
  const staged = weightBytes(graphs.unet, precision) + weightBytes(graphs.vae_decoder, precision);
  const text = textCopies * weightBytes(graphs.text_encoder, 'float32');
  return { all: staged + weightBytes(graphs.vae_encoder, 'float32') + text, staged };
}

/** Shares the memory out among the parts of one model. */
export interface Memory {
  /**
   * The plan of a part, a pure function of model and settings: results must not depend on what else
   * the machine does. The graph in stages is the same with any budget, but for whether its weights are
   * rearranged on WebGPU; only how many samples run at once differs, and whether it is used at all.
   * @throws LikewiseError `MEMORY_TOO_SMALL`
   */
  plan(part: DifferentiablePart): PartPlan;
  /** Samples of a part without gradients that are run at once. */
  samples(model: OnnxModel): number;
  /**
   * Names everything that the plans of one model depend on, for what is kept of them: what is chosen for
   * its weights follows from this, and is not worth the seconds that it takes where plans are kept.
   */
  readonly key: string;
}

/**
 * @param dir for errors
 * @param totalOfGpu MB that the GPU has, asked for where the settings say nothing
 */
export function memoryOf(
  dir: string,
  held: HeldWeights,
  parts: Readonly<Record<DifferentiablePart, PartGraph>>,
  settings: MemorySettings,
  totalOfGpu: () => number | undefined = gpuMegabytes,
): Memory {
  const { provider, precision } = settings;
  const megabytes = settings.megabytes || defaultMegabytes(provider, totalOfGpu);
  const cpu = provider === 'cpu';
  const kept = held.all * (cpu ? copiesOnCpu : 1) + (cpu ? 0 : Math.min(gpuOverhead, 3 * held.all));
  // Each part's buffers stay for its next run: they share what is free.
  const free = megabytes * 1e6 - kept;
  const share = precision === 'float16' ? 0.5 : 1;
  const fits = (bytes: number, part: keyof typeof shares, room: number) =>
    Math.floor((room * shares[part]) / (bytes * share * margin));

  /** The graph in stages; undefined where what keeps everything fits. */
  const build = (part: DifferentiablePart, weights: PartPlan['weights']): StagedVjp | undefined => {
    const { of, wrt } = parts[part];
    const model = parts[part].model();
    const values = valueBytes(model);
    const whole = wholeCopies * weightBytes(model, precision) + 2 * wholeSamples * share * values;
    if (whole <= free * shares[part]) return undefined;
    // As many stages as make the fewest bytes: the model's affair, not the budget's, so that the graph is
    // the same with any. On the CPU a large model is no faster by the batch than one sample at a time.
    let best: StagedVjp | undefined;
    for (const count of stageCounts) {
      const stageBytes = values / count;
      const next = buildStagedVjp(model, { of, wrt, stageBytes, sliceBytes, weights });
      // They fall, and once the borders outweigh the stages they rise.
      if (best && next.backwardBytes >= best.backwardBytes) break;
      best = next;
    }
    return best;
  };
  const built = new Map<string, StagedVjp | undefined>();
  const stagesOf = (part: DifferentiablePart, weights: PartPlan['weights']) => {
    const name = `${part} ${weights}`;
    if (!built.has(name)) built.set(name, build(part, weights));
    return built.get(name);
  };

  // On WebGPU a convolution backwards is slow by the forward pass's own weights; see the gradient rule.
  // Rearranged ones are copies: they are taken where there is room for those of both parts, and beside
  // them for a sample of each.
  const copies = provider === 'webgpu' ? held.staged : 0;
  const roomForCopies = () =>
    differentiated.every((part) => {
      const staged = stagesOf(part, 'rearranged');
      return !staged || fits(staged.backwardBytes, part, free - copies) >= 1;
    });
  let chosen: PartPlan['weights'] | undefined;
  const choose = (): PartPlan['weights'] => {
    if (!chosen) {
      chosen = provider === 'webgpu' && roomForCopies() ? 'rearranged' : 'shared';
      // The others are of no more use.
      if (chosen === 'shared') built.clear();
    }
    return chosen;
  };

  return {
    key: `${megabytes} ${precision} ${provider}`,
    plan(part) {
      const weights = choose();
      const staged = stagesOf(part, weights);
      built.delete(`${part} ${weights}`);
      if (!staged) return { staged, weights: 'rearranged', most: mostSamples };
      const room = weights === 'rearranged' ? free - copies : free;
      const { backwardBytes: bytes } = staged;
      const most = Math.min(fits(bytes, part, room), cpu ? 1 : mostSamples);
      if (most >= 1) return { staged, weights, most };
      const all = (bytes * share * margin) / shares[part];
      const needed = Math.ceil((kept + all) / 1e6);
      throw new LikewiseError('MEMORY_TOO_SMALL', { path: dir, part, needed, megabytes });
    },
    samples: (model) => {
      const most = fits(valueBytes(model, 'peak'), 'vae_encoder', free - copies);
      return Math.max(1, Math.min(most, mostSamples));
    },
  };
}
