import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Log, ProgressView, View, Views } from '../commands/port.ts';
import type { Entry } from './answers.ts';

/** What became of a message that was to be shown. */
export type Shown =
  | 'shown'
  /** Somebody deleted the answer: nothing more is posted. */
  | 'deleted'
  /** Neither the channel nor a direct message takes it. */
  | 'unreachable';

/** Why something is a direct message: only one may see it, or the channel is closed to the bot. */
export type Why = 'private' | 'closed';

/** An answer's message, by whatever way the platform still allows. */
export interface Post<Message> {
  /**
   * @param prepare the message; as a direct one it says why it is one
   * @param last whether nothing comes after it: then it is worth a message of its own
   * @throws whatever the platform or the network refuses it for otherwise
   */
  show(prepare: (direct?: Why) => Promise<Message>, last: boolean): Promise<Shown>;
  remove(): Promise<void>;
  /** Whether the answer can no longer be edited within so many milliseconds. */
  isClosing(within: number): boolean;
}

export interface TellOptions<Message> {
  readonly context: Context;
  readonly post: Post<Message>;
  readonly entry: Entry;
  /** @param note a sentence that is added */
  readonly prepare: (view: View, note?: Note) => Promise<Message>;
  readonly now: () => number;
  readonly log: Log;
  /** Milliseconds between two edits that tell of progress. */
  readonly pace: number;
}

/** `closing`: a private answer can soon no longer be edited; or why it is a direct message. */
export type Note = 'closing' | Why;

/** Milliseconds that a job may take before its progress is worth an edit. */
const patience = 1000;
/** Milliseconds before a private answer can no longer be edited, at which that is said. */
const warning = 60_000;
/** Milliseconds before a last message that could not be shown is tried again. */
const retries = [2000, 10_000, 60_000, 300_000];

/**
 * Shows views as they come, each in place of the one before: progress at a walking pace and only the
 * latest of it, what is last at once. Nothing is shown any more once the message was deleted.
 * @returns the last view; undefined where the telling was ended before it
 */
export async function tell<Message>(
  views: Views,
  options: TellOptions<Message>,
): Promise<View | undefined> {
  const { context, post, entry, log } = options;
  const painter = createPainter(options);
  let last: View | undefined;
  for await (const view of views) {
    last = view;
    if (view.kind !== 'progress') continue;
    if (view.job !== undefined && entry.record.job !== view.job) entry.change({ job: view.job });
    painter.paint(view);
  }
  const isDeleted = await painter.end();
  if (!last || (context.signal.aborted && last.kind === 'progress')) return undefined;
  if (last.kind === 'cancelled' && last.replaced) await post.remove();
  else if (!isDeleted) await untilShown(last);
  return last;

  async function untilShown(view: View): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const shown = await post.show((why) => options.prepare(view, why), true);
        if (shown !== 'shown') log({ shown, job: entry.record.job }, 'an answer was not shown');
        return;
      } catch (error) {
        log({ err: error, attempt }, 'an answer could not be shown');
        const wait = retries[attempt];
        if (wait === undefined || context.signal.aborted) return;
        await sleep(wait, undefined, { signal: context.signal }).catch(() => {});
      }
    }
  }
}

interface Painter {
  paint(view: ProgressView): void;
  /** @returns whether the message was found to be deleted */
  end(): Promise<boolean>;
}

/** Shows the latest progress, at most one at a time. */
function createPainter<Message>(options: TellOptions<Message>): Painter {
  const { context, post, entry, prepare, now, log, pace } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  let next: ProgressView | undefined;
  let painting: Promise<void> | undefined;
  let isDeleted = false;
  let due = now() + patience;

  const show = async (view: ProgressView) => {
    const isClosing = entry.record.private && post.isClosing(warning);
    const shown = await post.show(() => prepare(view, isClosing ? 'closing' : undefined), false);
    isDeleted = shown === 'deleted';
  };
  const run = async () => {
    while (next && !isDeleted) {
      await sleep(Math.max(0, due - now()), undefined, { signal }).catch(() => {});
      const view = next;
      next = undefined;
      if (signal.aborted) return;
      try {
        await show(view);
      } catch (error) {
        // The next one tells more.
        log({ err: error }, 'progress was not shown');
      } finally {
        // Counted from its end: a slow one does not bring the next one closer to it.
        due = now() + pace;
      }
    }
  };
  const start = (): Promise<void> =>
    run().finally(() => {
      // What came just as it ended.
      painting = next && !isDeleted && !signal.aborted ? start() : undefined;
    });
  return {
    paint(view) {
      next = view;
      painting ??= start();
    },
    async end() {
      ending.abort();
      next = undefined;
      await painting;
      return isDeleted;
    },
  };
}
