/** What a process of this bench is told, and what it says. */
import type { Provider } from '../../src/engine/onnx/index.ts';
import type { Sd15Arguments } from './arguments.ts';

/** `unet` is the first answer of the U-Net, and nothing else. */
export type TaskName = 'prepare' | 'eq2' | 'eq3' | 'render' | 'unet';

/** One task on our side: the JSON argument of ours.ts. */
export interface OurOrder
  extends Pick<
    Sd15Arguments,
    'provider' | 'memory' | 'precision' | 'threads' | 'batch' | 'steps' | 'runs'
  > {
  readonly task: TaskName;
  readonly model: string;
  /** Folder of the inputs; `prepare` writes them. */
  readonly inputs: string;
  /** Folder for the results. */
  readonly out: string;
}

/** One task of PyTorch's: the JSON argument of reference/sd15.py. */
export interface ReferenceOrder {
  readonly task: Exclude<TaskName, 'prepare'> | 'layout';
  readonly model: string;
  /** The latents' scaling factor. */
  readonly factor: number;
  readonly inputs: string;
  readonly out: string;
  readonly runs: number;
  readonly threads: number;
  readonly device: 'cpu' | 'cuda';
  /** Whether it is measured in float16; what it answers is float32's all the same. */
  readonly half: boolean;
  readonly channelsLast: boolean;
}

/** What `prepare` finds out. */
export interface Prepared {
  readonly provider: Provider;
  readonly precision: 'float32' | 'float16';
  readonly image: { readonly height: number; readonly width: number };
  readonly factor: number;
  /** Providers that were tried before, and why they were not taken. */
  readonly tried: readonly { readonly provider: string; readonly why: string }[];
}

/** What a measured task says at its end. */
export interface Measured {
  /** Seconds of each run. */
  readonly runs: readonly number[];
  /** Seconds of the first, small run, with all that has to be opened for it. */
  readonly warm?: number;
  /** Of `render`: seconds of the U-Net for one sample, and of the decoder. */
  readonly unet?: number;
  readonly decode?: number;
  /** Most resident memory of the process, bytes. */
  readonly peakBytes: number;
  /** Most memory of the GPU, where the process itself knows, bytes. */
  readonly gpuBytes?: number;
  readonly torch?: string;
  readonly gpu?: string;
  /** How it was made to fit. */
  readonly note?: string;
}

/** Of two layouts of pictures in PyTorch, seconds of a gradient. */
export interface Layouts {
  readonly torch: string;
  readonly gpu?: string;
  readonly channelsLast: boolean;
  readonly first: number;
  readonly last: number;
  /** Calls of scaled_dot_product_attention in the U-Net. */
  readonly attentions: number;
}
