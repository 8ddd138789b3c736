import type { Kept } from '../../cache/index.ts';
import { LikewiseError } from '../../errors.ts';
import { dayMs, secondsToNextDay } from './clock.ts';
import type { Usage } from './journal/index.ts';

/** What one user, or one tenant, may have at once; see the settings. */
export interface Limits {
  readonly waiting: number;
  readonly running: number;
  /** A day, UTC. */
  readonly deviceSeconds: number;
  readonly megabytes: number;
}

/** What a user, or a tenant, has. */
export interface Load {
  readonly waiting: number;
  /** Of jobs, in the journal. */
  readonly usage: Usage;
  /** Pictures, results and what else is kept elsewhere. */
  readonly kept: Kept;
}

export interface Asked {
  readonly whose: 'user' | 'tenant';
  readonly limits: Limits;
  readonly load: Load;
  /** What is to be kept besides. */
  readonly bytes: number;
  /** Whether nothing is kept: then a job is not refused for want of room. */
  readonly transient: boolean;
  readonly now: number;
  readonly retentionDays: number;
}

/**
 * Whether one more job may be accepted. Every refusal says in `details.retrySeconds` when to try
 * again.
 *
 * @param nextStart seconds until one of the jobs that wait begins, as far as one can tell
 * @throws LikewiseError `LIMIT_WAITING`, `LIMIT_DEVICE`, `LIMIT_BYTES`
 */
export function checkLimits(asked: Asked, nextStart: number): void {
  const { whose, limits, load, now } = asked;
  if (load.waiting >= limits.waiting) {
    const retrySeconds = Math.max(1, Math.ceil(nextStart));
    const details = { whose, waiting: load.waiting, limit: limits.waiting, retrySeconds };
    throw new LikewiseError('LIMIT_WAITING', details);
  }
  const { seconds } = load.usage;
  if (seconds >= limits.deviceSeconds) {
    const details = { whose, used: Math.ceil(seconds), limit: limits.deviceSeconds };
    throw new LikewiseError('LIMIT_DEVICE', { ...details, retrySeconds: secondsToNextDay(now) });
  }
  if (!asked.transient) checkBytes(asked);
}

/**
 * Whether so many bytes more may be kept.
 * @throws LikewiseError `LIMIT_BYTES`, whose `details.retrySeconds` says when the first is removed
 */
export function checkBytes(asked: Asked): void {
  const { whose, limits, load, now, retentionDays } = asked;
  const bytes = load.usage.bytes + load.kept.bytes + asked.bytes;
  if (bytes <= limits.megabytes * 1e6) return;
  const { firstEnd } = load.usage;
  const removals = [
    ...(firstEnd === undefined ? [] : [firstEnd + retentionDays * dayMs]),
    ...(load.kept.firstEnd === undefined ? [] : [load.kept.firstEnd]),
  ];
  const removal = removals.length > 0 ? Math.min(...removals) : now + retentionDays * dayMs;
  throw new LikewiseError('LIMIT_BYTES', {
    whose,
    megabytes: (bytes / 1e6).toFixed(1),
    limit: limits.megabytes,
    retrySeconds: Math.max(1, Math.ceil((removal - now) / 1000)),
  });
}
