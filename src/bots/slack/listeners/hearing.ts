import type { RespondFn } from '@slack/bolt';
import type { Log } from '../../../commands/port.ts';
import type { Place } from '../answer.ts';
import type { Asked } from '../context.ts';
import type { Desk } from '../desk.ts';
import { type Respond, whisper } from '../whisper.ts';
import { refusedFor, scopeMissingIn } from '../wire.ts';
import { wordsFor } from '../words/index.ts';

/** What Bolt says of where something comes from. */
interface From {
  readonly teamId?: string | undefined;
  readonly enterpriseId?: string | undefined;
  readonly botToken?: string | undefined;
}

/** How what members do is heard: each thing once, and nothing of it is lost without a word. */
export interface Hearing {
  readonly desk: Desk;
  readonly log: Log;
  /** Told of work that goes on after Slack has been answered. */
  readonly track: (work: Promise<unknown>) => void;
  /** Whether it is the first time: Slack delivers again what it thinks was not heard. */
  isFirst(id: string): boolean;
  askedBy(from: From, user: string, interaction: string): Promise<Asked>;
  /** What fails is logged, and said to whoever asked. Never rejects. */
  guarded(asked: Asked, place: Place, what: () => Promise<unknown>): Promise<void>;
}

/** Interactions that are remembered: Slack delivers one again within some minutes. */
const mostSeen = 10_000;

export function createHearing({
  desk,
  log,
  track,
}: Pick<Hearing, 'desk' | 'log' | 'track'>): Hearing {
  const seen = new Set<string>();
  return {
    desk,
    log,
    track,
    isFirst(id) {
      if (seen.has(id)) return false;
      seen.add(id);
      for (const oldest of seen) {
        if (seen.size <= mostSeen) break;
        seen.delete(oldest);
      }
      return true;
    },
    async askedBy({ teamId, enterpriseId, botToken = '' }, user, interaction) {
      const wire = desk.wireFor(botToken);
      const team = teamId ?? enterpriseId ?? '';
      return { wire, team, user, interaction, member: await desk.members.of(wire, team, user) };
    },
    async guarded(asked, place, what) {
      try {
        await what();
      } catch (error) {
        // The dialog was closed, or its time was over.
        if (refusedFor(error, ['stale'])) return;
        const { locale } = asked.member;
        const scope = scopeMissingIn(error);
        if (scope !== undefined) log({ err: error }, 'the app lacks a permission on Slack');
        const said =
          scope === undefined
            ? desk.commands.problem(error, locale)
            : wordsFor(locale).missingScope(scope);
        await whisper(desk, asked, said, place).catch((err: unknown) =>
          log({ err }, 'a problem could not be said on Slack'),
        );
      }
    },
  };
}

/**
 * @param respond absent where Slack gives no address to answer to
 * @param thread in which it was asked: an answer elsewhere would not be seen there
 */
export function respondBy(respond: RespondFn | undefined, thread?: string): Respond | undefined {
  if (!respond) return undefined;
  return async ({ blocks, text, replace }) => {
    const place = replace || thread === undefined ? {} : { thread_ts: thread };
    await respond({
      response_type: 'ephemeral',
      replace_original: replace,
      blocks,
      text,
      ...place,
    });
  };
}

/** The thread that a message is an answer in; undefined for one that has answers below itself. */
export function threadAbove(message?: {
  readonly ts?: string | undefined;
  readonly thread_ts?: string | undefined;
}): string | undefined {
  return message?.thread_ts === message?.ts ? undefined : message?.thread_ts;
}
