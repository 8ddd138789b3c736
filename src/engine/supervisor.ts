import { type ChildProcess, fork } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SupervisorOptions {
  /** What is kept running. */
  readonly program: URL;
  readonly args?: readonly string[];
  /** @default this process' environment */
  readonly env?: Record<string, string | undefined>;
  /** Options of Node itself. @default this process' own */
  readonly execArgv?: readonly string[];
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Ends it: the program is told by the signal of this reason, `SIGINT`, or by `SIGTERM`. */
  readonly signal: AbortSignal;
  /** Milliseconds before the first restart; twice as many before each after that. @default 500 */
  readonly minMs?: number;
  /** At most. @default 30_000 */
  readonly maxMs?: number;
  /** Milliseconds of running after which the next crash counts as the first. @default 60_000 */
  readonly healthyMs?: number;
  /** Milliseconds to end in, once it is told to. @default 10_000 */
  readonly graceMs?: number;
}

export type SupervisorEvent =
  /** @property restarts how often it has been started again */
  | { readonly kind: 'started'; readonly pid: number; readonly restarts: number }
  /** It ended as it should not have, after so long, and is started again in `againMs`. */
  | {
      readonly kind: 'crashed';
      readonly status: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly ranMs: number;
      readonly againMs: number;
    }
  /** It did not end when it was told to, and was killed. */
  | { readonly kind: 'killed'; readonly pid: number }
  | { readonly kind: 'ended'; readonly status: number };

/** In the environment of the program: how often it has been started again after a crash. */
const restartsVariable = 'SUPERVISOR_RESTARTS';

/** The exit status of what a restart does not mend: settings, a model, a journal in use. */
const unmendable = 2;

/**
 * Keeps a program running: whenever it crashes, it is started again, after a wait that doubles until
 * it has been well for a while. It is over when the program ends by itself with status 0 or 2.
 *
 * The program ends with this process even if that is killed, where it calls `endWithParent`.
 *
 * @returns the status to exit with: the program's; 0 where it was told to end while it was down; 128
 *   and the signal's number where a signal ended it after it was told to
 */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { onEvent, signal, minMs = 500, maxMs = 30_000, healthyMs = 60_000 } = options;
  let crashes = 0;
  for (let restarts = 0; !signal.aborted; restarts++) {
    const began = performance.now();
    const end = await runOnce(options, restarts);
    const ranMs = performance.now() - began;
    if (signal.aborted || end.status === 0 || end.status === unmendable) {
      const status = end.status ?? 128 + (end.signal ? constants.signals[end.signal] : 0);
      onEvent({ kind: 'ended', status });
      return status;
    }
    crashes = ranMs >= healthyMs ? 1 : crashes + 1;
    const againMs = Math.min(maxMs, minMs * 2 ** (crashes - 1));
    onEvent({ kind: 'crashed', ...end, ranMs, againMs });
    await sleep(againMs, undefined, { signal }).catch(() => {});
  }
  onEvent({ kind: 'ended', status: 0 });
  return 0;
}

interface End {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of the program, from its start to its end. */
async function runOnce(options: SupervisorOptions, restarts: number): Promise<End> {
  const { program, args = [], env = process.env, signal, onEvent, graceMs = 10_000 } = options;
  const child = fork(program, args, {
    env: { ...env, [restartsVariable]: String(restarts) },
    execArgv: [...(options.execArgv ?? process.execArgv)],
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const ended = endOf(child);
  // Where it could not be started, there is none.
  const { pid } = child;
  if (pid === undefined) return await ended;
  onEvent({ kind: 'started', pid, restarts });

  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill(signal.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    killing = setTimeout(() => {
      if (child.kill('SIGKILL')) onEvent({ kind: 'killed', pid });
    }, graceMs);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
  }
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal }));
    // Nothing was started, for want of memory or of processes: later there may be more.
    child.on('error', () => {
      if (child.pid === undefined) resolve({ status: null, signal: null });
    });
  });
}

/** How often this process has been started again by its supervisor; 0 where it has none. */
export function restartsOf(env: Record<string, string | undefined>): number {
  const restarts = Number(env[restartsVariable] ?? 0);
  return Number.isSafeInteger(restarts) && restarts > 0 ? restarts : 0;
}

/**
 * Goes on when nobody reads any more what is written to stdout or stderr: `npm run engine | head -1`,
 * a log collector that crashed, a terminal that is gone, a full disk. What is said then is not heard;
 * without this, the next word would end the process.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/**
 * For the program: when its supervisor is gone, however that came, it stops and this process exits, so
 * that it holds no files that the next one needs. Without a supervisor nothing happens.
 *
 * @param stop ends what runs; the process exits when it has settled, or after `graceMs`
 */
export function endWithParent(stop: () => void | Promise<void>, graceMs = 10_000): void {
  if (process.connected === undefined) return;
  const end = () => {
    setTimeout(() => process.exit(1), graceMs);
    Promise.resolve()
      .then(stop)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.once('disconnect', end);
  // Waiting for that is no reason to stay.
  process.channel?.unref();
  if (!process.connected) end();
}
