import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Post, pace } from './plan.ts';

/** One start of the process. */
export interface Life {
  /** Asks for a job; the answer may never come. */
  post(post: Post): void;
  /** Kills it, as a crash or the system would. */
  kill(): Promise<void>;
}

const program = new URL('./process.ts', import.meta.url);

/**
 * Starts the process, and waits until it is ready.
 * @param on told of each job that was accepted, and how many are over
 * @throws Error where it ends before that
 */
export async function startLife(
  folder: string,
  life: number,
  on: { accepted(n: number, job: string): void; over(count: number): void },
): Promise<Life> {
  const child = fork(program, [folder, String(life)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = Promise.withResolvers<void>();
  child.on('message', (answer: Answer) => {
    if ('n' in answer) return on.accepted(answer.n, answer.job);
    on.over(answer.over);
    ready.resolve();
  });
  ended.then(() => ready.reject(new Error('the process ended before it was ready')));
  // What is sent to a process that is being killed does not arrive; that is the point.
  child.on('error', () => {});
  await ready.promise;
  return {
    post: (post) => void (child.connected && send(child, post)),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function send(child: ChildProcess, post: Post): void {
  child.send(post, () => {});
}

/** Lets it live for a while, with work to do, and then kills it. */
export async function liveAndDie(
  life: Life,
  uniform: () => number,
  work: (life: Life) => void,
  signal: AbortSignal,
): Promise<void> {
  const [least, most] = pace.killSeconds;
  const until = performance.now() + (least + (most - least) * uniform()) * 1000;
  while (performance.now() < until) {
    signal.throwIfAborted();
    work(life);
    await sleep(Math.min(50, Math.max(1, until - performance.now())));
  }
  await life.kill();
}
