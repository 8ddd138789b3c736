/** Which records accepted jobs need still: neither age nor a full cache removes those. */
export interface Needed {
  /** The job is accepted. */
  open(job: string): void;
  /** Does nothing for a job that is over, whose last piece of work may be under way still. */
  add(job: string, key: string): void;
  /** The job is over. */
  release(job: string): void;
  has(key: string): boolean;
}

export function createNeeded(): Needed {
  const byJob = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  return {
    open(job) {
      if (!byJob.has(job)) byJob.set(job, new Set());
    },
    add(job, key) {
      const keys = byJob.get(job);
      if (!keys || keys.has(key)) return;
      keys.add(key);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    release(job) {
      for (const key of byJob.get(job) ?? []) {
        const count = (counts.get(key) ?? 0) - 1;
        if (count > 0) counts.set(key, count);
        else counts.delete(key);
      }
      byJob.delete(job);
    },
    has: (key) => counts.has(key),
  };
}
