import type { Packable } from '../../cache/index.ts';
import type { Elsewhere } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { JobEvent } from './events.ts';
import type { JobRecord, Journal, Outcome } from './journal/index.ts';
import type { Limits } from './limits.ts';
import type { Executor, Owner, Task } from './port.ts';
import type { Work } from './runner.ts';

/** The part `jobs` of the settings, where it is about the queue. */
export interface JobsSettings {
  readonly inversionShare: number;
  readonly turnSeconds: number;
  readonly patienceSeconds: number;
  readonly checkpointSeconds: number;
  readonly previewSeconds: number;
  readonly crashes: number;
  readonly retentionDays: number;
  readonly user: Limits;
  readonly tenant: Limits;
}

export interface JobsOptions {
  readonly journal: Journal;
  readonly executor: Executor;
  readonly settings: JobsSettings;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default one that is never full */
  readonly disk?: Disk;
  /**
   * Writes something where results are kept, and removes it: asked before the queue goes on that found
   * no room there. @throws where there is none @default there is, once `disk` has room
   */
  readonly probe?: () => Promise<void>;
  /** Names new jobs. @default random UUIDs */
  readonly newId?: () => string;
  /** Removes what is kept of an owner elsewhere; called again at the next start if it was cut short. */
  readonly onForget?: (owner: Owner) => Promise<void>;
  /** Told of each job that is taken up: when it was accepted, and again at each start until it is over. */
  readonly onTaken?: (job: JobRecord) => void;
  /** Told of each job that is left alone from now on, whether it is over or forgotten. */
  readonly onLeft?: (job: string) => void;
  /** Told once of each job that is over; after a crash at that moment, by the journal alone. */
  readonly onEnd?: (job: string, outcome: Outcome) => void;
  /** Told of each step and each render. */
  readonly onWork?: (work: Work) => void;
  /** Told of what went wrong, for the log. */
  readonly onWarning?: (what: string, error: unknown) => void;
}

export interface Submission {
  readonly owner: Owner;
  /** Same key, same owner: the same job, however often it is sent. */
  readonly key: string;
  /** In the order in which they are done; one or more. */
  readonly tasks: readonly Task[];
  /** What was asked, to be shown again. */
  readonly request: Packable;
  /** What its results will take elsewhere, in bytes: counted until it is over. @default 0 */
  readonly bytes?: number;
  /** What is kept elsewhere already, as it is now. @default nothing */
  readonly elsewhere?: Elsewhere;
  /** Nothing of it is kept: it is in no list, counts no bytes, and goes a minute after its end. */
  readonly transient?: boolean;
}

/** Jobs: accepted, and then brought to one end. */
export interface Jobs {
  /** Settles when nothing can go on, with why: the process is to end and be started again. */
  readonly lost: Promise<Error>;
  /** Number of this start of the engine, from 1. */
  readonly run: number;
  /**
   * Accepts a job: when this returns, it survives a crash and a loss of power.
   * @throws LikewiseError `LIMIT_WAITING`, `LIMIT_DEVICE`, `LIMIT_BYTES`, `DISK_FULL`,
   * `ENGINE_STOPPING`, all of them with `details.retrySeconds`
   */
  submit(submission: Submission): Promise<{ readonly job: JobRecord; readonly created: boolean }>;
  /**
   * Whether so many bytes more may be kept elsewhere, beside what is.
   * @throws LikewiseError `LIMIT_BYTES` with `details.retrySeconds`
   */
  admitBytes(owner: Owner, bytes: number, elsewhere: Elsewhere): void;
  /** Whether there is room on the disk for something new. */
  hasRoom(): boolean;
  /** @throws LikewiseError `ENGINE_STOPPING` once the queue is closed, as all that is asked then */
  get(id: string): JobRecord | undefined;
  /** The job that an owner submitted under a key. */
  find(owner: Owner, key: string): JobRecord | undefined;
  /** What happened to a job last. @throws LikewiseError `JOB_UNKNOWN` */
  latest(id: string): JobEvent;
  /**
   * All of a tenant's jobs that are not over, then those that are kept, each the latest first.
   * @param limit most of those that are over @default 100
   */
  list(tenant: string, limit?: number): JobRecord[];
  /** Ends a job at once; the device is free within a step. @returns whether it was not over */
  cancel(id: string): boolean;
  /**
   * What happens to a job: the newest event of each kind after `after`, then those to come, until the
   * one that ends it.
   * @throws LikewiseError `JOB_UNKNOWN`; `ENGINE_STOPPING` where the queue ends before the job does
   */
  follow(id: string, after?: number, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** Removes all jobs of an owner; when it returns, nothing of them can be written any more. */
  forget(owner: Owner): Promise<number>;
  /** Whether what the owner began at `since` is forgotten: then nothing of it is to be kept. */
  isForgotten(owner: Owner, since: number): boolean;
  /** Removes jobs that have been over for too long. Done every hour. @returns their ids */
  sweep(): string[];
  /** Removes a tenant's jobs that are over and were accepted before `before`. @returns how many */
  forgetBefore(tenant: string, before: number): number;
  statistics(): JobsStatistics;
  /** Accepts nothing more, saves what runs, and closes the journal: within 5 s. */
  close(): Promise<void>;
}

export interface JobsStatistics {
  /** Jobs that wait for the device, and the age of the oldest. */
  readonly render: { readonly depth: number; readonly oldestSeconds: number };
  readonly inversion: { readonly depth: number; readonly oldestSeconds: number };
  /** Seconds since the oldest state was saved that has changed since. */
  readonly checkpointAge: number;
  /** Whether the queue stands still until there is room on the disk. */
  readonly full: boolean;
}
