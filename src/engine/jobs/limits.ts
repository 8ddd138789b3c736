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
export interface Load extends Usage {
  readonly waiting: number;
}

export interface Asked {
  readonly whose: 'user' | 'tenant';
  readonly limits: Limits;
  readonly load: Load;
  /** What the new job takes. */
  readonly bytes: number;
  readonly now: number;
  readonly retentionDays: number;
  /** Seconds until one of the jobs that wait begins, as far as one can tell. */
  readonly nextStart: number;
}

/**
 * Whether one more job may be accepted. Every refusal says in `details.retrySeconds` when to try
 * again.
 *
 * @throws LikewiseError `LIMIT_WAITING`, `LIMIT_DEVICE`, `LIMIT_BYTES`
 */
export function checkLimits(asked: Asked): void {
  const { whose, limits, load, bytes, now } = asked;
  if (load.waiting >= limits.waiting) {
    const retrySeconds = Math.max(1, Math.ceil(asked.nextStart));
    const details = { whose, waiting: load.waiting, limit: limits.waiting, retrySeconds };
    throw new LikewiseError('LIMIT_WAITING', details);
  }
  if (load.seconds >= limits.deviceSeconds) {
    const used = Math.ceil(load.seconds);
    const details = { whose, used, limit: limits.deviceSeconds };
    throw new LikewiseError('LIMIT_DEVICE', { ...details, retrySeconds: secondsToNextDay(now) });
  }
  if (load.bytes + bytes > limits.megabytes * 1e6) {
    const removal = (load.firstEnd ?? now) + asked.retentionDays * dayMs;
    throw new LikewiseError('LIMIT_BYTES', {
      whose,
      megabytes: ((load.bytes + bytes) / 1e6).toFixed(1),
      limit: limits.megabytes,
      retrySeconds: Math.max(1, Math.ceil((removal - now) / 1000)),
    });
  }
}
