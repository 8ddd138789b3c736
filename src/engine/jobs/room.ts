import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';

export interface RoomOptions {
  readonly disk: Disk | undefined;
  /** Writes something where results are kept, and removes it. @throws where there is no room for it */
  readonly probe: (() => Promise<void>) | undefined;
  readonly clock: Clock;
  /** The queue is to stand still, or to go on. */
  pause(): void;
  resume(): void;
  readonly onWarning: (what: string, error: unknown) => void;
}

/** Whether there is room to write, and what is done where there is none: the queue waits. */
export interface Room {
  /** Whether the queue stands still. */
  readonly full: boolean;
  /** Whether something new may be accepted. Looked at now and then: it lets the queue go on. */
  has(): boolean;
  /** Something could not be written. */
  ranOut(error: unknown): void;
  /** A result was written. */
  wrote(): void;
}

/** Milliseconds between attempts to write, and at most between attempts to go on. */
const [probeMs, longestMs] = [5000, 60_000];

/**
 * What has been computed is lost where it cannot be written, so nothing is computed until something
 * could be written. Should there be no room for the result all the same, the queue waits for longer
 * each time: a disk that only seems to have room must not keep the device busy for nothing.
 */
export function createRoom(options: RoomOptions): Room {
  const { disk, probe, clock, onWarning } = options;
  let full = false;
  /** Times in a row that the queue went on, and could not write. */
  let failures = 0;
  /** No attempt before, in milliseconds since 1970. */
  let notBefore = 0;
  let isTrying = false;

  const goOn = () => {
    full = false;
    options.resume();
  };
  const attempt = () => {
    if (isTrying || clock.now() < notBefore) return;
    if (!probe) {
      goOn();
      return;
    }
    isTrying = true;
    probe()
      .then(goOn, () => {
        notBefore = Math.max(notBefore, clock.now() + probeMs);
      })
      .finally(() => {
        isTrying = false;
      });
  };
  return {
    get full() {
      return full;
    },
    has() {
      const room = disk?.hasRoom() ?? true;
      if (room && full) attempt();
      return room && !full;
    },
    ranOut(error) {
      if (!full) {
        const wait = failures++ === 0 ? 0 : 1000 * 2 ** Math.min(failures, 10);
        notBefore = clock.now() + Math.min(longestMs, wait);
        onWarning('the disk is full; the queue waits', error);
      }
      full = true;
      options.pause();
    },
    wrote() {
      failures = 0;
    },
  };
}
