import type { JobsSettings } from './jobs.ts';
import type { Usage } from './journal/index.ts';
import { checkLimits } from './limits.ts';
import type { LiveJobs } from './live.ts';
import { type Owner, ownerKey } from './port.ts';

export interface Admission {
  readonly owner: Owner;
  /** What the new job takes. */
  readonly bytes: number;
  readonly now: number;
  readonly usage: { readonly user: Usage; readonly tenant: Usage };
  readonly jobs: LiveJobs;
  readonly settings: JobsSettings;
  /** Seconds until one of the jobs that wait begins, as far as one can tell. */
  readonly nextStart: number;
}

/**
 * Whether a user, and the user's tenant, may have one more job.
 * @throws LikewiseError `LIMIT_WAITING`, `LIMIT_DEVICE`, `LIMIT_BYTES`
 */
export function admit({ owner, usage, jobs, settings, ...asked }: Admission): void {
  const { retentionDays } = settings;
  const user = jobs.count({ owner: ownerKey(owner) });
  const tenant = jobs.count({ tenant: owner.tenant });
  for (const [whose, { waiting }] of [['user', user] as const, ['tenant', tenant] as const]) {
    const load = { ...usage[whose], waiting };
    checkLimits({ whose, limits: settings[whose], load, retentionDays, ...asked });
  }
}
