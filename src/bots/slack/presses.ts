import { parsePress } from '../../commands/index.ts';
import type { View, Views } from '../../commands/port.ts';
import { tellForgetting } from '../forget.ts';
import { answer, type Place } from './answer.ts';
import { type Asked, contextOf, messageIn } from './context.ts';
import type { Desk } from './desk.ts';
import { forgetPosts } from './forget.ts';
import { metadataOf } from './metadata.ts';
import { applyModal, modalOf } from './modals/index.ts';
import type { AnswerRecord } from './store.ts';
import { whisper } from './whisper.ts';
import { refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

/** Where a button is, and what it is called. */
export interface Pressed extends Place {
  /** `ts` of its message; undefined in the Home tab. */
  readonly message?: string | undefined;
  /** Whether only whoever pressed sees the message. */
  readonly isWhisper: boolean;
  readonly label: string;
  readonly trigger: string;
}

/** Buttons that change what only one sees, in place of an answer of their own. */
const inPlace = new Set(['library', 'forgetyes', 'deleteyes', 'keep']);

/** A button, or a choice of a menu: what it says is all that it needs. */
export async function press(desk: Desk, asked: Asked, id: string, pressed: Pressed): Promise<void> {
  const { commands, answers, signal } = desk;
  const { channel, message, isWhisper } = pressed;
  if (id.startsWith('s.remove~')) return remove(desk, asked, id, pressed);
  const action = parsePress(id)?.action ?? '';
  const { locale } = asked.member;
  const fields = commands.asks(id, locale);
  if (fields.length > 0) {
    const at = { channel, thread: threadOf(pressed), message };
    const dialog = { callbackId: `press~${id}`, privateMetadata: metadataOf(at), locale };
    const isPicture = fields.every(({ kind }) => kind === 'picture');
    // The same dialog as that of the menu of a message: with dials, and where to answer.
    const job = action === 'apply' ? parsePress(id)?.ref : undefined;
    const view =
      isPicture && job !== undefined
        ? applyModal({
            ...dialog,
            callbackId: 'apply',
            privateMetadata: metadataOf({ ...at, job }),
          })
        : modalOf({ ...dialog, title: pressed.label, fields });
    return asked.wire.open(pressed.trigger, view);
  }
  const known = message === undefined ? undefined : answers.byMessage(message, channel);
  const context = contextOf(asked, {
    signal,
    message: messageIn(channel, message),
    // What is made from a hidden picture is hidden, too.
    spoiler: known?.spoiler,
  });
  const views = commands.press(context, id);
  if (action === 'cancel') {
    let last: View | undefined;
    for await (const view of views) last = view;
    const isProblem = last?.kind === 'problem';
    // The message that tells of the job says so itself.
    const isTold = !isProblem && !isWhisper && known !== undefined;
    if (last && !isTold) await whisper(desk, asked, last, pressed);
    // One that nobody tells in any more: Slack's answer to its post got lost.
    const isLost = !isProblem && !isWhisper && known === undefined;
    if (isLost && channel !== undefined && message !== undefined) {
      await asked.wire.delete({ channel, message });
    }
    return;
  }
  const place = {
    ...pressed,
    thread: threadOf(pressed),
    inPlace: isWhisper && inPlace.has(action),
  };
  const tell = (told: Views) => answer(desk, asked, context, told, place);
  if (action !== 'forgetyes') {
    await tell(views);
    return;
  }
  const clear = (doomed: readonly AnswerRecord[]) => forgetPosts(desk, asked.wire, doomed);
  await tellForgetting({ ...desk, views, tell, clear }, context);
}

/** Refinements are told below what they refine. */
function threadOf({ isWhisper, thread, message }: Pressed): string | undefined {
  return thread ?? (isWhisper ? undefined : message);
}

/** Deletes a result: by whoever asked for it, and by admins. */
async function remove(desk: Desk, asked: Asked, id: string, pressed: Pressed): Promise<void> {
  const { channel, message } = pressed;
  const { wire, user, member } = asked;
  if (id.slice('s.remove~'.length) !== user && !member.admin) {
    return whisper(desk, asked, wordsFor(member.locale).notYoursToDelete, pressed);
  }
  if (channel === undefined || message === undefined) return;
  const known = desk.answers.byMessage(message, channel);
  try {
    await wire.delete({ channel, message });
  } catch (error) {
    if (!refusedFor(error, ['gone'])) throw error;
  }
  if (!known) return;
  const failures: unknown[] = [];
  for (const file of known.files ?? []) {
    try {
      await wire.deleteFile(file);
    } catch (error) {
      // One that is in the way leaves none of the others behind.
      if (!refusedFor(error, ['gone'])) failures.push(error);
    }
  }
  // What is still there can be found again by whoever wants to be forgotten.
  if (failures.length > 0) throw failures[0];
  desk.answers.delete(known.interaction);
}
