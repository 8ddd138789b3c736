/** The queue in front of the device, and the journal that it does not lose anything by. */
export type { Elsewhere } from './admission.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Disk, type DiskOptions, watchDisk } from './disk.ts';
export type { JobEvent, JobNews } from './events.ts';
export type { Jobs, JobsOptions, JobsSettings, JobsStatistics, Submission } from './jobs.ts';
export {
  type JobRecord,
  type Journal,
  type Outcome,
  openJournal,
} from './journal/index.ts';
export type { Limits } from './limits.ts';
export { openJobs } from './manager.ts';
export {
  type BeginOptions,
  type Executor,
  ExecutorLostError,
  type Order,
  type Owner,
  ownerKey,
  ResultGoneError,
  type RunId,
  type StepReport,
  type Task,
  type TaskClass,
} from './port.ts';
export type { Work } from './runner.ts';
