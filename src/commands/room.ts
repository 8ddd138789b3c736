import type { Engine } from '../engine/client.ts';
import type { Job, Owner } from '../engine/protocol.ts';
import type { Attachment, Context, Log } from './port.ts';
import { refuse } from './refuse.ts';
import type { Running } from './running.ts';
import type { Settings, SettingsStore } from './settings.ts';

/** What all commands stand on. */
export interface Room {
  readonly engine: Engine;
  readonly settings: SettingsStore;
  readonly running: Running;
  readonly log: Log;
  /** Strengths and guidances of a grid, where none are asked for. */
  readonly dials: { readonly lambda: readonly number[]; readonly guidance: readonly number[] };
  /** Most MB (10^6 bytes) of a picture that are fetched at all. */
  readonly pictureMegabytes: number;
  readonly helpPicture: Attachment | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

export const msPerDay = 86_400_000;

export function ownerOf({ tenant, user }: Context): Owner {
  return { tenant, user };
}

/** @throws LikewiseError for whom the tenant's settings keep out */
export function admit({ roles, user }: Context, settings: Settings): void {
  if (!settings.enabled) throw refuse('COMMANDS_OFF', {});
  const isWelcome =
    settings.roles.length === 0 || settings.roles.some((role) => roles.includes(role));
  if (!isWelcome || settings.blocked.includes(user)) throw refuse('ROLE_MISSING', {});
}

/** @throws LikewiseError where the user has made today, UTC, what one day allows */
export async function checkQuota(room: Room, context: Context, settings: Settings): Promise<void> {
  const rules = new Map(Object.entries(settings.rolePerDay));
  const byRole = context.roles.flatMap((role) => rules.get(role) ?? []);
  const limits = byRole.length > 0 ? byRole : [settings.perDay];
  if (limits.includes(0)) return;
  const limit = Math.max(...limits);
  const now = room.now();
  const today = now - (now % msPerDay);
  const jobs = await room.engine.jobs(ownerOf(context));
  const count = jobs.filter(
    ({ user, submittedAt, request }) =>
      user === context.user && submittedAt >= today && request.kind !== 'render',
  ).length;
  if (count < limit) return;
  const retrySeconds = Math.ceil((today + msPerDay - now) / 1000);
  throw refuse('QUOTA_USED', { count, limit, retrySeconds });
}

/**
 * A job that may be looked at, the user's latest finished one where none is named.
 * @throws LikewiseError `JOB_UNKNOWN`, `RESULT_EXPIRED`, `JOBS_NONE`
 */
export async function findJob(room: Room, context: Context, id?: string): Promise<Job> {
  const owner = ownerOf(context);
  const found =
    id === undefined
      ? (await room.engine.jobs(owner)).find(
          ({ user, state }) => user === context.user && state === 'done',
        )
      : await room.engine.job(owner, id);
  if (!found) throw refuse('JOBS_NONE', {});
  const { retentionDays: days } = await room.settings.get(context.tenant);
  if (room.now() - found.submittedAt > days * msPerDay) throw refuse('RESULT_EXPIRED', { days });
  return found;
}
