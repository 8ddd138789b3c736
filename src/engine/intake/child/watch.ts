import type { Child } from './process.ts';

/** Why a child was ended in the middle of a picture. */
export type Verdict = 'slow' | 'memory' | 'aborted';

export interface Watch {
  readonly verdict: Verdict | undefined;
  /** Most memory that the child has held when last looked at, in bytes. */
  readonly peakBytes: number | undefined;
  stop(): void;
}

export interface WatchLimits {
  /** Most MB of memory. */
  readonly megabytes: number;
  readonly seconds: number;
}

/** Milliseconds between two looks at the memory: a fast decoder fills some 20 MB in that time. */
const interval = 10;

/** Watches over a child while it decodes one picture, and calls `kill` when it goes too far. */
export function watchOver(
  child: Child,
  { megabytes, seconds }: WatchLimits,
  signal: AbortSignal,
  kill: () => void,
): Watch {
  let verdict: Verdict | undefined;
  let peak: number | undefined;
  const end = (why: Verdict) => {
    verdict ??= why;
    kill();
  };
  const weigh = () => {
    // There is nothing to see any more of a child that has ended.
    peak = child.peakBytes() ?? peak;
    return peak ?? 0;
  };
  const aborted = () => end('aborted');
  const clock = setTimeout(end, seconds * 1000, 'slow' satisfies Verdict);
  const scales = setInterval(() => {
    if (weigh() > megabytes * 1e6) end('memory');
  }, interval);
  signal.addEventListener('abort', aborted, { once: true });
  return {
    get verdict() {
      return verdict;
    },
    get peakBytes() {
      return peak;
    },
    stop() {
      weigh();
      clearTimeout(clock);
      clearInterval(scales);
      signal.removeEventListener('abort', aborted);
    },
  };
}
