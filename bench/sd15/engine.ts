/** What `npm run engine` starts, from its start until it is ready. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { OurOrder } from './orders.ts';
import { timedEnvironment } from './provider.ts';

/** Milliseconds in which it ends when it is told to; then it is killed. */
const graceMs = 20_000;

const program = new URL('../../src/cli/engine.ts', import.meta.url);

export type EngineOrder = Pick<OurOrder, 'model' | 'provider' | 'memory' | 'precision'>;

/** Its settings: nothing of those that this process was started with. */
export function engineSettings(
  { model, provider, memory, precision }: EngineOrder,
  folder: string,
): Record<string, string> {
  return {
    LIKEWISE_MODEL: model,
    LIKEWISE_PROVIDER: provider,
    LIKEWISE_CACHE: `${folder}/cache`,
    LIKEWISE_ENGINE_FOLDER: `${folder}/engine`,
    LIKEWISE_ENGINE_PORT: '0',
    LIKEWISE_LOG_LEVEL: 'info',
    ...(memory !== undefined && { LIKEWISE_MEMORY_MEGABYTES: String(memory) }),
    ...(precision !== undefined && { LIKEWISE_PRECISION: precision }),
  };
}

/**
 * Seconds until its log says that it is ready; then it is ended.
 * @param folder for what it keeps
 * @throws Error with what it said last, where it ends before
 */
export async function secondsToReady(
  order: EngineOrder,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LIKEWISE_'));
  const began = performance.now();
  // Without npm, which does not pass on every signal, and on Windows is no program.
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      ...timedEnvironment(Object.fromEntries(inherited)),
      ...engineSettings(order, folder),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Closed when the engine has ended, too, which has these outputs from its supervisor.
  const closed = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => resolve(by ?? `status ${code}`));
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  const ready = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/"msg":"ready"/.test(line)) ready.resolve((performance.now() - began) / 1000);
    else told = line;
  });
  const stop = () => ready.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  void closed.then((how) => {
    const last = told.trim().split('\n').at(-1) || 'it said nothing';
    ready.reject(new Error(`the engine ended with ${how} before it was ready: ${last}`));
  });
  try {
    return await ready.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    // On Windows this ends the supervisor at once; an engine without one ends itself, everywhere.
    child.kill('SIGTERM');
    const patience = new AbortController();
    const waited = () => sleep(graceMs, undefined, { signal: patience.signal });
    const late = waited()
      .then(() => child.kill('SIGKILL'))
      .then(waited)
      .then(() => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
      })
      .catch(() => {}); // it has ended
    await closed;
    patience.abort();
    await late;
  }
}
