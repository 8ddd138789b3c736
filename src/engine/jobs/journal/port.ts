import type { Packable } from '../../../cache/index.ts';
import type { JobState, Owner, Problem } from '../../protocol.ts';
import type { Task } from '../port.ts';

/** States that are never left. */
export type TerminalState = Extract<JobState, 'done' | 'failed' | 'cancelled'>;

export interface NewJob {
  readonly id: string;
  readonly owner: Owner;
  /** Names the request: the same key of one owner is the same job. */
  readonly key: string;
  readonly tasks: readonly Task[];
  /** What was asked, as the submitter wants to see it again. */
  readonly request: Packable;
  /** Bytes that its results will take elsewhere: counted until it is over, with those of the journal. */
  readonly bytes: number;
  /** Nothing of it is kept: it is in no list, counts for nothing, and goes soon after its end. */
  readonly transient?: boolean | undefined;
}

export interface JobRecord {
  readonly id: string;
  readonly owner: Owner;
  readonly key: string;
  readonly state: JobState;
  /** None where the record is damaged. */
  readonly tasks: readonly Task[];
  readonly request: Packable;
  /** Grows with every accepted job. */
  readonly order: number;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  readonly endedAt: number | undefined;
  /** Times that the process crashed in the middle of this job with no progress between. */
  readonly crashes: number;
  /** What the renders that are finished returned, by the index of their task; none that is damaged. */
  readonly parts: ReadonlyMap<number, Packable>;
  /** Of a job that failed. */
  readonly problem: Problem | undefined;
}

export interface Checkpoint {
  readonly step: number;
  readonly state: Uint8Array;
}

export interface Recovery {
  /** Number of this start of the engine, from 1. */
  readonly run: number;
  /** All that is to be done, oldest first; all are waiting. */
  readonly jobs: readonly JobRecord[];
  /** Job that was on the device when the process crashed. */
  readonly crashed: string | undefined;
  /** Owners whose `forget` was cut short: `forgotten` has not been said of them. */
  readonly forgetting: readonly Owner[];
}

export interface Usage {
  /** Of device time today. */
  readonly seconds: number;
  /** Of all jobs that are kept, and what results of those that are not over will take elsewhere. */
  readonly bytes: number;
  /** When the first of those that are over ended, in milliseconds since 1970. */
  readonly firstEnd: number | undefined;
}

/**
 * What survives a crash. Each call is one transaction: done when it returns, and not at all when it
 * throws. Calls that write to a job do nothing, and say so, where the job is over or forgotten.
 *
 * @throws LikewiseError `DISK_FULL` where there is no room for what is to be written
 */
export interface Journal {
  /** To be called once, first: what was running waits again. */
  recover(now: number): Recovery;
  /** The job with this key, an older one if there is one. */
  accept(job: NewJob, now: number): { readonly job: JobRecord; readonly created: boolean };
  get(id: string): JobRecord | undefined;
  find(owner: Owner, key: string): JobRecord | undefined;
  /**
   * All of a tenant's jobs that are not over, then its latest `limit` besides, each the latest first;
   * none that is transient.
   */
  list(tenant: string, limit: number): JobRecord[];
  /** Waiting -> running. */
  start(id: string): boolean;
  /** Which job the device works on: who is to blame for a crash. */
  onDevice(id: string | undefined): void;
  /** Says that a job waits for the result under a key: checkpoints live as long as somebody does. */
  want(id: string, key: string): boolean;
  /** Says that a job's tasks before this one are done. */
  reach(id: string, index: number): boolean;
  /** Saves a state as the newest of two generations. @returns whether anybody wants it */
  checkpoint(key: string, checkpoint: Checkpoint, now: number): boolean;
  /** Those that are whole, the newest first. */
  checkpoints(key: string): Checkpoint[];
  /** The result under a key is kept: nobody waits for it any more. */
  settle(key: string): void;
  /** What a render returned. */
  part(id: string, index: number, value: Packable): boolean;
  /** The end of a job. @returns whether it was not over */
  end(id: string, outcome: Outcome, now: number): boolean;
  /** Adds device time of today. */
  spend(owner: Owner, seconds: number, now: number): void;
  usage(owner: Owner, now: number): { readonly user: Usage; readonly tenant: Usage };
  /** Removes all of an owner and leaves a tombstone. @returns ids of the jobs that were not over */
  forget(owner: Owner, now: number): string[];
  /** What is kept of the owner elsewhere is gone too: the tombstone loses the name. */
  forgotten(owner: Owner): void;
  /** Whether all of the owner from before `since`, inclusive, has been forgotten. */
  isForgotten(owner: Owner, since: number): boolean;
  /** Removes jobs that ended before `before`. @returns their ids */
  sweep(before: number): string[];
  /** Removes a tenant's jobs that are over and were accepted before `before`. @returns how many */
  forgetBefore(tenant: string, before: number): number;
  /** Removes transient jobs that ended before `before`: from the files with the next `sweep`. */
  dropTransient(before: number): void;
  close(): void;
}

export type Outcome =
  | { readonly state: 'done'; readonly parts: ReadonlyMap<number, Packable> }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'cancelled' };
