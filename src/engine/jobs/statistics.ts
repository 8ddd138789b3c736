import type { Clock } from './clock.ts';
import type { Inversions } from './inversions.ts';
import type { JobsStatistics } from './jobs.ts';
import type { LiveJobs } from './live.ts';
import type { TaskClass } from './port.ts';
import type { Scheduler } from './scheduler.ts';

/** What waits, for how long, and what a crash would cost now. */
export function statisticsOf(
  scheduler: Scheduler,
  jobs: LiveJobs,
  inversions: Inversions,
  clock: Clock,
): Omit<JobsStatistics, 'full'> {
  const now = clock.now();
  const of = (taskClass: TaskClass) => {
    const ages = scheduler
      .waiting(taskClass)
      .map(({ id }) => now - (jobs.get(id)?.acceptedAt ?? now));
    // No spread: there may be more of them than a call takes arguments.
    const oldest = ages.reduce((a, b) => Math.max(a, b), 0);
    return { depth: ages.length, oldestSeconds: oldest / 1000 };
  };
  return {
    render: of('render'),
    inversion: of('inversion'),
    checkpointAge: inversions.unsaved() / 1000,
  };
}
