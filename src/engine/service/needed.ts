/** Which records accepted jobs need still: neither age nor a full cache removes those. */
export interface Needed {
  add(job: string, key: string): void;
  /** The job is over, or was never there. */
  release(job: string): void;
  has(key: string): boolean;
}

export function createNeeded(): Needed {
  const byJob = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  return {
    add(job, key) {
      const keys = byJob.get(job) ?? new Set();
      byJob.set(job, keys);
      if (keys.has(key)) return;
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
