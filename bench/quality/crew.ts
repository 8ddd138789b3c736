/** Workers that share the analogies of a plan. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { errorFrom } from '../../src/errors/data.ts';
import type { Plan } from './plan.ts';
import type { AnalogyRecord } from './record.ts';
import type { Answer, Order } from './worker.ts';

export interface CrewOptions {
  readonly plan: Plan;
  /** Indices still to do, in order. */
  readonly indices: readonly number[];
  readonly jobs: number;
  readonly onRecord: (record: AnalogyRecord) => void;
  readonly signal?: AbortSignal;
  /** Script of a worker. @default worker.ts beside this file */
  readonly worker?: string;
}

/**
 * Does every index once, `jobs` at a time. Each record is reported as soon as it is there; on an
 * abort, and on the first failure, workers are ended and what they were doing is dropped.
 * @throws the signal's reason, or the first failure
 */
export async function runCrew(options: CrewOptions): Promise<void> {
  const { plan, jobs, onRecord, signal } = options;
  const script = options.worker ?? fileURLToPath(new URL('./worker.ts', import.meta.url));
  const waiting = [...options.indices];
  const workers: ChildProcess[] = [];
  const end = () => workers.forEach((worker) => void worker.kill('SIGKILL'));
  signal?.throwIfAborted();
  try {
    await Promise.all(
      Array.from({ length: Math.min(jobs, waiting.length) }, () => {
        const worker = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        workers.push(worker);
        return serve(worker, plan, waiting, onRecord, signal);
      }),
    );
  } finally {
    end();
  }
}

function serve(
  worker: ChildProcess,
  plan: Plan,
  waiting: number[],
  onRecord: (record: AnalogyRecord) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = (order: Order) => worker.send(order);
    const next = () => {
      const index = waiting.shift();
      if (index === undefined) resolve();
      else send({ kind: 'analogy', index });
    };
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.on('error', reject);
    worker.on('exit', (code, name) =>
      reject(new Error(`a worker ended by itself (${name ?? code})`)),
    );
    worker.on('message', (answer: Answer) => {
      if (answer.kind === 'failed') {
        const { mendable } = answer;
        const known = mendable && errorFrom(mendable);
        if (known) return reject(known);
        const where = answer.index === undefined ? '' : `analogy ${answer.index}: `;
        return reject(new Error(where + answer.message));
      }
      if (answer.kind === 'done') onRecord(answer.record);
      next();
    });
    send({ kind: 'plan', plan });
  });
}
