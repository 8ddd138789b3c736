import { LikewiseError } from '../../errors.ts';
import type { Events, JobEvent, JobNews } from './events.ts';
import type { Jobs } from './jobs.ts';
import type { Journal, Outcome } from './journal/index.ts';
import type { LiveJob, LiveJobs } from './live.ts';
import { newsOf } from './outcome.ts';

export interface FollowersOptions {
  readonly jobs: LiveJobs;
  readonly journal: Pick<Journal, 'get'>;
  readonly events: Events;
  waitingNews(job: LiveJob): JobNews;
}

/** What is told of a job, whether it goes on or is over. */
export function createFollowers(options: FollowersOptions): Pick<Jobs, 'follow' | 'latest'> {
  const { jobs, journal, events, waitingNews } = options;

  const endOf = (id: string): JobEvent => {
    const record = journal.get(id);
    if (!record) throw new LikewiseError('JOB_UNKNOWN', { job: id });
    return events.single(newsOf(record.parts, record as Outcome));
  };
  return {
    latest(id) {
      const job = jobs.get(id);
      if (!job) return endOf(id);
      return events.latest(id) ?? events.single(waitingNews(job));
    },
    follow(id, after, signal) {
      const job = jobs.get(id);
      if (job) {
        if (!job.begun) events.publish(id, waitingNews(job));
        return events.follow(id, after, signal);
      }
      const last = endOf(id);
      return (async function* () {
        yield last;
      })();
    },
  };
}
