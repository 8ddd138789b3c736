import type { Context, View, Views } from '../../commands/port.ts';
import { type Note, tell } from '../tell.ts';
import type { Asked } from './context.ts';
import type { Desk } from './desk.ts';
import { createPost } from './post.ts';
import { prepare } from './prepare.ts';
import { type AnswerRecord, entryOf } from './store.ts';
import { type Respond, whisper } from './whisper.ts';
import type { Wire } from './wire.ts';
import { wordsFor } from './words/index.ts';

/** Where something was asked. */
export interface Place {
  /** Undefined where there is no channel: then it is answered directly. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  /** By which whoever asked, and nobody else, is answered there. */
  readonly respond?: Respond | undefined;
  /** Whether what was pressed changes, in place of an answer of its own. @default false */
  readonly inPlace?: boolean;
}

/**
 * Answers by views: what shows a job is a message that changes; all else is for whoever asked.
 * @returns the last view; undefined where the bot stops before it
 */
export async function answer(
  desk: Desk,
  asked: Asked,
  context: Context,
  views: Views,
  place: Place,
): Promise<View | undefined> {
  const { done, value: first } = await views.next();
  if (done) return undefined;
  const isShown = first.kind === 'progress' || first.kind === 'result' || hasFiles(first);
  if (!isShown) {
    let last: View = first;
    for await (const view of views) last = view;
    await whisper(desk, asked, last, place);
    return last;
  }
  const isDirect = place.channel === undefined || place.channel.startsWith('D');
  const isPrivate = first.private && !isDirect;
  const record: AnswerRecord = {
    interaction: context.interaction,
    tenant: context.tenant,
    user: context.user,
    roles: context.roles,
    locale: context.locale,
    team: asked.team,
    channel: place.channel ?? '',
    thread: place.thread,
    private: first.private,
    spoiler: context.spoiler,
    told: false,
    ...((isPrivate || place.channel === undefined) && { direct: 'private' as const }),
  };
  return tellOf(desk, asked.wire, context, record, chained(first, views));
}

/** Tells of views where a record says, and keeps the record as long as there is something to tell. */
export async function tellOf(
  desk: Desk,
  wire: Wire,
  context: Context,
  start: AnswerRecord,
  views: Views,
): Promise<View | undefined> {
  const { answers, now, log, pace } = desk;
  const entry = entryOf(answers, start);
  const last = await tell(views, {
    context,
    post: createPost({ wire, entry, now, log }),
    entry,
    prepare: (view, note) => draw(desk, wire, context, entry.record, view, note),
    now,
    log,
    pace,
  });
  if (last?.kind === 'result' || last?.kind === 'problem') entry.change({ told: true });
  else if (last) answers.delete(start.interaction);
  return last;
}

async function draw(
  { commands, answers, now }: Desk,
  wire: Wire,
  context: Context,
  record: AnswerRecord,
  view: View,
  note: Note | undefined,
) {
  const { locale, tenant } = context;
  const parent = view.kind === 'result' ? view.parent : undefined;
  const at = parent === undefined ? undefined : answers.ofJob(tenant, parent);
  const parentUrl =
    at?.message === undefined
      ? undefined
      : await wire.permalink({ channel: at.channel, message: at.message });
  const { spoiler, user } = record;
  return prepare(view, {
    commands,
    context,
    draw: {
      locale,
      now: now(),
      ...(spoiler !== undefined && { spoiler }),
      ...(parentUrl !== undefined && { parentUrl }),
      ...(view.kind === 'result' && { remove: `s.remove~${user}` }),
      ...(note !== undefined && { note: noteOf(locale, note, record) }),
    },
  });
}

function noteOf(locale: string, note: Note, { private: isPrivate }: AnswerRecord): string {
  const { directMessage, notInChannel } = wordsFor(locale);
  return note === 'closed' && !isPrivate ? notInChannel : directMessage;
}

function hasFiles(view: View): boolean {
  return view.kind === 'text' && view.files.length > 0;
}

async function* chained(first: View, views: Views): Views {
  yield first;
  yield* views;
}
