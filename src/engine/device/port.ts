import type { Packable } from '../../cache/index.ts';
import type { Preset } from '../inversion/index.ts';
import type { Described, PipelinePicture } from '../pipeline/index.ts';
import type { Cell, GuidanceMode, SuggestInput } from '../synthesis/index.ts';

/**
 * What owns the model: it makes inversions one step at a time, and renders. It does one thing at a
 * time and decides nothing; whose turn it is, is the queue's business. Calls made at once are done in
 * the order they were made.
 */
export interface Device {
  readonly model: DeviceModel;
  /** Under which key the order's result is kept: two orders with one key have one result. */
  keyOf(order: InversionOrder): Promise<string>;
  /**
   * Begins an inversion, or goes on from a saved state.
   * @throws CorruptRecordError for a saved state that is not whole
   */
  begin(order: InversionOrder, options?: BeginOptions): Promise<Running>;
  /** One optimiser step. After an error or an abort the task stands where it stood. */
  step(task: TaskId, signal?: AbortSignal): Promise<StepReport>;
  /** The state, as bytes from which `begin` goes on to the same result, bit for bit. */
  save(task: TaskId): Promise<Uint8Array>;
  /** A picture of where the task stands, [3, H, W] in [-1, 1], where its phase has one to show. */
  preview(task: TaskId): Promise<Float32Array | undefined>;
  /** The result, as it is kept, of a task that is done; the task is over. */
  finish(task: TaskId): Promise<Packable>;
  /** Ends a task without a result; one that is over already is no error. */
  drop(task: TaskId): Promise<void>;
  /** B' of each cell, [3, H, W] in [-1, 1]. */
  render(order: RenderOrder, signal?: AbortSignal): Promise<Float32Array[]>;
  /**
   * Index of the drawn cell to offer first; see `suggestCell`.
   * @throws RangeError without a cell, or for pictures that are not of the model's size
   */
  suggest(order: SuggestOrder, signal?: AbortSignal): Promise<number>;
  /** c of a text, [L, D]. */
  features(text: string): Promise<Float32Array>;
  /** Frees the model; calls after it fail. */
  close(): Promise<void>;
}

/** What others need to know of the model. */
export interface DeviceModel {
  readonly id: string;
  /** SHA-256, hex. */
  readonly hash: string;
  readonly provider: string;
  /** What it computes in; see `DiffusionModel`. */
  readonly precision: 'float32' | 'float16';
  /** Those that were tried before it, and why they cannot be used; absent: none. */
  readonly tried?: readonly { readonly provider: string; readonly why: string }[];
  /** In pixels. */
  readonly image: { readonly height: number; readonly width: number };
  /** L and D of text features. */
  readonly text: { readonly length: number; readonly width: number };
}

/** What to find out about a picture, and how. */
export type InversionOrder = {
  readonly preset: Preset;
  readonly seed: number;
  /** The tenant whose picture it is. */
  readonly scope: string;
  readonly picture: PipelinePicture;
} & (
  | { readonly kind: 'tokens'; readonly reference?: Described }
  | { readonly kind: 'noise'; readonly described: Described }
);

export interface BeginOptions {
  /** From `save`. */
  saved?: Uint8Array | undefined;
  signal?: AbortSignal | undefined;
}

/** Names a task of one device until it is over. */
export type TaskId = number;

export interface StepReport {
  readonly done: boolean;
  /** See `Progress`. */
  readonly phase: string;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | undefined;
}

export interface Running extends StepReport {
  readonly task: TaskId;
}

export interface RenderOrder {
  /** eps_B, [C, h, w]. */
  readonly noise: Float32Array;
  /** c_B, [L, D]. */
  readonly c: Float32Array;
  /** e, [L, D]. */
  readonly direction: Float32Array;
  readonly cells: readonly Cell[];
  readonly mode: GuidanceMode;
  /** M; that of the preset which found the noise. */
  readonly steps: number;
}

/** c_B, e, the pixels of B, and the cells as `render` drew them. */
export type SuggestOrder = SuggestInput;
