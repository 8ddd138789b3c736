/** What a process of this bench is told, and what it says. */
import type { Provider } from '../../src/engine/onnx/index.ts';
import type { Sd15Arguments } from './arguments.ts';

/** `unet` is the first answer of the U-Net, and nothing else. */
export type TaskName = 'prepare' | 'eq2' | 'eq3' | 'render' | 'unet';

/** One task on our side: the JSON argument of ours.ts. */
export interface OurOrder
  extends Pick<Sd15Arguments, 'memory' | 'precision' | 'threads' | 'batch' | 'steps'> {
  readonly task: TaskName;
  readonly provider: Provider;
  readonly runs: number;
  /** Run once for what comes out, which the other side's results are held against; nothing is measured. */
  readonly compared: boolean;
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
  readonly device: 'cpu' | 'cuda' | 'mps';
  /** Whether it is measured in float16; what it answers is float32's all the same. */
  readonly half: boolean;
  /** Whether it is measured with factors rounded to TF32; what it answers is exact all the same. */
  readonly tf32: boolean;
  readonly channelsLast: boolean;
  /** Whether there is something that its results are compared with. */
  readonly compared: boolean;
}

/** What `prepare` finds out. */
export interface Prepared {
  readonly provider: Provider;
  readonly precision: 'float32' | 'float16';
  readonly image: { readonly height: number; readonly width: number };
  readonly factor: number;
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
  /** Most resident memory of the process while it measured, bytes; undefined: the system does not tell. */
  readonly peakBytes?: number;
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
