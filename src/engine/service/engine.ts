import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../config/index.ts';
import { type Cache, cacheOptions, isRedisAddress, openCacheAt } from '../../cache/index.ts';
import { type ErrorCode, LikewiseError } from '../../errors.ts';
import type { Engine } from '../client.ts';
import { openDevice, type ThreadDevice } from '../device/index.ts';
import { type Intake, openIntake } from '../intake/index.ts';
import { presets } from '../inversion/index.ts';
import {
  type Jobs,
  type Outcome,
  openJobs,
  openJournal,
  type TaskClass,
  type Work,
  watchDisk,
} from '../jobs/index.ts';
import { type Library, openLibrary } from '../library/index.ts';
import type { Forgotten } from '../protocol.ts';
import { createAllowance } from './allowance.ts';
import { createAnalogies } from './analogies.ts';
import { createDoors } from './doors.ts';
import { createExecutor } from './executor.ts';
import { createFiles } from './files.ts';
import { createNeeded } from './needed.ts';
import { createPictures } from './pictures.ts';
import { analogiesOf, idsOf, inputOf } from './requests.ts';

/** What others want to know of what goes on. */
export interface EngineHooks {
  readonly onWork?: (work: Work) => void;
  /** How long a job waited from when it was accepted until it was on the device for the first time. */
  readonly onWait?: (taskClass: TaskClass, seconds: number) => void;
  /** A picture or a job was refused. */
  readonly onRefused?: (code: ErrorCode) => void;
  readonly onEnd?: (job: string, outcome: Outcome) => void;
  /** Told of what went wrong, for the log. */
  readonly onWarning?: (what: string, error: unknown) => void;
}

/** The engine, and what its process has to look after. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly jobs: Jobs;
  readonly cache: Cache;
  readonly intake: Intake;
  readonly device: ThreadDevice;
  /** Settles when nothing can go on, with why: the process is to end and be started again. */
  readonly lost: Promise<Error>;
  /** Whether new jobs are accepted. */
  isAccepting(): boolean;
  /** From now on nothing new is accepted. */
  stopAccepting(): void;
}

/** Bytes for which there has to be room in the cache, once there was none, before work goes on. */
const probeBytes = 4e6;

/** Milliseconds after the start when the cache is swept, and between sweeps. */
const [firstSweepMs, sweepMs] = [60_000, 3_600_000];

/**
 * Opens model, cache, library and journal, and goes on with what was accepted before.
 *
 * @throws LikewiseError `MODEL_UNUSABLE`, `PROVIDER_UNUSABLE`, `JOURNAL_UNUSABLE`, `CACHE_UNUSABLE`,
 *   `INTAKE_UNUSABLE`
 */
export async function openEngine(config: Config, hooks: EngineHooks = {}): Promise<OpenEngine> {
  const { folder } = config.engine;
  const onWarning = hooks.onWarning ?? (() => {});
  const needed = createNeeded();
  await using opened = new AsyncDisposableStack();
  const unusable = (path: string, cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new LikewiseError('CACHE_UNUSABLE', { path, reason }, { cause });
  };
  if (config.cache === 'none') {
    throw unusable('none', new Error('the engine keeps pictures and results there'));
  }
  let library: Library;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    library = openLibrary(join(folder, 'library.sqlite'), config.library);
    opened.defer(() => library.close());
  } catch (cause) {
    throw unusable(folder, cause);
  }
  const cache = await openCacheAt(config.cache, {
    ...cacheOptions(config),
    durable: true,
    needed: (key) => needed.has(key),
  }).catch((cause: unknown) => {
    // An address may hold a password.
    throw unusable(config.cache.replace(/\/\/[^/]*@/, '//'), cause);
  });
  opened.defer(() => cache.close());
  // The cache may lie on a disk of its own.
  const others = isRedisAddress(config.cache) ? [] : [config.cache];
  const disk = watchDisk({ path: join(folder, 'reserve'), others, ...config.jobs });
  const journal = openJournal(join(folder, 'journal.sqlite'), { onFull: () => disk.release() });
  opened.defer(() => journal.close());
  const intake = await openIntake(config.intake);
  opened.defer(() => intake.close());
  const { provider, memoryMegabytes, precision } = config;
  const device = await openDevice({ model: config.model, provider, memoryMegabytes, precision });
  opened.defer(() => device.close());
  let lostDevice: Error | undefined;
  device.lost.then((error) => {
    lostDevice = error;
  });

  const isForgotten: Jobs['isForgotten'] = (owner, since) => journal.isForgotten(owner, since);
  const { megabytes } = config.intake;
  const files = createFiles(cache);
  const allowance = createAllowance({
    cache,
    files,
    admitBytes: (...asked) => jobs.admitBytes(...asked),
  });
  const { within } = allowance;
  const size = device.model.image;
  const pictures = createPictures({ cache, intake, size, megabytes, within, isForgotten });
  const analogies = createAnalogies(cache, library);
  const { mode } = config.render;
  const options = {
    device,
    cache,
    pictures,
    files,
    analogies,
    preset: presets[config.preset],
    seed: config.seed,
    needed,
    mode,
    lost: () => lostDevice,
  };
  /** What was removed of whom, until it is told. */
  const forgotten = new Map<string, Omit<Forgotten, 'jobs'>>();
  const waits = createWaits(hooks.onWait);
  const jobs: Jobs = await openJobs({
    journal,
    executor: createExecutor(options),
    settings: config.jobs,
    disk,
    probe: () => cache.probe(probeBytes),
    onTaken({ id, owner, tasks, acceptedAt }) {
      needed.open(id);
      waits.begin(id, acceptedAt);
      for (const task of tasks) {
        const input = inputOf(task);
        const picture = input.kind === 'render' ? input.request.b : input.picture;
        needed.add(id, pictures.keyOf(owner.tenant, picture));
        if (input.kind !== 'render') continue;
        for (const analogy of analogiesOf(input.request)) {
          needed.add(id, analogies.keyOf(owner.tenant, analogy));
        }
        // Drawn before a crash, perhaps.
        const cells = idsOf(id);
        for (const i of input.cells.keys()) {
          needed.add(id, files.keyOf(owner.tenant, cells.cell(input.first + i)));
        }
      }
    },
    onLeft(job) {
      needed.release(job);
      waits.drop(job);
    },
    onForget: async (owner) => {
      files.forget(owner);
      // The small one first: should the other fail, it is tried again.
      const named = library.forget(owner.tenant, owner.user);
      const { pictures: gone, ...others } = await cache.forget(owner.tenant, owner.user);
      const found = Object.values(others).reduce((a, b) => a + b, 0);
      forgotten.set(JSON.stringify(owner), { pictures: gone, records: found, analogies: named });
    },
    onWarning,
    onWork(work) {
      waits.end(work);
      hooks.onWork?.(work);
    },
    ...(hooks.onEnd && { onEnd: hooks.onEnd }),
  });
  // Last opened, first closed: the queue saves what runs while the device is there still.
  opened.defer(() => jobs.close());

  let accepting = true;
  const sweep = () =>
    void cache.sweep().catch((error) => onWarning('the cache could not be swept', error));
  const first = setTimeout(sweep, firstSweepMs).unref();
  const hourly = setInterval(sweep, sweepMs).unref();
  opened.defer(() => {
    accepting = false;
    clearTimeout(first);
    clearInterval(hourly);
  });
  const all = opened.move();
  let closing: Promise<void> | undefined;
  const engine = createDoors({
    ...options,
    config,
    jobs,
    library,
    allowance,
    forgotten(owner) {
      const told = forgotten.get(JSON.stringify(owner));
      forgotten.delete(JSON.stringify(owner));
      return told ?? { pictures: 0, records: 0, analogies: 0 };
    },
    isAccepting: () => accepting,
    ...(hooks.onRefused && { onRefused: hooks.onRefused }),
    close: () => {
      closing ??= all.disposeAsync();
      return closing;
    },
  });
  const lost = Promise.race([jobs.lost, device.lost]);
  return {
    engine,
    jobs,
    cache,
    intake,
    device,
    lost,
    isAccepting: () => accepting && !jobs.statistics().full,
    stopAccepting() {
      accepting = false;
    },
  };
}

/** How long jobs waited. */
function createWaits(told: EngineHooks['onWait']) {
  const since = new Map<string, number>();
  return {
    begin: (job: string, at: number) => void since.set(job, at),
    end({ job, class: taskClass, seconds }: Work) {
      const at = since.get(job);
      if (at === undefined) return;
      since.delete(job);
      told?.(taskClass, Math.max(0, (Date.now() - at) / 1000 - seconds));
    },
    drop: (job: string) => void since.delete(job),
  };
}
