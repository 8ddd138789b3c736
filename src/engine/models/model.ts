import type { Tensor } from '../onnx/tensor.ts';
import type { NoiseSchedule } from './schedule.ts';

export type Float32Tensor = Tensor<'float32'>;

/** What a vector-Jacobian product of the U-Net can be taken with respect to. */
export type UnetInput = 'sample' | 'context';

export interface UnetGradients {
  /** The U-Net's own output, [B, C, h, w]. */
  out: Float32Tensor;
  /** Gradient by the noisy latents, [B, C, h, w]; there when asked for. */
  gradSample?: Float32Tensor;
  /** Gradient by the text features, [B, L, D]; there when asked for. */
  gradContext?: Float32Tensor;
}

/**
 * A text-conditioned latent diffusion model: what inversion and synthesis work on, whatever runs
 * it. All tensors are float32, row-major; B is the batch, any size from 1. Nothing here draws
 * random numbers: equal inputs give equal bytes.
 */
export interface DiffusionModel {
  /** Name for people, e.g. the folder's. */
  readonly id: string;
  /** SHA-256 of the content of the files that make the model, hex. */
  readonly hash: string;
  /** What it runs on, e.g. `cpu`. */
  readonly provider: string;
  /** What U-Net and decoder compute in. */
  readonly precision: 'float32' | 'float16';
  /** Pictures in pixels: RGB in [-1, 1], NCHW. */
  readonly image: { readonly height: number; readonly width: number };
  readonly latent: {
    readonly channels: number;
    readonly height: number;
    readonly width: number;
    readonly scalingFactor: number;
  };
  readonly text: {
    /** L: tokens in a sequence. */
    readonly length: number;
    /** D: width of the text features. */
    readonly width: number;
    /** Dt: width of a token embedding. */
    readonly tokenWidth: number;
    readonly bos: number;
    readonly eos: number;
    /** Rows of the token-embedding table. */
    readonly vocabulary: number;
  };
  readonly schedule: NoiseSchedule;

  /** E. Pixels [B, 3, H, W] -> latents [B, C, h, w]: the posterior mean, scaled. */
  encode(pixels: Float32Tensor): Promise<Float32Tensor>;
  /** D. Scaled latents [B, C, h, w] -> pixels [B, 3, H, W]; may leave [-1, 1] a little. */
  decode(z: Float32Tensor): Promise<Float32Tensor>;
  /** D, and the gradient of sum_b weights[b] * || D_b - target_b ||^2 by z, in one evaluation. */
  decodeErrorVjp(
    z: Float32Tensor,
    target: Float32Tensor,
    weights: readonly number[],
  ): Promise<{ pixels: Float32Tensor; gradZ: Float32Tensor }>;

  /** Ids, `text.length` of them: BOS, words, EOS to the end. Too long a text is cut. */
  tokenize(text: string): number[];
  /** Rows of the token-embedding table, [ids.length, Dt]. */
  tokenEmbeddings(ids: readonly number[]): Float32Tensor;
  /** C. Token embeddings [B, L, Dt] -> text features c [B, L, D]. */
  encodeTokens(embeddings: Float32Tensor): Promise<Float32Tensor>;
  /** C and its gradient: gradEmbeddings = (dC/dK)^T gradC. */
  encodeTokensVjp(
    embeddings: Float32Tensor,
    gradC: Float32Tensor,
  ): Promise<{ c: Float32Tensor; gradEmbeddings: Float32Tensor }>;
  /**
   * A first guess of the tokens that describe a picture: z [B, C, h, w] -> [B, N, Dt], the rows
   * after BOS. Only models that ship such an encoder have it.
   */
  predictTokens?(z: Float32Tensor): Promise<Float32Tensor>;

  /** U. What the network predicts for z [B, C, h, w] at timesteps t [B] under c [B, L, D]. */
  unet(z: Float32Tensor, t: readonly number[], c: Float32Tensor): Promise<Float32Tensor>;
  /** U and its vector-Jacobian products: (dU/dx)^T gradOut for each x in `wrt`. */
  unetVjp(
    z: Float32Tensor,
    t: readonly number[],
    c: Float32Tensor,
    gradOut: Float32Tensor,
    wrt: readonly UnetInput[],
  ): Promise<UnetGradients>;
  /**
   * U and the gradient of sum_b weights[b] * || U_b - target_b ||^2, in one evaluation: cheaper than
   * `unet` then `unetVjp`, which has to run U twice to know the residual.
   */
  unetErrorVjp(
    z: Float32Tensor,
    t: readonly number[],
    c: Float32Tensor,
    target: Float32Tensor,
    weights: readonly number[],
    wrt: readonly UnetInput[],
  ): Promise<UnetGradients>;

  /** U-Net evaluations so far, counted per sample: a batch of 8 counts 8. */
  readonly counters: UnetCounters;
  /** Frees sessions and weights. */
  close(): Promise<void>;
}

export interface UnetCounters {
  /** Forward only. */
  unetForward: number;
  /** Forward and backward together. */
  unetVjp: number;
}
