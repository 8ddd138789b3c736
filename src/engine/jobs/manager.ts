import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import { isLikewiseError, LikewiseError } from '../../errors.ts';
import { admit, admitBytes, type Elsewhere } from './admission.ts';
import { dayMs, systemClock } from './clock.ts';
import { createEstimates } from './estimates.ts';
import { createEvents, type JobNews } from './events.ts';
import { createFollowers } from './followers.ts';
import { createForgetting } from './forgetting.ts';
import { openGate } from './gate.ts';
import { guarded, JournalLostError } from './guard.ts';
import { keepHouse } from './housekeeping.ts';
import { createInversions } from './inversions.ts';
import type { Jobs, JobsOptions, Submission } from './jobs.ts';
import type { JobRecord, Outcome } from './journal/index.ts';
import { createLedger } from './ledger.ts';
import { createLiveJobs, entryOf, type LiveJob, liveJob } from './live.ts';
import { newsOf, problemOf, stopping, whyUnfit } from './outcome.ts';
import { ExecutorLostError, type Owner } from './port.ts';
import { createRoom } from './room.ts';
import { createRunner } from './runner.ts';
import { createScheduler, type Entry } from './scheduler.ts';
import { settleDown } from './settling.ts';
import { statisticsOf } from './statistics.ts';

/**
 * Takes up what the journal says was accepted and is not over, and goes on from there.
 *
 * @throws what the journal throws
 */
export async function openJobs(options: JobsOptions): Promise<Jobs> {
  const { executor, settings, clock = systemClock } = options;
  const onWarning = options.onWarning ?? (() => {});
  let isOpened = false;
  const journal = guarded(options.journal, (error) => isOpened && lose(error));
  const recovery = journal.recover(clock.now());
  for (const owner of recovery.forgetting) {
    await options.onForget?.(owner);
    journal.forgotten(owner);
  }

  const jobs = createLiveJobs();
  const asking = { journal, clock, jobs, settings };
  const events = createEvents(recovery.run);
  const estimates = createEstimates();
  const ledger = createLedger(journal, clock);
  const lost = Promise.withResolvers<Error>();
  const { checkpointSeconds } = settings;
  const inversions = createInversions({ executor, journal, clock, checkpointSeconds, onWarning });
  const scheduler = createScheduler({
    clock,
    ...settings,
    outstanding(owner) {
      const { waiting, running } = jobs.count({ owner });
      return waiting + running;
    },
    // Renders are short: only inversions are held back by how many run.
    mayBegin: ({ owner, tenant, class: taskClass }) =>
      taskClass === 'render' ||
      (jobs.count({ owner }).running < settings.user.running &&
        jobs.count({ tenant }).running < settings.tenant.running),
  });
  const gate = openGate(scheduler, lose);
  // Looks at what is at hand, apart from the device; who has least outstanding goes first.
  const finder = new PQueue({ concurrency: 4 });
  const runner = createRunner({
    executor,
    journal,
    clock,
    jobs,
    inversions,
    estimates,
    previewSeconds: settings.previewSeconds,
    isFollowed: (job) => events.isFollowed(job.id),
    publish,
    end,
    onMoved: requeue,
    onGone(job) {
      leave(job);
      events.publish(job.id, { kind: 'cancelled' });
    },
    onWork(work) {
      if (work.class === 'render') room.wrote();
      options.onWork?.(work);
    },
    onCharge(job, seconds) {
      job.seconds += seconds;
      ledger.charge(job.owner, seconds);
    },
    onWarning,
  });
  const room = createRoom({
    disk: options.disk,
    probe: options.probe,
    clock,
    pause: () => gate.pause(),
    resume() {
      if (state === 'open') gate.resume();
    },
    onWarning,
  });
  let state: 'open' | 'closing' | 'lost' = 'open';
  /** Whether the journal can be asked nothing any more. */
  let isClosed = false;
  let onDevice: string | undefined;

  for (const record of recovery.jobs) {
    const job = liveJob(record);
    jobs.add(job);
    options.onTaken?.(record);
    const unfit = whyUnfit(record, settings.crashes);
    if (unfit) end(job, { state: 'failed', problem: problemOf(unfit) });
    else enter(job);
  }
  const forgetting = createForgetting({
    journal,
    clock,
    jobs,
    onForget: options.onForget,
    leave(job) {
      leave(job);
      events.publish(job.id, { kind: 'cancelled' });
    },
    async quiet(body) {
      gate.pause();
      try {
        await gate.still();
        await finder.onIdle();
        body();
        onDevice = undefined;
      } finally {
        if (state === 'open' && !room.full) gate.resume();
      }
    },
  });
  const followers = createFollowers({ jobs, journal, events, waitingNews });
  const stopTicking = keepHouse({
    clock,
    settings,
    room,
    ledger,
    forgetting,
    journal,
    onWarning,
    publishWaiting() {
      for (const id of events.followed()) {
        const job = jobs.get(id);
        if (job && !job.begun) publish(job, waitingNews(job));
      }
    },
  });
  isOpened = true;

  return {
    lost: lost.promise,
    run: recovery.run,
    submit,
    admitBytes: asked((owner: Owner, bytes: number, elsewhere: Elsewhere) =>
      admitBytes({ ...asking, owner, bytes, elsewhere }),
    ),
    hasRoom: room.has,
    get: asked((id: string) => journal.get(id)),
    find: asked((owner: Owner, key: string) => journal.find(owner, key)),
    latest: asked(followers.latest),
    follow: asked(followers.follow),
    list: asked((tenant: string, limit = 100) => journal.list(tenant, limit)),
    cancel(id) {
      const job = jobs.get(id);
      return job !== undefined && end(job, { state: 'cancelled' });
    },
    forget,
    isForgotten: (owner, since) => journal.isForgotten(owner, since),
    forgetBefore: asked((tenant: string, before: number) => journal.forgetBefore(tenant, before)),
    sweep: () => journal.sweep(clock.now() - settings.retentionDays * dayMs),
    statistics: () => ({ ...statisticsOf(scheduler, jobs, inversions, clock), full: room.full }),
    close,
  };

  async function submit(submission: Submission): Promise<{ job: JobRecord; created: boolean }> {
    const { owner, key, tasks, request, bytes = 0, elsewhere, transient = false } = submission;
    if (tasks.length === 0) throw new RangeError('a job has one task or more');
    const older = state === 'lost' || isClosed ? undefined : journal.find(owner, key);
    if (older) return { job: older, created: false };
    if (state !== 'open') throw stopping();
    if (!room.has() || forgetting.isPending(owner)) {
      throw new LikewiseError('DISK_FULL', { retrySeconds: 60 });
    }
    ledger.flush();
    admit({ ...asking, owner, bytes, elsewhere, transient }, estimates.job ?? 60);
    const id = options.newId?.() ?? randomUUID();
    const accepted = journal.accept(
      { id, owner, key, tasks, request, bytes, transient },
      clock.now(),
    );
    const job = liveJob(accepted.job);
    jobs.add(job);
    options.onTaken?.(accepted.job);
    enter(job);
    return accepted;
  }

  /** A question that only a journal that is open can answer. */
  function asked<Args extends unknown[], Answer>(call: (...args: Args) => Answer) {
    return (...args: Args): Answer => {
      if (isClosed) throw stopping();
      return call(...args);
    };
  }

  /** Lets a job wait for the device, and looks whether what it needs is at hand. */
  function enter(job: LiveJob): void {
    gate.add(entryOf(job), (entry) => work(job, entry));
    // What may crash the process does so on the device, where it is known who is to blame.
    if (job.suspect || entryOf(job).class === 'render') return;
    const { waiting, running } = jobs.count({ owner: job.ownerKey });
    const look = async () => {
      if (state !== 'open' || job.over) return;
      const before = entryOf(job).class;
      await runner.find(job);
      if (entryOf(job).class !== before) requeue(job);
    };
    finder.add(look, { priority: -(waiting + running) }).catch((error) => {
      if (!(error instanceof JournalLostError))
        onWarning('what a job needs could not be looked up', error);
    });
  }

  /** The job waits as what it has become. One that is on the device is put back by `work`. */
  function requeue(job: LiveJob): void {
    if (gate.remove(job.id)) gate.add(entryOf(job), (entry) => work(job, entry));
  }

  /** One piece of work: what the scheduler picked, from beginning to end. */
  async function work(job: LiveJob, entry: Entry): Promise<void> {
    const began = clock.now();
    const took = (over: boolean) => scheduler.took(entry, (clock.now() - began) / 1000, over);
    try {
      if (job.over || state !== 'open') return;
      if (onDevice !== job.id) journal.onDevice(job.id);
      onDevice = job.id;
      const key = job.want;
      const over = await runner.advance(job, entry.class).catch((error) => {
        failed(job, error);
        return true;
      });
      // Others come first now: what was done so far is not left to chance for so long.
      const given = took(over || job.over);
      if (given && key !== undefined && !job.over && state === 'open') await inversions.save(key);
    } catch (error) {
      failed(job, error);
    } finally {
      // Within this piece of work: it is among those to choose from when the device is free.
      if (!job.over && state === 'open') gate.add(entryOf(job), (next) => work(job, next));
    }
  }

  function failed(job: LiveJob, error: unknown): void {
    if (state === 'lost') return;
    if (error instanceof ExecutorLostError) lose(error);
    if (error instanceof JournalLostError || error instanceof ExecutorLostError) return;
    if (isLikewiseError(error) && error.code === 'DISK_FULL') {
      room.ranOut(error);
      return;
    }
    // Cancelled, or stopped on the way out: no failure.
    if (job.over || state !== 'open') return;
    onWarning(`job ${job.id} failed`, error);
    const sharing = job.want === undefined ? [job] : inversions.wanters(job.want);
    // Whoever waits for the same result would fail the same way.
    try {
      for (const other of new Set([job, ...sharing])) {
        end(other, { state: 'failed', problem: problemOf(error) });
      }
    } catch (again) {
      failed(job, again);
    }
  }

  function end(job: LiveJob, outcome: Outcome): boolean {
    if (job.over || state === 'lost') return false;
    const ended = journal.end(job.id, outcome, clock.now());
    leave(job);
    if (outcome.state === 'done') estimates.jobTook(job.seconds);
    if (ended) {
      events.publish(job.id, newsOf(job.parts, outcome));
      options.onEnd?.(job.id, outcome);
    }
    return ended;
  }

  /** The job is over here. What runs for it alone stops within a step, and is not written. */
  function leave(job: LiveJob): void {
    job.over = true;
    jobs.remove(job);
    gate.remove(job.id);
    inversions.leave(job);
    options.onLeft?.(job.id);
    job.ending.abort(new Error('the job is over'));
    gate.nudge();
  }

  function publish(job: LiveJob, news: JobNews): void {
    if (!job.over) events.publish(job.id, news);
  }

  function waitingNews(job: LiveJob): JobNews {
    const ahead = scheduler.ahead(job.id) ?? 0;
    const [each, own] = [estimates.job, runner.left(job) ?? estimates.job];
    const eta = each === undefined || own === undefined ? undefined : ahead * each + own;
    return { kind: 'waiting', position: ahead + 1, eta };
  }

  async function forget(owner: Owner): Promise<number> {
    if (state === 'lost' || isClosed) throw stopping();
    return forgetting.forget(owner);
  }

  /** Nothing goes on: what is not in the journal is not to happen. */
  function lose(error: unknown): void {
    if (state === 'lost') return;
    state = 'lost';
    gate.pause();
    stopTicking();
    const reason = error instanceof Error ? error : new Error(String(error));
    inversions.abort(reason);
    events.close(stopping(reason));
    lost.resolve(reason);
  }

  async function close(): Promise<void> {
    if (state !== 'open') return;
    state = 'closing';
    stopTicking();
    gate.pause();
    await settleDown({ gate, inversions, jobs, onWarning });
    try {
      ledger.flush();
      // Lost on the way out: whoever was on the device is to blame.
      if ((state as string) !== 'lost') journal.onDevice(undefined);
    } catch (error) {
      onWarning('the journal could not be written on the way out', error);
    } finally {
      // What ended on the way out has been told; the others go on at the next start.
      isClosed = true;
      events.close(stopping());
      journal.close();
    }
  }
}
