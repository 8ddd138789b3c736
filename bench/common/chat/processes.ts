/** Processes of the bench, and how much memory they take. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** MB (10^6 bytes): all of the process, and what its JavaScript holds once garbage is gone. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

export interface Started {
  /** What it said of itself when it was ready. */
  readonly ready: string;
  memory(): Promise<Memory>;
  /** Ends it, and waits. */
  close(): Promise<void>;
}

type Said = { ready: string } | { memory: Memory } | { log: string };

/**
 * Starts a program that calls `serve`.
 * @param onLog told what it logs
 * @throws where it ends before it is ready
 */
export async function startProcess(
  program: URL,
  args: readonly string[],
  onLog: (line: string) => void = () => {},
): Promise<Started> {
  const child = fork(program, args, {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  child.on('message', (said: Said) => {
    if ('log' in said) onLog(said.log);
  });
  const said = async <Key extends string>(
    key: Key,
  ): Promise<Extract<Said, Record<Key, unknown>>> => {
    const { promise, resolve } = Promise.withResolvers<Extract<Said, Record<Key, unknown>>>();
    const listener = (message: Said) => {
      if (key in message) resolve(message as Extract<Said, Record<Key, unknown>>);
    };
    child.on('message', listener);
    const over = exited.then(() => Promise.reject(new Error(`${program.pathname} ended`)));
    // Where it is heard first, nobody waits for the end.
    over.catch(() => {});
    return Promise.race([promise, over]).finally(() => child.off('message', listener));
  };
  const { ready } = await said('ready');
  return {
    ready,
    async memory() {
      const answer = said('memory');
      child.send('memory');
      return (await answer).memory;
    },
    close: () => end(child, exited),
  };
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (child.connected) child.send('close');
  const killing = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exited;
  clearTimeout(killing);
}

/** Doors, queue and journal of the product, on the stand-in device. @param token that it asks for */
export function startEngine(folder: string, token: string): Promise<Started> {
  return startProcess(new URL('engine.ts', import.meta.url), [folder, token]);
}

/** The other side: says that it is ready, answers, and ends when it is told to or the bench is gone. */
export function serve({ ready, close }: { ready: string; close: () => Promise<void> }): void {
  let isClosing = false;
  const stop = () => {
    if (isClosing) return;
    isClosing = true;
    void close().finally(() => process.exit());
  };
  process.on('message', (asked) => {
    if (asked === 'close') stop();
    else process.send?.({ memory: measured() } satisfies Said);
  });
  process.on('disconnect', stop);
  // Ctrl-C reaches every process: the bench says when.
  process.on('SIGINT', () => {});
  process.send?.({ ready } satisfies Said);
}

/** Tells the bench. */
export function tellLog(line: string): void {
  process.send?.({ log: line } satisfies Said);
}

function measured(): Memory {
  global.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: mb(rss), heap: mb(heapUsed) };
}

function mb(bytes: number): number {
  return Number((bytes / 1e6).toFixed(1));
}
