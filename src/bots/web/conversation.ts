import type { Context, Log, View, Views } from '../../commands/port.ts';
import type { Message, Messages } from './messages.ts';

/** Where the views of an answer go. */
export interface Place {
  readonly tenant: string;
  /** The id of the message: a new one, or one that is there already. */
  readonly message: string;
  readonly title: string;
  readonly look: Readonly<Record<string, string>>;
}

/** What came of a wish: an answer that is in the conversation, or something to be shown once. */
export type Outcome = { readonly message: Message } | { readonly view: View };

export type Change = { readonly message: Message } | { readonly cleared: true };

export interface Conversations {
  list(tenant: string): Message[];
  get(tenant: string, id: string): Message | undefined;
  /** Reads views to their end, whoever listens; resolves as soon as it is clear what they are. */
  begin(place: Place, views: Views): Promise<Outcome>;
  /** @returns how to stop listening */
  listen(tenant: string, heard: (change: Change) => void): () => void;
  forget(tenant: string): void;
  /** Resolves once all that is being read has ended. */
  settled(): Promise<void>;
}

export interface ConversationOptions {
  readonly messages: Messages;
  /** @default the time of day */
  readonly now?: () => number;
  readonly log?: Log | undefined;
  /** Takes up what a message was waiting for when the server stopped; undefined: nothing to do. */
  readonly resume?: (tenant: string, message: Message) => Views | undefined;
}

export function openConversations(options: ConversationOptions): Conversations {
  const { messages, now = Date.now, log, resume } = options;
  const listeners = new Map<string, Set<(change: Change) => void>>();
  /** The latest of what is being read for a message, and its progress, which is not written down. */
  const running = new Map<string, { readonly views: Views; message: Message }>();
  const reading = new Set<Promise<unknown>>();
  const taken = new Set<string>();
  /** How often a tenant was forgotten: what was asked before that is not told any more. */
  const eras = new Map<string, number>();
  const keyOf = (tenant: string, id: string) => `${tenant} ${id}`;

  const tell = (tenant: string, change: Change) => {
    for (const heard of listeners.get(tenant) ?? []) heard(change);
  };
  const get = (tenant: string, id: string) =>
    running.get(keyOf(tenant, id))?.message ?? messages.get(tenant, id);

  const begin = (place: Place, views: Views): Promise<Outcome> => {
    const { tenant, message: id } = place;
    const key = keyOf(tenant, id);
    const known = Promise.withResolvers<Outcome>();
    const era = eras.get(tenant);
    const read = async () => {
      let last: View | undefined;
      let begun = false;
      try {
        for await (const view of views) {
          last = view;
          if (eras.get(tenant) !== era) continue;
          // What is no answer is shown once, unless it ends an answer that was begun.
          if (!isAnswer(view) && !begun) continue;
          // Another wish about the same message came in between: that one counts.
          if (begun && running.get(key)?.views !== views) continue;
          const before = get(tenant, id);
          // Whoever cancels a job: the message that waits for it tells of that, and no second one.
          if (!begun && view.kind === 'cancelled' && (!before || running.has(key))) continue;
          begun = true;
          const message = next(before ?? fresh(place, now()), view);
          running.set(key, { views, message });
          // A crash may cost the latest step of a bar, not an answer or the job that leads to it.
          if (view.kind !== 'progress' || before?.progress?.job !== view.job) {
            messages.put(tenant, message);
          }
          tell(tenant, { message });
          known.resolve({ message });
        }
        known.resolve(last ? { view: last } : { view: nothing });
      } catch (error) {
        log?.({ error }, 'the views of an answer ended early');
        known.reject(error);
      } finally {
        if (running.get(key)?.views === views) running.delete(key);
      }
    };
    const done = read();
    reading.add(done);
    void done.finally(() => reading.delete(done));
    return known.promise;
  };

  return {
    get,
    begin,
    list(tenant) {
      const all = messages.list(tenant);
      if (!taken.has(tenant)) {
        taken.add(tenant);
        for (const message of all) {
          const views =
            message.progress && !running.has(keyOf(tenant, message.id))
              ? resume?.(tenant, message)
              : undefined;
          if (views) void begin({ ...message, tenant, message: message.id }, views).catch(() => {});
        }
      }
      return all.map((message) => get(tenant, message.id) ?? message);
    },
    listen(tenant, heard) {
      const set = listeners.get(tenant) ?? new Set();
      listeners.set(tenant, set.add(heard));
      return () => {
        set.delete(heard);
        if (set.size === 0) listeners.delete(tenant);
      };
    },
    forget(tenant) {
      eras.set(tenant, (eras.get(tenant) ?? 0) + 1);
      for (const key of running.keys()) if (key.startsWith(`${tenant} `)) running.delete(key);
      messages.forget(tenant);
      tell(tenant, { cleared: true });
    },
    async settled() {
      await Promise.allSettled(reading);
    },
  };
}

const nothing: View = { kind: 'text', lines: [], files: [], buttons: [], private: true };

/** Views of a job belong into the conversation. */
function isAnswer(view: View): boolean {
  return view.kind === 'progress' || view.kind === 'result' || view.kind === 'cancelled';
}

function fresh({ message, title, look }: Place, at: number): Message {
  return { id: message, revision: 0, at, title, look };
}

/** The message with a view in its place. */
function next({ progress: _, problem: __, ...before }: Message, view: View): Message {
  const message = { ...before, revision: before.revision + 1 };
  if (view.kind === 'progress') return { ...message, progress: view };
  if (view.kind === 'result') {
    return { ...message, view, ...(view.cells.length > 1 && { cells: view }) };
  }
  if (view.kind === 'problem') {
    // A result that is there stays: only the refinement of it failed.
    return message.view?.kind === 'result' ? { ...message, problem: view } : { ...message, view };
  }
  if (view.kind === 'cancelled' && message.view?.kind !== 'result') return { ...message, view };
  return message;
}

/**
 * Whoever asks by the page: a visitor is alone in a tenant.
 *
 * The page itself speaks English, whatever the browser prefers, and so does all that it shows: sentences
 * of the commands in another language would stand among its English ones. Once it is translated, the
 * language that it is shown in goes here, and with a message, so that `resumed` speaks it too.
 */
export function contextOf(
  tenant: string,
  interaction: string,
  rest: Pick<Context, 'message' | 'live' | 'signal'>,
): Context {
  return {
    tenant,
    user: 'visitor',
    roles: [],
    moderator: true,
    admin: true,
    interaction,
    can: { animation: 'webp' },
    locale: 'en',
    ...rest,
  };
}
