import type { Log } from '../commands/port.ts';

/** Milliseconds for which a stop waits for what is being said. */
const farewellTime = 4000;

/** What a bot is in the middle of. */
export interface Running {
  /** Notes a piece of work; what fails is logged, and ends nothing else. */
  track(work: Promise<unknown>): void;
  /** Once all is done, or has been waited for long enough. */
  settled(): Promise<void>;
}

export function createRunning(log: Log, platform: string): Running {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      const safe = work.catch((err: unknown) =>
        log({ err }, `something was not done on ${platform}`),
      );
      running.add(safe);
      void safe.finally(() => running.delete(safe));
    },
    async settled() {
      const late = new Promise((resolve) => setTimeout(resolve, farewellTime).unref());
      await Promise.race([Promise.allSettled(running), late]);
    },
  };
}
