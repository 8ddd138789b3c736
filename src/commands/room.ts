import type { Engine } from '../engine/client.ts';
import type { Job, Owner } from '../engine/protocol.ts';
import type { Attachment, Context, Log } from './port.ts';
import { msPerDay, type Quota } from './quota.ts';
import { refuse } from './refuse.ts';
import type { Running } from './running.ts';
import type { Settings, SettingsStore } from './settings.ts';

/** What all commands stand on. */
export interface Room {
  readonly engine: Engine;
  readonly settings: SettingsStore;
  readonly running: Running;
  readonly quota: Quota;
  readonly log: Log;
  /** Strengths and guidances of a grid, where none are asked for. */
  readonly dials: { readonly lambda: readonly number[]; readonly guidance: readonly number[] };
  /** Most cells of one grid that the engine draws. */
  readonly mostCells: number;
  /** Most MB (10^6 bytes) of a picture that are fetched at all. */
  readonly pictureMegabytes: number;
  readonly helpPicture: Attachment | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

export function ownerOf({ tenant, user }: Context): Owner {
  return { tenant, user };
}

/** @throws LikewiseError for whom the tenant's settings keep out */
export function admit({ roles, user, ageRestricted }: Context, settings: Settings): void {
  if (!settings.enabled) throw refuse('COMMANDS_OFF', {});
  if (settings.ageRestricted && ageRestricted === false) throw refuse('AGE_RESTRICTED', {});
  const isWelcome =
    settings.roles.length === 0 || settings.roles.some((role) => roles.includes(role));
  if (!isWelcome || settings.blocked.includes(user)) throw refuse('ROLE_MISSING', {});
}

/** What the tenant has set, and whoever asks wants otherwise; of cells no more than the engine draws. */
export async function settingsOf(room: Room, context: Context): Promise<Settings> {
  const settings = await room.settings.get(context.tenant);
  return {
    ...settings,
    maxCells: Math.min(settings.maxCells, room.mostCells),
    privateReplies: context.private ?? settings.privateReplies,
    spoilers: context.spoiler ?? settings.spoilers,
  };
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
  const { retentionDays: days } = await settingsOf(room, context);
  if (room.now() - found.submittedAt > days * msPerDay) throw refuse('RESULT_EXPIRED', { days });
  return found;
}
