import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { errors } from '../errors.ts';
import type { TaskClass } from './jobs/index.ts';
import { counted, gauged, type Lookup, type Sources } from './metrics/sources.ts';

export type { Sources } from './metrics/sources.ts';

/**
 * What is measured, for Prometheus. No label says whose a job is: users and tenants are not counted
 * apart, and a label takes few values, whatever comes.
 */
export interface Metrics {
  /** A job had its first piece of work so long after it was accepted. */
  waited(kind: TaskClass, seconds: number): void;
  /** A step or a render took so long. @param label what tasks that take about as long share */
  worked(kind: TaskClass, label: string, seconds: number): void;
  ended(state: 'done' | 'failed' | 'cancelled'): void;
  /** A request was refused. @param code of the error table; any other counts as `other` */
  refused(code: string): void;
  /** The engine was started again after a crash. @param times @default 1 */
  restarted(times?: number): void;
  /** The provider that the model runs on, and those that were tried before it. */
  took(provider: string, tried: readonly { readonly provider: string }[]): void;
  /** Adds what is looked up when metrics are asked for. Called once. */
  collect(sources: Sources): void;
  /** All of it in Prometheus' text format, and the content type of that. */
  text(): Promise<{ readonly type: string; readonly text: string }>;
}

/** In seconds: jobs wait for up to hours, and a step takes from milliseconds to minutes. */
const waits = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const steps = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Most labels of work; those that come later count as `other`. */
const mostLabels = 20;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const wait = new Histogram({
    name: 'likewise_job_wait_seconds',
    help: 'From the acceptance of a job to its first piece of work.',
    labelNames: ['class'],
    buckets: waits,
    registers,
  });
  const work = new Histogram({
    name: 'likewise_step_seconds',
    help: 'Of one piece of work on the device: a step of an inversion, or a batch of a render.',
    labelNames: ['class', 'label'],
    buckets: steps,
    registers,
  });
  const ended = new Counter({
    name: 'likewise_jobs_ended_total',
    help: 'Jobs that are over, by how they ended.',
    labelNames: ['state'],
    registers,
  });
  const refused = new Counter({
    name: 'likewise_refusals_total',
    help: 'Requests and pictures that were refused, by the code of the error.',
    labelNames: ['code'],
    registers,
  });
  const restarts = new Counter({
    name: 'likewise_engine_restarts_total',
    help: 'Times that the engine was started again after a crash.',
    registers,
  });
  const providers = new Gauge({
    name: 'likewise_provider',
    help: 'Execution providers: 1 the one that is used, 0 those that were tried and cannot be used.',
    labelNames: ['provider'],
    registers,
  });
  // They begin at 0, so that a first increase is seen as one.
  for (const state of ['done', 'failed', 'cancelled']) ended.inc({ state }, 0);

  const labels = new Set<string>();
  const known = (label: string): string => {
    if (labels.size < mostLabels && /^[a-z][a-z_-]{0,31}$/.test(label)) labels.add(label);
    return labels.has(label) ? label : 'other';
  };

  return {
    waited: (kind, seconds) => wait.observe({ class: kind }, seconds),
    worked: (kind, label, seconds) => work.observe({ class: kind, label: known(label) }, seconds),
    ended: (state) => ended.inc({ state }),
    refused: (code) => refused.inc({ code: Object.hasOwn(errors, code) ? code : 'other' }),
    took(provider, tried) {
      for (const other of tried) providers.set({ provider: other.provider }, 0);
      providers.set({ provider }, 1);
    },
    restarted: (times = 1) => restarts.inc(times),
    collect(sources) {
      const failures = new Counter({
        name: 'likewise_scrape_failures_total',
        help: 'Sources that could not be asked; what they say is left out then.',
        labelNames: ['source'],
        registers,
      });
      const read = async ({ source, ask }: Lookup): Promise<[string, number][]> => {
        try {
          const values = Object.entries(await ask());
          return values.filter((entry): entry is [string, number] => entry[1] !== undefined);
        } catch {
          // Better the rest of the metrics than none of them.
          failures.inc({ source });
          return [];
        }
      };
      for (const lookup of gauged(sources)) {
        const { name, help, label } = lookup;
        new Gauge({
          ...{ name, help, registers, labelNames: label ? [label] : [] },
          async collect() {
            const values = await read(lookup);
            // Reset it is 0 without a label; where nothing is known, nothing is to be said.
            if (label) this.reset();
            else this.remove();
            for (const [value, number] of values) this.set(label ? { [label]: value } : {}, number);
          },
        });
      }
      for (const lookup of counted(sources)) {
        const { name, help, label } = lookup;
        new Counter({
          ...{ name, help, registers, labelNames: label ? [label] : [] },
          async collect() {
            const values = await read(lookup);
            this.reset();
            for (const [value, number] of values) this.inc(label ? { [label]: value } : {}, number);
          },
        });
      }
    },
    text: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
