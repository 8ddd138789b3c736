import type { Packable } from '../../cache/codec.ts';
import type { Float32Tensor } from '../models/model.ts';

/**
 * A long computation in steps. The state is plain data (`pack`able): saved after any step and
 * loaded again, it leads to the same result, bit for bit. A step changes nothing but what it
 * returns, so a step that throws, or is aborted, can be made again.
 */
export interface Procedure<State, Result> {
  begin(signal?: AbortSignal): Promise<State>;
  /** @throws the signal's reason, within one evaluation of the model */
  step(state: State, signal?: AbortSignal): Promise<State>;
  done(state: State): boolean;
  progress(state: State): Progress;
  /** Of a state that is done. */
  finish(state: State, signal?: AbortSignal): Promise<Result>;
}

export interface Progress {
  /** What is being done, e.g. `tokens`, `noise`. */
  phase: string;
  /** Steps made, and the most there may be; early stopping makes it fewer. */
  step: number;
  steps: number;
  /** What is being lowered; undefined before the first step. */
  loss: number | undefined;
  /** Makes a picture [1, 3, H, W] of the current state, where a phase has one to show. */
  preview?: () => Promise<Float32Tensor>;
}

export interface DriveOptions<State> {
  /** Where to go on from, instead of the beginning. */
  state?: State;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Called with each new state; may be awaited to save it, or to wait for a turn. */
  onState?: (state: State) => void | Promise<void>;
}

/** Runs a procedure to its end. */
export async function drive<State, Result>(
  procedure: Procedure<State, Result>,
  options: DriveOptions<State> = {},
): Promise<Result> {
  const { signal, onProgress, onState } = options;
  signal?.throwIfAborted();
  let state = options.state ?? (await procedure.begin(signal));
  onProgress?.(procedure.progress(state));
  while (!procedure.done(state)) {
    signal?.throwIfAborted();
    state = await procedure.step(state, signal);
    onProgress?.(procedure.progress(state));
    await onState?.(state);
  }
  return procedure.finish(state, signal);
}

/** A state must be packable; the type says so at compile time. */
export type Saveable<T extends Packable> = T;
