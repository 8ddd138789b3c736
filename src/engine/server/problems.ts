import type { Context } from 'hono';
import { errorData } from '../../errors/data.ts';
import { isLikewiseError, type LikewiseError } from '../../errors.ts';

/** Status by code; whatever else is wrong with what was sent is 422. */
const statusOf: Partial<Record<LikewiseError['code'], 400 | 404 | 413 | 429 | 503>> = {
  JOB_UNKNOWN: 404,
  FILE_UNKNOWN: 404,
  ANALOGY_UNKNOWN: 404,
  ENGINE_REFUSED: 400,
  PICTURE_TOO_HEAVY: 413,
  ANALOGY_FILE_TOO_LARGE: 413,
  LIMIT_WAITING: 429,
  LIMIT_DEVICE: 429,
  LIMIT_BYTES: 429,
  INTAKE_BUSY: 429,
  ENGINE_STOPPING: 503,
  DISK_FULL: 503,
};

/** Seconds after which it may be tried again, where the error does not count them itself. */
const waitOf: Partial<Record<LikewiseError['code'], number>> = { INTAKE_BUSY: 60 };

/** An error as an answer: its code and what it says; where waiting helps, for how long. */
export function answerProblem(
  c: Context,
  error: unknown,
  onError?: (error: unknown) => void,
  status?: 400 | 401 | 404,
): Response {
  if (!isLikewiseError(error)) {
    onError?.(error);
    // Never a stack or a path: what went wrong inside is for the log.
    const message = 'Something went wrong inside. The log of the engine says what.';
    return c.json({ code: 'INTERNAL', message, details: {} }, 500);
  }
  const data = errorData(error);
  const { retrySeconds = waitOf[error.code] } = data.details;
  // In whole seconds, as HTTP has it.
  const headers =
    typeof retrySeconds === 'number' ? { 'retry-after': String(Math.ceil(retrySeconds)) } : {};
  return c.json(data, status ?? statusOf[error.code] ?? 422, headers);
}
