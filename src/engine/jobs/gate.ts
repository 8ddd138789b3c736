import PQueue from 'p-queue';
import type { Entry, Scheduler } from './scheduler.ts';

/** What stands before the device: one thing at a time, chosen anew each time. */
export interface Gate {
  /** Calls `run` when the scheduler picks the entry. What it throws goes to `onError`. */
  add(entry: Entry, run: (entry: Entry) => Promise<void>): void;
  /** Withdraws an entry that waits. @returns whether it did */
  remove(id: string): boolean;
  /** Looks again for somebody who may go. */
  nudge(): void;
  /** Starts nothing any more, until `resume`; what runs goes on. */
  pause(): void;
  resume(): void;
  /** Settles when nothing runs. */
  still(): Promise<void>;
}

type Run = () => Promise<unknown>;
type AddOptions = { readonly entry?: Entry };

/**
 * A p-queue of concurrency 1 that keeps its tasks in the scheduler's order: who is next depends on who
 * was served and for how long, so priorities are not given when a task is added but found when the
 * device is free.
 */
export function openGate(scheduler: Scheduler, onError: (error: unknown) => void): Gate {
  const runs = new Map<string, Run>();

  class PickedQueue {
    /** 0 where nobody may go: p-queue asks before it takes. */
    get size(): number {
      return runs.size > 0 && scheduler.ready ? runs.size : 0;
    }
    enqueue(run: Run, { entry }: AddOptions = {}): void {
      if (!entry) throw new TypeError('only entries of the scheduler wait here');
      runs.set(entry.id, run);
      scheduler.add(entry);
    }
    dequeue(): Run | undefined {
      const entry = scheduler.pick();
      const run = entry && runs.get(entry.id);
      if (entry) runs.delete(entry.id);
      return run;
    }
    filter(): Run[] {
      return [...runs.values()];
    }
    setPriority(): void {
      throw new TypeError('the scheduler decides who is next');
    }
    remove(id: string): void {
      if (scheduler.remove(id)) runs.delete(id);
    }
  }

  // One entry a job waits at a time, so a job's controller can withdraw it.
  const withdrawals = new Map<string, AbortController>();
  const queue = new PQueue<PickedQueue, AddOptions & { id?: string; signal?: AbortSignal }>({
    concurrency: 1,
    queueClass: PickedQueue,
  });

  return {
    add(entry, run) {
      const withdrawal = new AbortController();
      withdrawals.set(entry.id, withdrawal);
      const begun = () => {
        withdrawals.delete(entry.id);
        return run(entry);
      };
      queue.add(begun, { entry, id: entry.id, signal: withdrawal.signal }).catch((error) => {
        if (!withdrawal.signal.aborted) onError(error);
      });
    },
    remove(id) {
      const withdrawal = withdrawals.get(id);
      if (!withdrawal) return false;
      withdrawals.delete(id);
      withdrawal.abort();
      return true;
    },
    nudge() {
      if (queue.isPaused) return;
      queue.pause();
      queue.start();
    },
    pause: () => queue.pause(),
    resume: () => void queue.start(),
    async still() {
      if (queue.pending > 0) await queue.onPendingZero();
    },
  };
}
