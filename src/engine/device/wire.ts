import { CorruptRecordError } from '../../cache/index.ts';
import { type ErrorData, errorData, errorFrom } from '../../errors/data.ts';
import { isLikewiseError } from '../../errors.ts';
import type { Device } from './port.ts';

/** What goes to the thread of a device, and what comes back; all of it survives a structured clone. */

/** The methods that are called from afar. */
export type Operation = Exclude<keyof Device, 'model'>;

export type ToDevice =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly operation: Operation;
      readonly args: unknown[];
    }
  /** Ends call `id` as an aborted signal would. */
  | { readonly kind: 'abort'; readonly id: number };

export type FromDevice =
  | { readonly kind: 'ready'; readonly model: Device['model'] }
  | { readonly kind: 'unable'; readonly failure: Failure }
  /** Something an operator may want to know; see `LoadOptions.warn`. */
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as plain data: a structured clone would lose its class and code. */
export type Failure =
  | { readonly kind: 'likewise'; readonly data: ErrorData }
  | {
      readonly kind: 'corrupt' | 'range' | 'other';
      readonly message: string;
      readonly name: string;
    };

export function failureOf(error: unknown): Failure {
  if (isLikewiseError(error)) {
    return { kind: 'likewise', data: errorData(error) };
  }
  const { message, name } = error instanceof Error ? error : new Error(String(error));
  const kind =
    error instanceof CorruptRecordError
      ? 'corrupt'
      : error instanceof RangeError
        ? 'range'
        : 'other';
  return { kind, message, name };
}

export function errorOf(failure: Failure): Error {
  if (failure.kind === 'likewise') {
    return errorFrom(failure.data) ?? new Error(failure.data.message);
  }
  if (failure.kind === 'corrupt') return new CorruptRecordError(failure.message);
  if (failure.kind === 'range') return new RangeError(failure.message);
  return Object.assign(new Error(failure.message), { name: failure.name });
}
