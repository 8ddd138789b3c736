import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Log, ProgressView, View, Views } from '../../commands/port.ts';
import type { Post, Why } from './post.ts';
import type { Entry } from './store.ts';
import type { Ready } from './wire.ts';

export interface TellOptions {
  readonly context: Context;
  readonly post: Post;
  readonly entry: Entry;
  /** @param note a sentence that is added */
  readonly prepare: (view: View, note?: Note) => Promise<Ready>;
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
export async function tell(views: Views, options: TellOptions): Promise<View | undefined> {
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
        log({ err: error, attempt }, 'an answer could not be shown on Discord');
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
function createPainter(options: TellOptions): Painter {
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
        due = now() + pace;
        await show(view);
      } catch (error) {
        // The next one tells more.
        log({ err: error }, 'progress was not shown on Discord');
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
