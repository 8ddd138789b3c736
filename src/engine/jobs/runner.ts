import type { Clock } from './clock.ts';
import type { Estimates } from './estimates.ts';
import type { JobNews } from './events.ts';
import { type Inversions, kept } from './inversions.ts';
import type { Journal, Outcome } from './journal/index.ts';
import { type LiveJob, type LiveJobs, orderOf } from './live.ts';
import { type Executor, ResultGoneError, type StepReport, type TaskClass } from './port.ts';

/** One piece of work on the device, and whom it was for. */
export interface Work {
  readonly job: string;
  readonly class: TaskClass;
  readonly label: string;
  readonly seconds: number;
}

export interface RunnerOptions {
  readonly executor: Executor;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly jobs: LiveJobs;
  readonly inversions: Inversions;
  readonly estimates: Estimates;
  readonly previewSeconds: number;
  isFollowed(job: LiveJob): boolean;
  publish(job: LiveJob, news: JobNews): void;
  /** Ends a job. */
  end(job: LiveJob, outcome: Outcome): void;
  /** The job's next task is of another class than before. */
  onMoved(job: LiveJob): void;
  /** For the journal the job is over, or was never there. */
  onGone(job: LiveJob): void;
  onWork(work: Work): void;
  /** The job had the device for so long; a shared inversion is shared out. */
  onCharge(job: LiveJob, seconds: number): void;
  onWarning(what: string, error: unknown): void;
}

/** Makes jobs go on, a piece of work at a time. */
export interface Runner {
  /**
   * The next piece of work of a job that the scheduler picked as one of this class.
   * @returns whether its turn is over: its inversions are done, or nothing was done at all
   */
  advance(job: LiveJob, picked: TaskClass): Promise<boolean>;
  /** Skips tasks whose results are at hand: a job that needs no inversion is a render. */
  find(job: LiveJob): Promise<void>;
  /** What is left of a job, in seconds. */
  left(job: LiveJob): number | undefined;
}

/** Times in a row that a job may find a result gone, before it fails. */
const mostGone = 3;

export function createRunner(options: RunnerOptions): Runner {
  const { executor, journal, clock, jobs, inversions, estimates } = options;

  const find = (job: LiveJob): Promise<void> => {
    job.finding ??= skip(job).finally(() => {
      job.finding = undefined;
    });
    return job.finding;
  };
  const skip = async (job: LiveJob) => {
    while (!job.over && job.want === undefined && job.next < job.tasks.length) {
      const index = job.next;
      if (job.tasks[index]?.class === 'render') {
        if (!job.parts.has(index)) return;
        job.next++;
        continue;
      }
      const order = orderOf(job);
      const key = await executor.keyOf(order);
      if (job.over) return;
      const known = await executor.known(key, order);
      // Meanwhile it may have been ended.
      if (job.over) return;
      if (!known) return inversions.join(job, key);
      pass(job, key);
    }
  };
  /** The result of its next task is kept. */
  const pass = (job: LiveJob, key: string) => {
    job.keys.push(key);
    job.next++;
    journal.reach(job.id, job.next);
  };

  const invert = async (job: LiveJob, key: string): Promise<boolean> => {
    const order = orderOf(job);
    const { label } = order.task;
    const [began, payers] = [clock.now(), inversions.wanters(key)];
    const { report, wanters } = await inversions.advance(key, order, job.suspect);
    const seconds = (clock.now() - began) / 1000;
    // Shared out among all who waited for it.
    for (const payer of payers) options.onCharge(payer, seconds / payers.length);
    options.onWork({ job: job.id, class: 'inversion', label, seconds });
    if (report !== kept) estimates.stepped(label, seconds);
    if (!report.done) {
      tell(wanters, report);
      await preview(key, wanters);
      return false;
    }
    if (report !== kept) estimates.inverted(label, report.step);
    for (const wanter of wanters) {
      if (wanter.over) continue;
      wanter.suspect = false;
      pass(wanter, key);
      tell([wanter], report);
      if (wanter !== job) options.onMoved(wanter);
    }
    return true;
  };
  const preview = async (key: string, wanters: readonly LiveJob[]) => {
    const followed = wanters.filter((wanter) => options.isFollowed(wanter));
    if (followed.length === 0) return;
    try {
      const picture = await inversions.preview(key, options.previewSeconds);
      if (!picture) return;
      for (const wanter of followed) {
        options.publish(wanter, { kind: 'preview', task: wanter.next, picture });
      }
    } catch (error) {
      options.onWarning('a preview failed', error);
    }
  };

  const draw = async (job: LiveJob): Promise<void> => {
    const order = orderOf(job);
    const { label } = order.task;
    const began = clock.now();
    const value = await executor.render(order, job.ending.signal);
    const seconds = (clock.now() - began) / 1000;
    options.onCharge(job, seconds);
    estimates.rendered(label, seconds);
    options.onWork({ job: job.id, class: 'render', label, seconds });
    if (job.over) return;
    job.parts.set(order.index, value);
    job.next++;
    job.suspect = false;
    job.gone = 0;
    // The last one is written with the end, in one transaction.
    if (job.next < job.tasks.length) journal.part(job.id, order.index, value);
    tell([job], { done: true, phase: label, step: 1, steps: 1, loss: undefined });
  };

  const left = (job: LiveJob): number | undefined => {
    const report = job.want === undefined ? undefined : inversions.report(job.want);
    return estimates.sum(job.tasks.slice(job.next), report);
  };
  const tell = (wanters: readonly LiveJob[], report: StepReport) => {
    for (const job of wanters) {
      const task = Math.min(job.next, job.tasks.length - 1);
      const [eta, all] = [left(job), estimates.sum(job.tasks)];
      const fraction =
        eta !== undefined && all
          ? Math.min(1, Math.max(0, 1 - eta / all))
          : (task + report.step / Math.max(1, report.steps)) / job.tasks.length;
      const { phase, step, steps, loss } = report;
      const label = job.tasks[task]?.label ?? '';
      options.publish(job, {
        kind: 'progress',
        task,
        label,
        phase,
        step,
        steps,
        loss,
        fraction,
        eta,
      });
    }
  };

  return {
    find,
    left,
    async advance(job, picked) {
      try {
        await find(job);
        if (job.over) return true;
        const task = job.tasks[job.next];
        if (task && task.class !== picked) return true;
        if (!job.begun) {
          journal.start(job.id);
          jobs.begin(job);
        }
        let over = true;
        if (task?.class === 'inversion') {
          if (job.want === undefined) {
            options.onGone(job);
            return true;
          }
          over = await invert(job, job.want);
        } else if (task) await draw(job);
        if (job.over) return true;
        if (job.next === job.tasks.length) {
          options.end(job, { state: 'done', parts: job.parts });
          return true;
        }
        return over && job.tasks[job.next]?.class !== 'inversion';
      } catch (error) {
        if (!(error instanceof ResultGoneError) || job.over || ++job.gone > mostGone) throw error;
        options.onWarning('a result has gone; the job finds it again', error);
        inversions.leave(job);
        job.next = 0;
        job.keys = [];
        // What was drawn may be what has gone.
        job.parts.clear();
        return true;
      }
    },
  };
}
