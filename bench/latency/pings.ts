/** A thread that asks a server for signs of life, apart from the thread that is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Milliseconds between two questions. */
const everyMs = 50;

export interface Pings {
  /** Milliseconds that each answer took since the last call. */
  take(): Promise<number[]>;
  stop(): Promise<void>;
}

export function startPings(url: string): Pings {
  const worker = new Worker(new URL(import.meta.url), { workerData: url });
  return {
    take() {
      worker.postMessage('take');
      return new Promise((resolve) => worker.once('message', resolve));
    },
    async stop() {
      await worker.terminate();
    },
  };
}

if (!isMainThread) {
  let times: number[] = [];
  parentPort?.on('message', () => {
    parentPort?.postMessage(times);
    times = [];
  });
  for (;;) {
    const began = performance.now();
    const response = await fetch(new URL('/livez', workerData as string));
    await response.text();
    times.push(response.ok ? performance.now() - began : Number.POSITIVE_INFINITY);
    await sleep(everyMs);
  }
}
