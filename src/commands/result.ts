import type { Job, JobResult } from '../engine/protocol.ts';
import { refuse } from './refuse.ts';

/** What a job has made. @throws LikewiseError `JOB_NOT_DONE` */
export function resultOf(job: Job): JobResult {
  if (job.latest?.kind === 'done') return job.latest.result;
  throw refuse('JOB_NOT_DONE', { state: job.state });
}
