import type { Context, View, Views } from '../../commands/port.ts';
import { type Note, type Shown, tell } from '../tell.ts';
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
  const { wire, member } = asked;
  const lost = () => whisper(desk, asked, wordsFor(member.locale).noDirectMessage, place);
  return tellOf(desk, wire, context, record, chained(first, views), lost);
}

/**
 * Tells of views where a record says, and keeps the record as long as there is something to tell.
 * @param lost says that what is last can be sent nowhere
 */
export async function tellOf(
  desk: Desk,
  wire: Wire,
  context: Context,
  start: AnswerRecord,
  views: Views,
  lost?: () => Promise<void>,
): Promise<View | undefined> {
  const { answers, now, log, pace } = desk;
  const entry = entryOf(answers, start);
  const post = createPost({ wire, entry, now, log, lost });
  let end: Shown | undefined;
  const last = await tell(views, {
    context,
    post: {
      ...post,
      async show(ready: Parameters<typeof post.show>[0], isLast: boolean) {
        const shown = await post.show(ready, isLast);
        if (isLast || shown === 'deleted') end = shown;
        return shown;
      },
    },
    entry,
    prepare: (view, note) => draw(desk, wire, context, entry.record, view, note),
    now,
    log,
    pace,
  });
  const isReplaced = last?.kind === 'cancelled' && last.replaced;
  // What Slack did not take is told after the next start.
  if (!last || (end === undefined && !isReplaced)) return undefined;
  // Pictures are to be found again by whoever wants to be forgotten.
  const isKept = last.kind === 'result' || last.kind === 'problem' || hasFiles(last);
  const job = last.kind === 'result' ? last.job : entry.record.job;
  // What is made from a hidden picture is hidden, too.
  const isHidden = last.kind === 'result' && last.spoiler;
  const spoiler = isHidden || entry.record.spoiler;
  if (isKept && end !== 'deleted') entry.change({ told: true, job, spoiler });
  else answers.delete(start.interaction);
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

function noteOf(locale: string, note: Note, record: AnswerRecord): string {
  const { directMessage, barriers } = wordsFor(locale);
  const { private: isPrivate, barrier = 'uninvited' } = record;
  return note === 'closed' && !isPrivate ? barriers[barrier] : directMessage;
}

function hasFiles(view: View): boolean {
  return view.kind === 'text' && view.files.length > 0;
}

async function* chained(first: View, views: Views): Views {
  yield first;
  yield* views;
}
