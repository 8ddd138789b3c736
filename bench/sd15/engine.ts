/** `npm run engine`, from its start until it is ready. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { OurOrder } from './orders.ts';

/** Milliseconds in which it ends when it is told to; then it is killed. */
const graceMs = 20_000;

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
  // A group of its own: npm does not pass on every signal.
  const child = spawn('npm', ['run', '--silent', 'engine'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...Object.fromEntries(inherited), ...engineSettings(order, folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const tell = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {} // all of them have ended
  };
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
    ready.reject(new Error(`npm run engine ended with ${how} before it was ready: ${last}`));
  });
  try {
    return await ready.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    tell('SIGTERM');
    const patience = new AbortController();
    const late = sleep(graceMs, undefined, { signal: patience.signal }).then(
      () => tell('SIGKILL'),
      () => {},
    );
    await closed;
    patience.abort();
    await late;
  }
}
