import type { Kept } from '../../cache/index.ts';
import type { Clock } from './clock.ts';
import type { JobsSettings } from './jobs.ts';
import type { Journal } from './journal/index.ts';
import { type Asked, checkBytes, checkLimits } from './limits.ts';
import type { LiveJobs } from './live.ts';
import { type Owner, ownerKey } from './port.ts';

/** What of a user, and of the user's tenant, is kept outside the queue. */
export interface Elsewhere {
  readonly user: Kept;
  readonly tenant: Kept;
}

export interface Admission {
  readonly owner: Owner;
  /** What the new job, or what is to be kept without one, takes. */
  readonly bytes: number;
  /** Undefined: nothing. */
  readonly elsewhere: Elsewhere | undefined;
  /** Whether nothing of the job is kept, so that its bytes are no matter. @default false */
  readonly transient?: boolean;
  readonly journal: Pick<Journal, 'usage'>;
  readonly clock: Clock;
  readonly jobs: LiveJobs;
  readonly settings: JobsSettings;
}

/**
 * Whether a user, and the user's tenant, may have one more job.
 * @param nextStart seconds until one of the jobs that wait begins, as far as one can tell
 * @throws LikewiseError `LIMIT_WAITING`, `LIMIT_DEVICE`, `LIMIT_BYTES`
 */
export function admit(admission: Admission, nextStart: number): void {
  for (const asked of askedOf(admission)) checkLimits(asked, nextStart);
}

/**
 * Whether something may be kept for them that is no job, such as a picture.
 * @throws LikewiseError `LIMIT_BYTES`
 */
export function admitBytes(admission: Admission): void {
  for (const asked of askedOf(admission)) checkBytes(asked);
}

function askedOf(admission: Admission): Asked[] {
  const { owner, bytes, elsewhere, transient = false, journal, jobs, settings } = admission;
  const now = admission.clock.now();
  const usage = journal.usage(owner, now);
  const waiting = {
    user: jobs.count({ owner: ownerKey(owner) }).waiting,
    tenant: jobs.count({ tenant: owner.tenant }).waiting,
  };
  const { retentionDays } = settings;
  return (['user', 'tenant'] as const).map((whose) => {
    const kept = elsewhere?.[whose] ?? { bytes: 0, firstEnd: undefined };
    const load = { waiting: waiting[whose], usage: usage[whose], kept };
    return { whose, limits: settings[whose], load, bytes, transient, now, retentionDays };
  });
}
