import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/** The threads of this process that began since they are watched. */
export interface Threads {
  /**
   * Ends them all, and those that begin later too.
   * @param ms to wait for that; what computes outside JavaScript, or waits for a file, is not interrupted
   * @returns whether they have ended
   */
  end(ms: number): Promise<boolean>;
  /**
   * Exits with a status, whatever the threads do. Where one does not end in `ms`, the process ends by
   * SIGTERM instead: Node's own exit would wait for that thread.
   */
  exit(status: number, ms?: number): Promise<never>;
}

/** Watches the threads that this process begins. */
export function watchThreads(): Threads {
  const running = new Map<Worker, Promise<void>>();
  let ending = false;
  process.on('worker', (worker: Worker) => {
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    running.set(worker, ended);
    ended.then(() => running.delete(worker));
    if (ending) void worker.terminate();
  });

  const end = async (ms: number): Promise<boolean> => {
    ending = true;
    if (running.size === 0) return true;
    for (const worker of running.keys()) void worker.terminate();
    const enough = new AbortController();
    await Promise.race([
      Promise.all(running.values()),
      sleep(ms, undefined, { signal: enough.signal }).catch(() => {}),
    ]);
    enough.abort();
    return running.size === 0;
  };
  return {
    end,
    async exit(status, ms = 300) {
      if (await end(ms)) process.exit(status);
      // Without a listener, the signal does at once what it does by default.
      process.removeAllListeners('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      process.kill(process.pid, 'SIGKILL');
      return new Promise<never>(() => {});
    },
  };
}
