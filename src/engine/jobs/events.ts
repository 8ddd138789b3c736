import type { Packable } from '../../cache/index.ts';
import { isLast, type Problem } from '../protocol.ts';

/** What happens to a job. Exactly one of the last three ends it. */
export type JobNews =
  | {
      readonly kind: 'waiting';
      /** 1 is next. */
      readonly position: number;
      /** Seconds until the job is done, by what others took. */
      readonly eta: number | undefined;
    }
  | {
      readonly kind: 'progress';
      /** Which of the job's tasks, from 0, and its label. */
      readonly task: number;
      readonly label: string;
      readonly phase: string;
      readonly step: number;
      readonly steps: number;
      readonly loss: number | undefined;
      /** Of the whole job, 0 to 1. */
      readonly fraction: number;
      readonly eta: number | undefined;
    }
  | {
      readonly kind: 'preview';
      readonly task: number;
      /** As the executor made it, to be shown. */
      readonly picture: Uint8Array;
    }
  | {
      readonly kind: 'done';
      /** What the renders returned, in order. */
      readonly results: readonly Packable[];
    }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'cancelled' };

/** Ids grow, across restarts of the engine too; that of a job's last event is the greatest there is. */
export type JobEvent = JobNews & { readonly id: number };

export interface Events {
  publish(job: string, news: JobNews): void;
  /**
   * The newest event of each kind that came after `after`, then those to come, until the last one. A
   * slow reader misses what has been overtaken, and holds nothing up.
   *
   * @throws the signal's reason, or that of `close`
   */
  follow(job: string, after: number | undefined, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** One event with the next id. */
  single(news: JobNews): JobEvent;
  /** The newest event but for previews. */
  latest(job: string): JobEvent | undefined;
  /** Nothing happens any more: who has been told all there is to tell is told why. */
  close(reason: Error): void;
  /** Jobs that somebody follows. */
  followed(): string[];
  isFollowed(job: string): boolean;
}

interface Log {
  readonly newest: Map<JobNews['kind'], JobEvent>;
  readonly wake: Set<() => void>;
  followers: number;
}

/** @param run number of this start of the engine: ids of a later one are greater */
export function createEvents(run: number): Events {
  const logs = new Map<string, Log>();
  let closed: Error | undefined;
  let last = run * 2 ** 32;
  const logOf = (job: string): Log => {
    let log = logs.get(job);
    if (!log) {
      log = { newest: new Map(), wake: new Set(), followers: 0 };
      logs.set(job, log);
    }
    return log;
  };
  // The end of a job is told again to whoever asks later: then it has the same id.
  const single = (news: JobNews): JobEvent => ({
    ...news,
    id: isLast(news) ? Number.MAX_SAFE_INTEGER : ++last,
  });

  return {
    single,
    latest: (job) =>
      [...(logs.get(job)?.newest.values() ?? [])]
        .filter(({ kind }) => kind !== 'preview')
        .sort((a, b) => b.id - a.id)[0],
    publish(job, news) {
      const log = logOf(job);
      // Who waited and now runs does not wait; whose job is over has no progress.
      if (isLast(news)) log.newest.clear();
      if (news.kind === 'progress') log.newest.delete('waiting');
      log.newest.set(news.kind, single(news));
      if (isLast(news)) logs.delete(job);
      for (const wake of log.wake) wake();
    },
    // Not a generator itself: the log is taken now, and holds the last event when the job is over.
    follow: (job, after = -1, signal) => read(logOf(job), after, () => closed, signal),
    close(reason) {
      closed ??= reason;
      for (const { wake } of logs.values()) for (const call of wake) call();
    },
    isFollowed: (job) => (logs.get(job)?.followers ?? 0) > 0,
    followed: () => [...logs].filter(([, log]) => log.followers > 0).map(([job]) => job),
  };
}

async function* read(
  log: Log,
  after: number,
  closed: () => Error | undefined,
  signal?: AbortSignal,
): AsyncIterable<JobEvent> {
  log.followers++;
  try {
    for (let seen = after; ; ) {
      signal?.throwIfAborted();
      const next = [...log.newest.values()]
        .filter(({ id }) => id > seen)
        .sort((a, b) => a.id - b.id)[0];
      if (!next) {
        const reason = closed();
        if (reason) throw reason;
        await change(log, signal);
        continue;
      }
      seen = next.id;
      yield next;
      if (isLast(next)) return;
    }
  } finally {
    log.followers--;
  }
}

/** Settles with the next event, or when the signal is aborted. */
async function change(log: Log, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  log.wake.add(wake);
  signal?.addEventListener('abort', wake);
  await promise;
  log.wake.delete(wake);
  signal?.removeEventListener('abort', wake);
}
