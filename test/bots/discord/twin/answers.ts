import type { JsonObject } from './shapes.ts';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Discord's own words for its codes. */
const WORDS: Readonly<Record<number, string>> = {
  0: '401: Unauthorized',
  10003: 'Unknown Channel',
  10008: 'Unknown Message',
  10013: 'Unknown User',
  10015: 'Unknown Webhook',
  10062: 'Unknown interaction',
  10063: 'Unknown application command',
  30046: 'Maximum number of edits to messages older than 1 hour reached. Try again later.',
  40005: 'Request entity too large',
  40060: 'Interaction has already been acknowledged.',
  50001: 'Missing Access',
  50005: 'Cannot edit a message authored by another user',
  50006: 'Cannot send an empty message',
  50007: 'Cannot send messages to this user',
  50013: 'Missing Permissions',
  50027: 'Invalid Webhook Token',
  50035: 'Invalid Form Body',
};

export function errorBody(status: number, code: number | undefined, message?: string): JsonObject {
  return {
    message: message ?? WORDS[code ?? -1] ?? `${status}: Error`,
    code: code ?? 0,
  };
}

/** Ends the handling of a request with one of Discord's errors. */
export function refuse(status: number, code: number, message?: string): never {
  const answer: Answer = { status, body: errorBody(status, code, message) };
  throw new Error(`${status}/${code}`, { cause: answer });
}

/** The answer of `refuse`, or undefined where something else went wrong. */
export function refusal(error: unknown): Answer | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause !== null && typeof cause === 'object' && 'status' in cause
    ? (cause as Answer)
    : undefined;
}
