import { type Kind, kinds } from './keys.ts';

/**
 * What is counted of each kind. `evictions` made room under the cap, `expired` outlived their
 * retention, `corrupt` were damaged and dropped (each is a miss as well).
 */
export const counters = ['hits', 'misses', 'evictions', 'expired', 'corrupt'] as const;
export type Counter = (typeof counters)[number];
export type Counts = Record<Kind, Record<Counter, number>>;

/** Counts since the cache was opened; they only ever grow. */
export interface Statistics {
  count(kind: Kind, counter: Counter): void;
  /** A copy, for metrics. */
  read(): Counts;
}

export function createStatistics(): Statistics {
  const counts = Object.fromEntries(
    kinds.map((kind) => [kind, Object.fromEntries(counters.map((counter) => [counter, 0]))]),
  ) as Counts;
  return {
    count(kind, counter) {
      counts[kind][counter] += 1;
    },
    read: () => structuredClone(counts),
  };
}
