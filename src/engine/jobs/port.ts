import type { Packable } from '../../cache/index.ts';
import type { StepReport } from '../device/index.ts';
import type { Owner } from '../protocol.ts';

export type { Owner, StepReport };

/** `inversion`: many steps, resumable, shared by key. `render`: one shot, at the front of the queue. */
export type TaskClass = 'inversion' | 'render';

/** A part of a job. What it means is the executor's business. */
export interface Task {
  readonly class: TaskClass;
  /** Tasks with one label take about as long, e.g. `tokens`: what an ETA is learnt by. */
  readonly label: string;
  readonly input: Packable;
}

/** A task whose turn has come. */
export interface Order {
  readonly job: string;
  readonly owner: Owner;
  /** Which of the job's tasks, from 0. */
  readonly index: number;
  readonly task: Task;
  /** Keys of the job's inversions before this one, in order; their results were kept. */
  readonly before: readonly string[];
}

/** Names an inversion that has begun, until it is finished or dropped. */
export type RunId = number;

/**
 * What does the work, one call at a time of `begin`, `step`, `preview`, `finish` and `render`: the
 * device, and the place where results of inversions are kept.
 *
 * Its errors fail the job; but an aborted call throws the signal's reason, `ResultGoneError` makes the
 * job walk through its tasks again, and `ExecutorLostError` stops the queue with nothing lost.
 */
export interface Executor {
  /** Under which the result is kept: tasks with one key have one result, computed once. */
  keyOf(order: Order): Promise<string>;
  /** Whether the result of an order with this key is at hand. */
  known(key: string, order: Order): Promise<boolean>;
  /** @throws CorruptRecordError for a saved state that is not whole */
  begin(order: Order, options: BeginOptions): Promise<StepReport & { readonly run: RunId }>;
  /** One optimiser step. After an abort the inversion stands where it stood. */
  step(run: RunId, signal: AbortSignal): Promise<StepReport>;
  /** Bytes from which `begin` goes on to the same result. */
  save(run: RunId): Promise<Uint8Array>;
  /** A picture of where it stands, as bytes to be shown; undefined where there is none. */
  preview(run: RunId): Promise<Uint8Array | undefined>;
  /** The result of an inversion that is done; it is over then. */
  finish(run: RunId): Promise<Packable>;
  /** Ends an inversion without a result; one that is over already is no error. */
  drop(run: RunId): Promise<void>;
  /** Keeps a result under its key: `known` from now on. */
  keep(key: string, result: Packable, order: Order): Promise<void>;
  /** One batch. What it returns is part of the job's result. */
  render(order: Order, signal: AbortSignal): Promise<Packable>;
}

export interface BeginOptions {
  /** From `save`. */
  readonly saved: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** The result of an inversion that a later task needs is no longer kept. */
export class ResultGoneError extends Error {
  override readonly name = 'ResultGoneError';
}

/** The executor cannot go on, for no job's fault: the process is to end and be started again. */
export class ExecutorLostError extends Error {
  override readonly name = 'ExecutorLostError';
}

/** Of a user within all tenants: what turns and counts go by. */
export function ownerKey({ tenant, user }: Owner): string {
  return JSON.stringify([tenant, user]);
}
