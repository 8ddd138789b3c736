import type { Packable } from '../../cache/index.ts';
import type { JobRecord } from './journal/index.ts';
import { type Order, type Owner, ownerKey, type Task } from './port.ts';
import type { Entry } from './scheduler.ts';

/** A job that is not over. */
export interface LiveJob {
  readonly id: string;
  readonly owner: Owner;
  readonly ownerKey: string;
  readonly tasks: readonly Task[];
  readonly order: number;
  readonly acceptedAt: number;
  /** What the renders that are finished returned, by the index of their task. */
  readonly parts: Map<number, Packable>;
  /** Aborted when the job is over before its time. */
  readonly ending: AbortController;
  /** Index of the first task that is not done. */
  next: number;
  /** Keys of its inversions that are done, in order. */
  keys: string[];
  /** Key of the inversion that it waits for. */
  want: string | undefined;
  /** Whether it has been on the device. */
  begun: boolean;
  /** Whether the process crashed in the middle of it, with nothing achieved since. */
  suspect: boolean;
  over: boolean;
  /** Seconds that it had the device. */
  seconds: number;
  /** Times in a row that a result which it needs had gone. */
  gone: number;
  finding: Promise<void> | undefined;
}

export function liveJob(record: JobRecord): LiveJob {
  const { id, owner, tasks, order, acceptedAt } = record;
  return {
    id,
    owner,
    ownerKey: ownerKey(owner),
    tasks,
    order,
    acceptedAt,
    parts: new Map(record.parts),
    ending: new AbortController(),
    next: 0,
    keys: [],
    want: undefined,
    begun: false,
    suspect: record.crashes > 0,
    over: false,
    seconds: 0,
    gone: 0,
    finding: undefined,
  };
}

/** What its next task is, for the scheduler. A job without one has only to be ended. */
export function entryOf(job: LiveJob): Entry {
  return {
    id: job.id,
    owner: job.ownerKey,
    tenant: job.owner.tenant,
    class: job.tasks[job.next]?.class ?? 'render',
    order: job.order,
    underWay: job.begun,
  };
}

/** Of its next task. */
export function orderOf(job: LiveJob): Order {
  const task = job.tasks[job.next];
  if (!task) throw new RangeError(`job ${job.id} has no task left`);
  const { id, owner, next: index, keys } = job;
  return { job: id, owner, index, task, before: [...keys] };
}

/** Live jobs, and how many there are of each user and tenant. */
export interface LiveJobs {
  add(job: LiveJob): void;
  get(id: string): LiveJob | undefined;
  remove(job: LiveJob): void;
  /** Marks a job as on its way. */
  begin(job: LiveJob): void;
  /** Of a user (`ownerKey`) or a tenant. */
  count(of: { owner: string } | { tenant: string }): { waiting: number; running: number };
  all(): LiveJob[];
}

export function createLiveJobs(): LiveJobs {
  const jobs = new Map<string, LiveJob>();
  const counts = new Map<string, { waiting: number; running: number }>();
  const keysOf = (job: LiveJob) => [`user ${job.ownerKey}`, `tenant ${job.owner.tenant}`];
  const change = (job: LiveJob, waiting: number, running: number) => {
    for (const key of keysOf(job)) {
      const count = counts.get(key) ?? { waiting: 0, running: 0 };
      count.waiting += waiting;
      count.running += running;
      if (count.waiting + count.running > 0) counts.set(key, count);
      else counts.delete(key);
    }
  };
  return {
    add(job) {
      jobs.set(job.id, job);
      change(job, 1, 0);
    },
    get: (id) => jobs.get(id),
    remove(job) {
      if (!jobs.delete(job.id)) return;
      change(job, job.begun ? 0 : -1, job.begun ? -1 : 0);
    },
    begin(job) {
      job.begun = true;
      change(job, -1, 1);
    },
    count: (of) =>
      counts.get('owner' in of ? `user ${of.owner}` : `tenant ${of.tenant}`) ?? {
        waiting: 0,
        running: 0,
      },
    all: () => [...jobs.values()],
  };
}
