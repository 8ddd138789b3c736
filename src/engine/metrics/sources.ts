import { type Counter, type Counts, kinds } from '../../cache/index.ts';
import type { ChildStatistics } from '../intake/index.ts';
import type { JobsStatistics } from '../jobs/index.ts';
import { latest } from './latest.ts';

/** Whom to ask when metrics are asked for. What is not given is not shown. */
export interface Sources {
  readonly jobs?: { statistics(): JobsStatistics };
  readonly cache?: { readonly statistics: { read(): Counts } };
  readonly intake?: { statistics(): ChildStatistics };
  /** Bytes of the JavaScript heap of the device's thread; may take as long as a step. */
  readonly deviceHeap?: () => Promise<number>;
}

/** Values by the value of the one label that they differ in; undefined: not known. */
type Values = Record<string, number | undefined>;

/** What is asked for, and what it is called. Without a label there is one value, of any name. */
export interface Lookup {
  readonly source: string;
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  readonly ask: () => Values | Promise<Values>;
}

/** Milliseconds for which a scrape waits for the device's thread, before it shows what was last known. */
const patienceMs = 250;

/** What rises and falls. */
export function gauged({ jobs, intake, deviceHeap }: Sources): Lookup[] {
  const heap = deviceHeap && latest(deviceHeap, patienceMs);
  const memory: Lookup[] = [
    {
      source: 'memory',
      name: 'likewise_memory_bytes',
      help: "Of the engine's process: resident (all threads and the model), heaps, array buffers.",
      label: 'part',
      async ask() {
        const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
        const parts = { resident: rss, heap: heapUsed, external, array_buffers: arrayBuffers };
        return heap ? { ...parts, device_heap: await heap() } : parts;
      },
    },
    {
      source: 'memory',
      name: 'likewise_memory_peak_bytes',
      help: "Most memory that the engine's process has held at once.",
      ask: () => ({ peak: process.resourceUsage().maxRSS * 1024 }),
    },
  ];
  const queue = jobs && {
    classes(of: 'depth' | 'oldestSeconds'): Values {
      const { render, inversion } = jobs.statistics();
      return { render: render[of], inversion: inversion[of] };
    },
  };
  return [
    ...memory,
    ...(jobs && queue
      ? [
          {
            source: 'jobs',
            name: 'likewise_jobs_waiting',
            help: 'Jobs that wait for the device.',
            label: 'class',
            ask: () => queue.classes('depth'),
          },
          {
            source: 'jobs',
            name: 'likewise_jobs_oldest_seconds',
            help: 'Age of the oldest job that waits for the device.',
            label: 'class',
            ask: () => queue.classes('oldestSeconds'),
          },
          {
            source: 'jobs',
            name: 'likewise_checkpoint_age_seconds',
            help: 'Since the oldest state was saved that has changed since: what a crash would cost.',
            ask: () => ({ age: jobs.statistics().checkpointAge }),
          },
          {
            source: 'jobs',
            name: 'likewise_disk_full',
            help: '1 while the queue stands still until there is room on the disk.',
            ask: () => ({ full: Number(jobs.statistics().full) }),
          },
        ]
      : []),
    ...(intake
      ? [
          {
            source: 'intake',
            name: 'likewise_intake_waiting',
            help: 'Pictures that wait to be decoded.',
            ask: () => ({ waiting: intake.statistics().waiting }),
          },
          {
            source: 'intake',
            name: 'likewise_intake_peak_bytes',
            help: 'Most memory that a process which decodes has held at once.',
            ask: () => ({ peak: intake.statistics().peakBytes }),
          },
        ]
      : []),
  ];
}

/** What only grows. */
export function counted({ cache, intake }: Sources): Lookup[] {
  const byKind = (of: Counter, help: string): Lookup[] =>
    cache
      ? [
          {
            source: 'cache',
            name: `likewise_cache_${of}_total`,
            help,
            label: 'kind',
            ask: () => {
              const counts = cache.statistics.read();
              return Object.fromEntries(kinds.map((kind) => [kind, counts[kind][of]]));
            },
          },
        ]
      : [];
  return [
    ...byKind('hits', 'Records that were in the cache.'),
    ...byKind('misses', 'Records that were not.'),
    ...byKind('evictions', 'Records that made room for others.'),
    ...byKind('expired', 'Records that were kept for as long as they may be.'),
    ...byKind('corrupt', 'Records that were damaged.'),
    ...(intake
      ? [
          {
            source: 'intake',
            name: 'likewise_intake_started_total',
            help: 'Processes that were started to decode.',
            ask: () => ({ started: intake.statistics().started }),
          },
          {
            source: 'intake',
            name: 'likewise_intake_ended_total',
            help: 'Processes that a picture ended: it crashed them, took too long, or too much memory.',
            label: 'reason',
            ask: () => {
              const { crashed, slow, memory } = intake.statistics();
              return { crashed, slow, memory };
            },
          },
        ]
      : []),
  ];
}
