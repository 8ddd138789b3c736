import type { Engine } from '../engine/client.ts';
import type { Job } from '../engine/protocol.ts';
import type { Context } from './port.ts';
import { refuse } from './refuse.ts';
import type { Settings } from './settings.ts';

export const msPerDay = 86_400_000;

/** What each user makes in a day, UTC; refinements do not count. */
export interface Quota {
  /**
   * A place for what is about to be made: commands of one user that run at the same time each take
   * one. An interaction that is delivered again shares its first delivery's, and one whose job was
   * accepted needs none: the engine knows that job.
   * @throws LikewiseError `QUOTA_USED`
   */
  take(context: Context, settings: Settings): Promise<Claim>;
}

export interface Claim {
  /** Has the job accepted: it counts from now on. */
  spend(submit: () => Promise<Job>): Promise<Job>;
  /** Gives the place back, if nothing came of it. */
  end(): void;
}

interface User {
  /** By interaction: how many deliveries of it hold a place. */
  readonly held: Map<string, number>;
  /** When each job was accepted. The engine lists a tenant's latest only, and no forgotten ones. */
  readonly jobs: Map<string, number>;
  /** Interactions whose job was accepted. */
  readonly accepted: Set<string>;
  /** What is counted or accepted next waits for this. */
  queue: Promise<unknown>;
}

/** Users, and interactions of one, that are remembered. */
const mostUsers = 10_000;
const mostInteractions = 1000;

/**
 * Exact while the process lives. After a restart it counts what the engine lists: the tenant's latest
 * 100 jobs.
 */
export function createQuota(engine: Engine, now: () => number): Quota {
  const users = new Map<string, User>();
  const userOf = ({ tenant, user }: Context): User => {
    const key = JSON.stringify([tenant, user]);
    const known = users.get(key);
    const found = known ?? {
      held: new Map(),
      jobs: new Map(),
      accepted: new Set(),
      queue: Promise.resolve(),
    };
    // Put last: those who were away longest are dropped first, unless they are busy.
    users.delete(key);
    users.set(key, found);
    for (const [other, { held }] of users) {
      if (users.size <= mostUsers) break;
      if (held.size === 0 && other !== key) users.delete(other);
    }
    return found;
  };
  /** One after another: a job that is being accepted is neither counted twice nor missed. */
  const inTurn = <Result>(user: User, what: () => Promise<Result>): Promise<Result> => {
    const turn = user.queue.then(what);
    user.queue = turn.catch(() => {});
    return turn;
  };

  /** What was made today, and what is about to be made. */
  const count = async (user: User, context: Context, today: number): Promise<number> => {
    const { tenant, user: id } = context;
    for (const [job, at] of user.jobs) if (at < today) user.jobs.delete(job);
    const jobs = await engine.jobs({ tenant, user: id });
    const made = new Set(user.jobs.keys());
    for (const { job, user: whose, submittedAt, request } of jobs) {
      if (whose === id && submittedAt >= today && request.kind !== 'render') made.add(job);
    }
    return made.size + user.held.size;
  };

  return {
    async take(context, settings) {
      const user = userOf(context);
      const { interaction } = context;
      let isHeld = false;
      await inTurn(user, async () => {
        if (user.accepted.has(interaction)) return;
        if (!user.held.has(interaction)) {
          const limit = limitOf(context, settings);
          const time = now();
          const today = time - (time % msPerDay);
          const used = limit === undefined ? 0 : await count(user, context, today);
          if (limit !== undefined && used >= limit) {
            const retrySeconds = Math.ceil((today + msPerDay - time) / 1000);
            throw refuse('QUOTA_USED', { count: used, limit, retrySeconds });
          }
        }
        user.held.set(interaction, (user.held.get(interaction) ?? 0) + 1);
        isHeld = true;
      });
      const end = () => {
        if (!isHeld) return;
        isHeld = false;
        const others = (user.held.get(interaction) ?? 1) - 1;
        // One that was accepted is a job, and no place is held for it any more.
        if (others > 0 && !user.accepted.has(interaction)) user.held.set(interaction, others);
        else user.held.delete(interaction);
      };
      return {
        end,
        spend: (submit) =>
          inTurn(user, async () => {
            const job = await submit();
            user.jobs.set(job.job, job.submittedAt);
            user.accepted.add(interaction);
            for (const oldest of user.accepted) {
              if (user.accepted.size <= mostInteractions) break;
              user.accepted.delete(oldest);
            }
            end();
            return job;
          }),
      };
    },
  };
}

/** The most generous of the user's roles holds; undefined: there is none. */
function limitOf({ roles }: Context, settings: Settings): number | undefined {
  const rules = new Map(Object.entries(settings.rolePerDay));
  const byRole = roles.flatMap((role) => rules.get(role) ?? []);
  const limits = byRole.length > 0 ? byRole : [settings.perDay];
  return limits.includes(0) ? undefined : Math.max(...limits);
}
