import { CorruptRecordError, type Packable } from '../../cache/index.ts';
import { isLikewiseError } from '../../errors.ts';
import type { Clock } from './clock.ts';
import type { Journal } from './journal/index.ts';
import type { LiveJob } from './live.ts';
import type { Executor, Order, RunId, StepReport } from './port.ts';

export interface InversionsOptions {
  readonly executor: Executor;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly checkpointSeconds: number;
  /** Told of what went wrong and did no harm. */
  readonly onWarning: (what: string, error: unknown) => void;
}

/** Inversions that are wanted, by key: each is made once, whoever wants it. */
export interface Inversions {
  /** The job waits for the result. */
  join(job: LiveJob, key: string): void;
  /** The job waits no more; what nobody waits for is stopped within a step, and its state dropped. */
  leave(job: LiveJob): void;
  wanters(key: string): readonly LiveJob[];
  /**
   * Begins it, from its newest whole checkpoint if there is one, or makes a step. Its result is kept
   * when it is done.
   * @param careful whether every step is to be saved
   */
  advance(key: string, order: Order, careful: boolean): Promise<Advance>;
  /** Where it stands; undefined where it has not begun. */
  report(key: string): StepReport | undefined;
  /** A picture of it, but at most one every so many seconds. */
  preview(key: string, seconds: number): Promise<Uint8Array | undefined>;
  /** Saves what has not been saved since its last step. */
  save(key: string): Promise<void>;
  saveAll(): Promise<void>;
  /** Stops what runs; states are left as they are. */
  abort(reason: Error): void;
  /** Milliseconds since the oldest unsaved step was made. */
  unsaved(): number;
}

export interface Advance {
  readonly report: StepReport;
  /** Who waited for the result; once it is kept, they wait no more. */
  readonly wanters: readonly LiveJob[];
}

interface Inversion {
  readonly wanters: Set<LiveJob>;
  readonly aborting: AbortController;
  run: RunId | undefined;
  /** Of one that is done, until it is kept: should that fail, nothing is computed again. */
  result: { readonly value: Packable } | undefined;
  report: StepReport | undefined;
  /** When its state was last saved, or its beginning began. */
  savedAt: number;
  savedStep: number;
  /** What a step may take, by the longest of late. */
  stepMs: number;
  previewAt: number;
}

/** Of an inversion that need not be made. */
export const kept: StepReport = { done: true, phase: 'kept', step: 0, steps: 0, loss: undefined };

export function createInversions(options: InversionsOptions): Inversions {
  const { executor, journal, clock, checkpointSeconds, onWarning } = options;
  const inversions = new Map<string, Inversion>();

  const begin = async (key: string, inversion: Inversion, order: Order) => {
    const { signal } = inversion.aborting;
    const saved = [...journal.checkpoints(key).map(({ state }) => state), undefined];
    for (const state of saved) {
      try {
        return await executor.begin(order, { saved: state, signal });
      } catch (error) {
        if (!(error instanceof CorruptRecordError) || state === undefined) throw error;
        onWarning('a checkpoint is damaged; the one before it is used', error);
      }
    }
    throw new Error('unreachable: without a saved state it begins or throws');
  };
  const save = async (key: string, inversion: Inversion) => {
    const { run, report } = inversion;
    if (run === undefined || !report || report.step === inversion.savedStep) return;
    const state = await executor.save(run);
    // While it was fetched, everybody may have left.
    if (inversions.get(key) !== inversion) return;
    try {
      journal.checkpoint(key, { step: report.step, state }, clock.now());
    } catch (error) {
      if (!isLikewiseError(error) || error.code !== 'DISK_FULL') throw error;
      // The state is in memory still: it is saved once there is room again.
      onWarning('a checkpoint could not be saved', error);
      return;
    }
    inversion.savedAt = clock.now();
    inversion.savedStep = report.step;
  };
  /** @returns who waited for it */
  const settle = (key: string, inversion: Inversion): readonly LiveJob[] => {
    // First what may fail, for want of room: then it is as it was.
    journal.settle(key);
    inversions.delete(key);
    for (const job of inversion.wanters) job.want = undefined;
    return [...inversion.wanters];
  };
  const finish = async (key: string, inversion: Inversion, order: Order) => {
    inversion.result ??= { value: await executor.finish(inversion.run as RunId) };
    inversion.run = undefined;
    if (inversions.get(key) !== inversion) return [];
    await executor.keep(key, inversion.result.value, order);
    return inversions.get(key) === inversion ? settle(key, inversion) : [];
  };

  return {
    join(job, key) {
      if (!journal.want(job.id, key)) return;
      let inversion = inversions.get(key);
      if (!inversion) {
        inversion = {
          wanters: new Set(),
          aborting: new AbortController(),
          run: undefined,
          result: undefined,
          report: undefined,
          savedAt: clock.now(),
          savedStep: -1,
          stepMs: 0,
          previewAt: Number.NEGATIVE_INFINITY,
        };
        inversions.set(key, inversion);
      }
      inversion.wanters.add(job);
      job.want = key;
    },
    leave(job) {
      const key = job.want;
      const inversion = key === undefined ? undefined : inversions.get(key);
      job.want = undefined;
      if (key === undefined || !inversion?.wanters.delete(job)) return;
      if (inversion.wanters.size > 0) return;
      inversions.delete(key);
      inversion.aborting.abort(new Error('nobody waits for it any more'));
      if (inversion.run !== undefined) drop(inversion.run);
    },
    wanters: (key) => [...(inversions.get(key)?.wanters ?? [])],
    async advance(key, order, careful) {
      const inversion = inversions.get(key);
      if (!inversion) throw new RangeError(`nobody waits for ${key}`);
      const began = clock.now();
      if (inversion.result) {
        return { report: kept, wanters: await finish(key, inversion, order) };
      }
      if (inversion.run === undefined) {
        // It may have been kept after this job had looked.
        if (await executor.known(key, order))
          return { report: kept, wanters: settle(key, inversion) };
        const { run, ...report } = await begin(key, inversion, order);
        if (inversions.get(key) !== inversion) {
          drop(run);
          return { report, wanters: [] };
        }
        Object.assign(inversion, { run, report, savedAt: began, savedStep: report.step });
      } else {
        inversion.report = await executor.step(inversion.run, inversion.aborting.signal);
      }
      const report = inversion.report as StepReport;
      if (report.done) return { report, wanters: await finish(key, inversion, order) };
      const now = clock.now();
      inversion.stepMs = Math.max(now - began, inversion.stepMs * 0.9);
      // The next step counts too, and may take longer: no more than the interval is to be unsaved.
      const due = now - inversion.savedAt + 1.5 * inversion.stepMs > checkpointSeconds * 1000;
      if (careful || due) await save(key, inversion);
      return { report, wanters: [...inversion.wanters] };
    },
    report: (key) => inversions.get(key)?.report,
    async preview(key, seconds) {
      const inversion = inversions.get(key);
      if (inversion?.run === undefined) return undefined;
      if (clock.now() - inversion.previewAt < seconds * 1000) return undefined;
      inversion.previewAt = clock.now();
      return executor.preview(inversion.run);
    },
    async save(key) {
      const inversion = inversions.get(key);
      if (inversion) await save(key, inversion);
    },
    async saveAll() {
      for (const [key, inversion] of inversions) await save(key, inversion);
    },
    abort(reason) {
      for (const { aborting } of inversions.values()) aborting.abort(reason);
    },
    unsaved() {
      const ages = [...inversions.values()]
        .filter(({ report, savedStep }) => report !== undefined && report.step !== savedStep)
        .map(({ savedAt }) => clock.now() - savedAt);
      return Math.max(0, ...ages);
    },
  };

  function drop(run: RunId): void {
    executor.drop(run).catch((error) => onWarning('an inversion could not be dropped', error));
  }
}
