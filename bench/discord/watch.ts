/** Watches what becomes of each interaction. */
import type { APIMessage } from 'discord.js';
import type { Act, Callback, Discord, Person } from '../../test/bots/discord/twin/shapes.ts';
import { actionsOf } from './messages.ts';
import { aboutOf, type Done, isProgress } from './tally.ts';

/** Milliseconds between two looks. */
const interval = 100;
const [DEFERRED, UPDATE] = [5, 6];
const LOADING = 1 << 7;

export interface Watched {
  readonly act: Act;
  readonly kind: string;
  readonly user: Person;
  readonly sentAt: number;
  /** The message whose button it was. */
  readonly source: APIMessage | undefined;
  callback?: Callback;
  /** A reply was there. */
  isReplied: boolean;
  answered?: number;
  outcome?: string;
}

export interface Watch {
  add(kind: string, user: Person, act: Act, source?: APIMessage): Watched;
  readonly all: readonly Watched[];
  /** How many are not answered yet. */
  open(): number;
  done(): Done[];
  stop(): void;
}

/** @param onAnswer told of each that was answered */
export function startWatch(discord: Discord, onAnswer: (watched: Watched) => void): Watch {
  const all: Watched[] = [];
  const open = new Set<Watched>();
  /** Tokens by which something was said or deleted after the first answer. */
  const said = new Set<string>();
  let looked = 0;

  const look = () => {
    for (; looked < discord.requests.length; looked++) {
      const request = discord.requests[looked];
      if (!request) break;
      // Not answered yet: the next time.
      if (request.status === 0) break;
      const about = aboutOf(request);
      if (about && about.what !== 'callback' && request.status < 300) said.add(about.token);
    }
    for (const watched of open) {
      const outcome = outcomeOf(discord, watched, said);
      if (outcome === undefined) continue;
      open.delete(watched);
      watched.answered = Date.now() - watched.sentAt;
      watched.outcome = outcome;
      onAnswer(watched);
    }
  };
  const timer = setInterval(look, interval);
  return {
    all,
    add(kind, user, act, source) {
      const watched: Watched = { act, kind, user, sentAt: Date.now(), source, isReplied: false };
      all.push(watched);
      open.add(watched);
      act.answered(60_000).then(
        (callback) => {
          watched.callback = callback;
        },
        // Never acknowledged: it is counted.
        () => {},
      );
      return watched;
    },
    open: () => open.size,
    done: () =>
      all.map(({ act, kind, callback, answered, outcome }) => ({
        id: act.id,
        token: act.token,
        kind,
        acknowledged: callback?.after,
        answered,
        outcome,
      })),
    stop: () => clearInterval(timer),
  };
}

/** What the last answer was, once it is there. */
function outcomeOf(
  discord: Discord,
  watched: Watched,
  said: ReadonlySet<string>,
): string | undefined {
  const { act, callback, source } = watched;
  if (!callback) return undefined;
  if (callback.type === 8) return 'choices';
  if (callback.type === 9) return 'dialog';
  if (callback.type === UPDATE) {
    if (said.has(act.token)) return 'changed';
    // A job that was cancelled tells of it where it told of its progress.
    const now = source && discord.message(source.id);
    const isOver = !now || (isProgress(source.components) && !isProgress(now.components));
    return isOver ? 'changed' : undefined;
  }
  const reply = act.reply();
  // Replaced by another, or forgotten.
  if (!reply) return watched.isReplied ? 'removed' : undefined;
  watched.isReplied = true;
  if (callback.type === DEFERRED && ((reply.flags ?? 0) & LOADING) !== 0) return undefined;
  if (isProgress(reply.components)) return undefined;
  const [first] = (reply.components ?? []) as { accent_color?: number }[];
  if (first?.accent_color !== undefined) return `problem ${codeOf(reply)}`;
  return actionsOf(reply).has('apply') ? 'result' : 'message';
}

function codeOf(message: APIMessage): string {
  return /-# [^`]*`([A-Z_]+)`/.exec(JSON.stringify(message.components))?.[1] ?? 'without a code';
}
