import type { Packable } from '../../cache/index.ts';
import { errorData } from '../../errors/data.ts';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import type { Problem } from '../protocol.ts';
import type { JobNews } from './events.ts';
import type { JobRecord, Outcome } from './journal/index.ts';

/** What the journal keeps, and the user reads, of an error that ended a job. */
export function problemOf(error: unknown): Problem {
  const told = isLikewiseError(error)
    ? error
    : // Its text may hold paths and more that is not for users: it goes to the log.
      new LikewiseError('JOB_FAILED', { reason: error instanceof Error ? error.name : 'unknown' });
  return errorData(told);
}

/** Why a job that was accepted is not to be taken up again. */
export function whyUnfit(job: JobRecord, mostCrashes: number): LikewiseError | undefined {
  const { crashes, tasks } = job;
  if (tasks.length === 0) {
    return new LikewiseError('JOB_FAILED', { reason: 'its record in the journal is damaged' });
  }
  return crashes < mostCrashes ? undefined : new LikewiseError('JOB_POISONED', { crashes });
}

/** What followers are told of the end of a job. */
export function newsOf(parts: ReadonlyMap<number, Packable>, outcome: Outcome): JobNews {
  if (outcome.state === 'failed') return { kind: 'failed', problem: outcome.problem };
  if (outcome.state === 'cancelled') return { kind: 'cancelled' };
  const results = [...parts].sort(([a], [b]) => a - b).map(([, value]) => value);
  return { kind: 'done', results };
}

/** Why nothing is accepted or told any more. */
export function stopping(cause?: Error): LikewiseError {
  return new LikewiseError('ENGINE_STOPPING', { retrySeconds: 10 }, cause && { cause });
}
