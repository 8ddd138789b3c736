import type { Log } from '../../commands/port.ts';
import type { Member, Wire } from './wire.ts';

/** Who is an admin, and in which language they read. */
export interface Members {
  of(wire: Wire, team: string, user: string): Promise<Member>;
}

/** Milliseconds for which what Slack said of somebody holds. */
const lasting = 5 * 60_000;
/** Milliseconds that a dialog waits for it: Slack lets it be opened for 3 s. */
const patience = 1000;
const most = 10_000;
/** Where Slack does not say it. */
const stranger: Member = { admin: false, locale: 'en-US' };

export function createMembers(log: Log, now: () => number): Members {
  const known = new Map<string, { readonly at: number; readonly member: Promise<Member> }>();
  return {
    async of(wire, team, user) {
      const key = `${team} ${user}`;
      let found = known.get(key);
      if (!found || now() - found.at > lasting) {
        const member = wire.member(user);
        found = { at: now(), member };
        known.delete(key);
        known.set(key, found);
        for (const oldest of known.keys()) {
          if (known.size <= most) break;
          known.delete(oldest);
        }
        member.catch((error) => {
          known.delete(key);
          log({ err: error }, 'Slack does not say who somebody is');
        });
      }
      const late = new Promise<Member>((resolve) => {
        setTimeout(() => resolve(stranger), patience).unref();
      });
      return Promise.race([found.member, late]).catch(() => stranger);
    },
  };
}
