import type { Clock } from './clock.ts';
import type { Journal } from './journal/index.ts';
import type { LiveJob, LiveJobs } from './live.ts';
import { type Owner, ownerKey } from './port.ts';

export interface ForgettingOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly jobs: LiveJobs;
  readonly onForget: ((owner: Owner) => Promise<void>) | undefined;
  /** The job is over, and whoever follows it is told so. */
  leave(job: LiveJob): void;
  /** Calls `body` while nothing is under way, and lets things go on after it. */
  quiet(body: () => void): Promise<void>;
}

export interface Forgetting {
  /** @returns how many jobs that were not over; @throws what kept it from being done */
  forget(owner: Owner): Promise<number>;
  /** Whether something of the owner is left that was to go. */
  isPending(owner: Owner): boolean;
  /** Tries again what could not be done. */
  again(): Promise<void>;
}

/** Removes all jobs of an owner, and then what is kept of the owner elsewhere. */
export function createForgetting(options: ForgettingOptions): Forgetting {
  const { journal, clock, jobs, leave, quiet } = options;
  const pending = new Map<string, Owner>();

  const attempt = async (owner: Owner): Promise<number> => {
    const whose = ownerKey(owner);
    const theirs = jobs.all().filter((job) => job.ownerKey === whose);
    try {
      journal.forget(owner, clock.now());
    } finally {
      // They stop whatever becomes of it, even where there is no room to write that they are forgotten.
      for (const job of theirs) leave(job);
    }
    // What was under way may be writing still. The journal may name one of theirs as on the device.
    await quiet(() => journal.onDevice(undefined));
    await options.onForget?.(owner);
    journal.forgotten(owner);
    return theirs.length;
  };
  const forget = async (owner: Owner): Promise<number> => {
    try {
      const count = await attempt(owner);
      pending.delete(ownerKey(owner));
      return count;
    } catch (error) {
      pending.set(ownerKey(owner), owner);
      throw error;
    }
  };
  return {
    forget,
    isPending: (owner) => pending.has(ownerKey(owner)),
    async again() {
      for (const owner of [...pending.values()]) await forget(owner);
    },
  };
}
