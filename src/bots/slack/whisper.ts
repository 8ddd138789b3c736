import type { View } from '../../commands/port.ts';
import type { Asked } from './context.ts';
import type { Desk } from './desk.ts';
import { drawView, filled } from './messages/index.ts';
import { barriers, refusedFor, type Said } from './wire.ts';

/** Answers by the address that Slack gives with a press or a command: five times in half an hour. */
export type Respond = (message: Said & { readonly replace: boolean }) => Promise<void>;

interface Where {
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  readonly respond?: Respond | undefined;
  readonly inPlace?: boolean;
}

/** Says something to whoever asked, and to nobody else: there, or else directly. */
export async function whisper(
  { now, log }: Pick<Desk, 'now' | 'log'>,
  { wire, user, member: { locale } }: Asked,
  view: View | string,
  place: Where,
): Promise<void> {
  const { blocks, text } = filled(drawView(viewOf(view), { locale, now: now() }), {});
  const message: Said = { blocks, text };
  const { channel, thread, respond, inPlace } = place;
  if (respond) {
    try {
      await respond({ ...message, replace: inPlace === true && viewOf(view).kind !== 'problem' });
      return;
    } catch (error) {
      log({ err: error }, 'an answer was not taken where it was asked for');
    }
  }
  if (channel !== undefined && !channel.startsWith('D')) {
    try {
      await wire.whisper(channel, user, message, thread);
      return;
    } catch (error) {
      if (!refusedFor(error, [...barriers, 'gone'])) throw error;
    }
  }
  await wire.post(await wire.direct(user), message);
}

function viewOf(view: View | string): View {
  return typeof view === 'string' ? textView(view) : view;
}

/** A sentence of the bot's own. */
export function textView(line: string): View {
  return { kind: 'text', lines: [line], files: [], buttons: [], private: true };
}
