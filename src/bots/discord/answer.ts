import { setTimeout as sleep } from 'node:timers/promises';
import type { BaseInteraction } from 'discord.js';
import type { Context, View, Views } from '../../commands/port.ts';
import { type Note, type Shown, tell, type Why } from '../tell.ts';
import type { Desk } from './desk.ts';
import { createPost } from './post.ts';
import { prepare } from './prepare.ts';
import { type AnswerRecord, type Entry, entryOf } from './store.ts';
import { type Ready, refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

/** An interaction that can be answered by a message. */
export type Answerable = BaseInteraction & { readonly token: string };

export interface AnswerOptions {
  /** Whether the message of the button changes, in place of a new one. @default false */
  readonly inPlace?: boolean;
  /**
   * Whether only whoever asked sees it, where the first view comes too late to say so; otherwise it is as
   * they want it, or as the tenant has set.
   */
  readonly private: boolean;
}

/** Milliseconds for the first view; Discord waits for 3 s. */
export const firstWait = 1200;
/** Milliseconds for which an interaction's token can be used, with some to spare. */
const tokenTime = 14.5 * 60_000;
/** Milliseconds before its end at which it is said that a private answer comes in another way. */
const closingTime = 55_000;
/** Milliseconds between two looks at the clock. */
const longestStep = 2000;

/**
 * Answers an interaction by views: acknowledged at once, then told.
 * @returns the last view; undefined where the interaction was too late, the bot stops, or Discord did
 * not take it
 */
export async function answer(
  desk: Desk,
  interaction: Answerable,
  context: Context,
  views: Views,
  options: AnswerOptions,
): Promise<View | undefined> {
  const { wire } = desk;
  const first = views.next();
  const known = await Promise.race([
    first.then(({ value }) => value as View | undefined),
    sleep(firstWait, undefined, { ref: false }),
  ]);
  const isProblem = known?.kind === 'problem';
  // A problem does not take the place of what was there.
  const inPlace = options.inPlace === true && !isProblem;
  const isPrivate = known?.private ?? (options.private || (await desk.commands.isPrivate(context)));
  let message: string | undefined;
  try {
    if (inPlace) await wire.deferUpdate(interaction);
    else message = await wire.defer(interaction, isPrivate);
  } catch (error) {
    // Before the pictures were read: nothing has begun.
    await views.return();
    if (!refusedFor(error, ['late', 'answered'])) throw error;
    desk.log({ interaction: interaction.id }, 'an interaction came too late to be answered');
    return undefined;
  }
  const record: AnswerRecord = {
    interaction: interaction.id,
    tenant: context.tenant,
    user: context.user,
    roles: context.roles,
    locale: context.locale,
    channel: interaction.channelId ?? '',
    guild: interaction.guildId ?? undefined,
    token: interaction.token,
    // By the clock here, whatever Discord's says.
    tokenUntil: desk.now() + tokenTime,
    private: isPrivate,
    spoiler: context.spoiler,
    limit: (interaction as { attachmentSizeLimit?: number }).attachmentSizeLimit ?? smallest,
    message,
    told: false,
  };
  // Whatever becomes of this process, there is something to be told.
  desk.answers.put(record);
  return tellOf(desk, context, record, resumed(first, views));
}

/** Bytes of a file that every place takes. */
const smallest = 10 * 1024 * 1024;

/** Tells of views where a record says, which is kept as long as there is something to tell. */
export async function tellOf(
  desk: Desk,
  context: Context,
  start: AnswerRecord,
  views: Views,
): Promise<View | undefined> {
  const { answers, wire, now, log, pace } = desk;
  const entry = entryOf(answers, start);
  const post = createPost({ wire, entry, now });
  let end: Shown | undefined;
  const last = await tell(start.private ? reminded(views, entry, now) : views, {
    context,
    post: {
      ...post,
      async show(message: (why?: Why) => Promise<Ready>, isLast: boolean) {
        const shown = await post.show(message, isLast);
        if (isLast || shown === 'deleted') end = shown;
        return shown;
      },
    },
    entry,
    prepare: (view, note) => prepare(view, prepareOptions(desk, context, entry.record, view, note)),
    now,
    log,
    pace,
  });
  const isReplaced = last?.kind === 'cancelled' && last.replaced;
  // What Discord did not take is told after the next start.
  if (!last || (end === undefined && !isReplaced)) return undefined;
  const hasButtons = last.kind === 'result' || last.kind === 'problem';
  if (hasButtons && end !== 'deleted') {
    // What was there already has had no progress that would have named its job.
    const job = last.kind === 'result' ? last.job : entry.record.job;
    // Where there is no job, too: what is not told is taken for something unread at the next start.
    answers.put({ ...entry.record, job, told: true });
  } else answers.delete(start.interaction);
  return last;
}

/** Has the latest progress shown once more just before a private answer can no longer be edited. */
async function* reminded(views: Views, { record }: Entry, now: () => number): Views {
  const closing = new AbortController();
  let reminder = waitUntil(record.tokenUntil - closingTime, now, closing.signal);
  let latest: View | undefined;
  try {
    for (let next = views.next(); ; ) {
      const step = await Promise.race([next, reminder]);
      if (step === 'late') {
        reminder = new Promise(() => {});
        if (latest?.kind === 'progress') yield latest;
        continue;
      }
      if (step.done) return;
      latest = step.value;
      yield latest;
      next = views.next();
    }
  } finally {
    closing.abort();
    await views.return();
  }
}

/** In steps: a machine that sleeps in between does not count. */
async function waitUntil(time: number, now: () => number, signal: AbortSignal): Promise<'late'> {
  while (now() < time && !signal.aborted) {
    const step = Math.min(time - now(), longestStep);
    await sleep(step, undefined, { ref: false, signal }).catch(() => {});
  }
  return 'late';
}

function prepareOptions(
  { commands, answers, now }: Desk,
  context: Context,
  { limit, user, spoiler, private: isPrivate }: AnswerRecord,
  view: View,
  note: Note | undefined,
) {
  const { locale, tenant } = context;
  const parent = view.kind === 'result' && view.parent;
  // Where its button was pressed, or wherever else it is seen.
  const pressed = context.message === undefined ? undefined : answers.byMessage(context.message);
  const isThere = pressed?.job === parent && pressed?.private === isPrivate;
  const at = !parent ? undefined : isThere ? pressed : answers.ofJob(tenant, parent);
  // What came as a direct message is no use to others.
  const isSeen = at?.message !== undefined && (at.guild !== undefined || at.user === context.user);
  const parentUrl =
    isSeen && `https://discord.com/channels/${at.guild ?? '@me'}/${at.channel}/${at.message}`;
  const isDirect = note === 'private' || note === 'closed';
  return {
    commands,
    context,
    limit,
    draw: {
      locale,
      now: now(),
      ...(spoiler !== undefined && { spoiler }),
      ...(parentUrl && { parentUrl }),
      // What only one sees, Discord lets them dismiss.
      ...(view.kind === 'result' && (!isPrivate || isDirect) && { remove: `d.remove~${user}` }),
      ...(note !== undefined && { note: noteOf(locale, note) }),
    },
  };
}

function noteOf(locale: string, note: Note): string {
  const { longPrivate, directMessage, closedChannel } = wordsFor(locale);
  return { closing: longPrivate, private: directMessage, closed: closedChannel }[note];
}

async function* resumed(first: Promise<IteratorResult<View, void>>, views: Views): Views {
  const { done, value } = await first;
  if (!done) {
    yield value;
    yield* views;
  }
}
