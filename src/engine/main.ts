/**
 * The engine's process: opens the engine and its doors, and closes them when it is told to. Started by
 * the supervisor (src/cli/engine.ts), which starts it again when it crashes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, loadConfig, secretsOf } from '../../config/index.ts';
import { isLikewiseError } from '../errors.ts';
import { createLogger, type Log } from '../log.ts';
import { type Threads, watchThreads } from './device/index.ts';
import { createMetrics } from './metrics.ts';
import { engineApp, listenEngine } from './server.ts';
import { openEngine } from './service/index.ts';
import { endWithParent, outliveReaders, restartsOf } from './supervisor.ts';
import { engineToken } from './token.ts';

/** Milliseconds after which the process ends, whatever is still under way: 5 s, less what that takes. */
const patienceMs = 4200;
/** The same while it starts: nothing is under way that is to be saved. */
const startingMs = 2000;

/** Runs until it is told to stop, or cannot go on. @returns the exit status */
async function run(
  config: Config,
  token: string,
  log: Log,
  { stopped, threads }: { stopped: Promise<string>; threads: Threads },
): Promise<number> {
  const metrics = createMetrics();
  metrics.restarted(restartsOf(process.env));
  let ready = false;
  const began = performance.now();
  const opening = openEngine(config, {
    onWork: (work) => metrics.worked(work.class, work.label, work.seconds),
    onWait: (taskClass, seconds) => metrics.waited(taskClass, seconds),
    onEnd(job, { state, ...more }) {
      metrics.ended(state);
      log.info({ job, state, ...('problem' in more && { code: more.problem.code }) }, 'job over');
    },
    onRefused: (code) => metrics.refused(code),
    onWarning: (what, error) => log.warn({ err: error }, what),
  });
  const opened = await Promise.race([opening, stopped]);
  if (typeof opened === 'string') {
    log.info({ why: opened }, 'stopping before it was ready');
    // Without its thread, the model's load fails, and what was opened before it is closed.
    const given = opening.then(({ engine }) => engine.close()).catch(() => {});
    await Promise.race([threads.end(startingMs).then(() => given), sleep(startingMs)]);
    return 0;
  }
  const { engine, jobs, cache, intake, device } = opened;
  metrics.collect({ jobs, cache, intake, deviceHeap: () => device.heap() });
  const app = engineApp({
    engine,
    token,
    isReady: () => ready && opened.isAccepting(),
    metrics: () => metrics.text(),
    onError: (error) => log.error({ err: error }, 'a request failed'),
  });
  const { host, port, socket, allowRemote } = config.engine;
  const onError = (error: unknown) => log.error({ err: error }, 'a connection failed');
  const server = await listenEngine(
    socket === '' ? { app, host, port, allowRemote, onError } : { app, socket, onError },
  ).catch(async (error) => {
    await engine.close();
    throw error;
  });
  ready = true;
  const { id, provider, precision, tried = [] } = device.model;
  metrics.took(provider, tried);
  for (const { provider: other, why } of tried) log.info({ provider: other, why }, 'not used');
  device.onWarning((text) => log.warn(text));
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  log.info({ address: server.address, model: id, provider, precision, seconds }, 'ready');

  const lost = opened.lost.then((error) => ({ error }));
  const end = await Promise.race([stopped.then((why) => ({ why })), lost]);
  // First nothing new, then nothing at all: what runs is saved meanwhile.
  ready = false;
  opened.stopAccepting();
  if ('error' in end) log.fatal({ err: end.error }, 'the engine cannot go on');
  else log.info({ why: end.why }, 'stopping');
  setTimeout(() => {
    log.error('not everything could be closed in time');
    void threads.exit('error' in end ? 1 : 0);
  }, patienceMs).unref();
  await Promise.all([server.close(), engine.close()]);
  log.info('stopped');
  return 'error' in end ? 1 : 0;
}

if (import.meta.main) {
  outliveReaders();
  const threads = watchThreads();
  const stopped = Promise.withResolvers<string>();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, stopped.resolve);
  endWithParent(() => {
    stopped.resolve('the supervisor is gone');
    // Below, the process ends itself.
    return new Promise(() => {});
  });
  let log: Log | undefined;
  try {
    const config = loadConfig(process.env);
    const token = engineToken(config.engine.folder, config.engine.token);
    log = createLogger({ level: config.log.level, secrets: [...secretsOf(config), token] });
    const known = log;
    process.on('uncaughtException', (error) => {
      known.fatal({ err: error }, 'a fault of the program');
      void threads.exit(1, 0);
    });
    const status = await run(config, token, log, { stopped: stopped.promise, threads });
    await threads.exit(status);
  } catch (error) {
    const told = isLikewiseError(error);
    if (log && !told) log.fatal({ err: error }, 'the engine could not start');
    else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    // Room may be made on a disk: that is worth another start.
    await threads.exit(told && error.code !== 'DISK_FULL' ? 2 : 1);
  }
}
