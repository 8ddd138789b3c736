import { isLikewiseError, LikewiseError } from '../../../errors.ts';
import { type Child, type ChildOptions, startChild } from './process.ts';
import { readAnswer } from './wire.ts';

/** A child that is ready, or will be. */
export interface Warm {
  readonly child: Child;
  /** Rejects with `INTAKE_UNUSABLE` where it does not start. */
  readonly ready: Promise<void>;
  /** How many pictures it was handed. */
  seen: number;
}

/** Keeps one child ready. */
export interface Keeper {
  readonly warm: Warm | undefined;
  /** Children started so far. */
  readonly started: number;
  /** The child that is ready, or a new one. @throws LikewiseError `INTAKE_UNUSABLE` */
  take(): Warm;
  /** Ends a child: it will not be taken again. */
  retire(one: Warm): void;
  /** Starts a child where none is ready, so that the next picture need not wait for it. */
  refill(): void;
  /** Ends every child and waits until they are gone. */
  close(): Promise<void>;
}

/** Seconds that a child may take to be ready; about 0.2 where nothing else runs. */
const startSeconds = 30;

export function keepChild(options: ChildOptions): Keeper {
  const living = new Set<Child>();
  let warm: Warm | undefined;
  let started = 0;
  let closed = false;

  const start = (): Warm => {
    const child = startChild(options);
    started++;
    living.add(child);
    const one = { child, seen: 0, ready: readiness(child) };
    // Whoever takes it is told; it may be that nobody does.
    one.ready.catch(() => {});
    void child.ended.then(() => {
      living.delete(child);
      if (warm === one) warm = undefined;
    });
    warm = one;
    return one;
  };

  return {
    get warm() {
      return warm;
    },
    get started() {
      return started;
    },
    take: () => warm ?? start(),
    retire(one) {
      if (warm === one) warm = undefined;
      one.child.kill();
    },
    refill() {
      if (warm !== undefined || closed) return;
      try {
        start();
      } catch (error) {
        // The next picture tries again, and is told.
        if (!isLikewiseError(error)) throw error;
      }
    },
    async close() {
      closed = true;
      for (const child of living) child.kill();
      await Promise.all([...living].map((child) => child.ended));
    },
  };
}

/** @throws LikewiseError `INTAKE_UNUSABLE` */
async function readiness(child: Child): Promise<void> {
  const clock = setTimeout(() => child.kill(), startSeconds * 1000);
  try {
    const { kind } = readAnswer(await child.next({ header: 1000, body: 0 }));
    if (kind !== 'ready') throw new Error(`it said "${kind}" before anything was asked`);
  } catch (cause) {
    child.kill();
    const [said = ''] = (await child.ended).split('\n');
    const reason = `the process that decodes did not start (${said})`;
    throw new LikewiseError('INTAKE_UNUSABLE', { reason }, { cause });
  } finally {
    clearTimeout(clock);
  }
}
