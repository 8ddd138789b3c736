import type { Context } from './port.ts';

/** Which render of a user runs for which message: one at a time, the last one wins. */
export interface Running {
  /**
   * Takes a message over for a press. The render before it is cancelled, unless this press is the same
   * one delivered again, or an older one.
   */
  take(context: Context): Promise<Turn>;
  /** Whether the job was cancelled because another took its place. */
  wasReplaced(job: string): boolean;
  /** From now on somebody here is told of the job as it goes on. @returns ends it */
  follow(job: string): () => void;
  /** Whether somebody here is told of the job: its end is seen there. */
  isFollowed(job: string): boolean;
}

export interface Turn {
  /** To be told of the job; it is cancelled where another press has come in between. */
  accepted(job: string): Promise<void>;
  /** The job is over. */
  end(): void;
}

interface Latest {
  interaction: string;
  job?: string;
  over: boolean;
  readonly seen: Set<string>;
}

/** Messages and jobs that are remembered: far more than run at one time. */
const most = 2000;

/**
 * Remembered in memory only: after a restart nobody tells of an older render any more, so it cannot
 * take a newer one's place.
 * @param cancel cancels a job that whoever asks has begun
 */
export function createRunning(
  cancel: (context: Context, job: string) => Promise<unknown>,
): Running {
  const byMessage = new Map<string, Latest>();
  const replaced = new Set<string>();
  /** How many are told of a job. */
  const followed = new Map<string, number>();
  const replace = async (context: Context, job: string) => {
    replaced.add(job);
    trim(replaced);
    await cancel(context, job);
  };
  const free: Turn = { accepted: async () => {}, end: () => {} };
  return {
    async take(context) {
      const { tenant, user, message, interaction } = context;
      if (message === undefined) return free;
      // What somebody else draws for the same message is theirs to cancel.
      const key = JSON.stringify([tenant, user, message]);
      const before = byMessage.get(key);
      if (before?.seen.has(interaction)) return free;
      const seen = before?.seen ?? new Set();
      const mine: Latest = { interaction, over: false, seen };
      seen.add(interaction);
      trim(seen);
      // Put last: the oldest are trimmed.
      byMessage.delete(key);
      byMessage.set(key, mine);
      trim(byMessage);
      if (before?.job !== undefined && !before.over) await replace(context, before.job);
      return {
        async accepted(job) {
          mine.job = job;
          if (byMessage.get(key) !== mine) await replace(context, job);
        },
        end() {
          mine.over = true;
        },
      };
    },
    wasReplaced: (job) => replaced.has(job),
    follow(job) {
      followed.set(job, (followed.get(job) ?? 0) + 1);
      return () => {
        const others = (followed.get(job) ?? 1) - 1;
        if (others > 0) followed.set(job, others);
        else followed.delete(job);
      };
    },
    isFollowed: (job) => followed.has(job),
  };
}

function trim(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(oldest);
  }
}
