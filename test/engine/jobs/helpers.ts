import { type StandInOptions, standIn, virtualClock } from '../../../bench/common/stand-in.ts';
import { defaults } from '../../../config/index.ts';
import {
  type JobEvent,
  type Jobs,
  type JobsOptions,
  type JobsSettings,
  type Journal,
  openJobs,
  openJournal,
  type Submission,
  type Task,
} from '../../../src/engine/jobs/index.ts';

/** Limits that nothing here reaches. */
const lavish = { waiting: 1e6, running: 1e6, deviceSeconds: 1e9, megabytes: 1e9 };
export const settings: JobsSettings = { ...defaults.jobs, user: lavish, tenant: lavish };

export interface World {
  jobs: Jobs;
  journal: Journal;
  clock: ReturnType<typeof virtualClock>;
  /** Results of inversions. */
  kept: Map<string, number>;
  /** What was on the device: `job:task:step`, a render being step 0. */
  worked: string[];
  warnings: unknown[];
  /** Accepts a job. @returns its id */
  submit(user: string, tasks: Task[], more?: Partial<Submission>): Promise<string>;
  /** Every event of a job until its last. */
  events(id: string): Promise<JobEvent[]>;
}

export interface WorldOptions extends Partial<JobsOptions> {
  kept?: Map<string, number>;
  onDevice?: StandInOptions['onWork'];
}

/** Jobs on a stand-in device whose time passes at once. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const {
    kept = new Map<string, number>(),
    journal = openJournal(':memory:'),
    clock = virtualClock(1e12),
    onDevice,
    ...others
  } = options;
  const worked: string[] = [];
  const warnings: unknown[] = [];
  const executor = standIn({
    wait: async (seconds, signal) => {
      // Lets others act in the middle of a step.
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      (clock as ReturnType<typeof virtualClock>).pass(seconds * 1000);
    },
    kept: {
      get: async (key) => kept.get(key),
      set: async (key, value) => void kept.set(key, value),
    },
    onWork: async (order, step) => {
      worked.push(`${order.job}:${order.index}:${step}`);
      await onDevice?.(order, step);
    },
  });
  let ids = 0;
  const jobs = await openJobs({
    executor,
    settings,
    journal,
    clock,
    newId: () => `job${++ids}`,
    onWarning: (_, error) => void warnings.push(error),
    ...others,
  });
  let keys = 0;
  return {
    jobs,
    journal,
    clock: clock as ReturnType<typeof virtualClock>,
    kept,
    worked,
    warnings,
    async submit(user, tasks, more = {}) {
      const owner = { tenant: 'guild', user };
      const submission = { owner, key: `key${++keys}`, tasks, request: { asked: user }, ...more };
      return (await jobs.submit(submission)).job.id;
    },
    async events(id) {
      const events: JobEvent[] = [];
      for await (const event of jobs.follow(id)) events.push(event);
      return events;
    },
  };
}

/** The last event of a job. */
export async function endOf(jobs: Jobs, id: string, after?: number): Promise<JobEvent> {
  let last: JobEvent | undefined;
  for await (const event of jobs.follow(id, after)) last = event;
  return last as JobEvent;
}
