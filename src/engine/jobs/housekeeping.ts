import { type Clock, dayMs } from './clock.ts';
import type { Forgetting } from './forgetting.ts';
import type { JobsSettings } from './jobs.ts';
import type { Journal } from './journal/index.ts';
import type { Ledger } from './ledger.ts';
import type { Room } from './room.ts';

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly settings: Pick<JobsSettings, 'retentionDays'>;
  readonly room: Pick<Room, 'has'>;
  readonly ledger: Pick<Ledger, 'flush'>;
  readonly forgetting: Pick<Forgetting, 'again'>;
  readonly journal: Pick<Journal, 'sweep' | 'dropTransient'>;
  /** Tells those who follow jobs that wait where these stand. */
  publishWaiting(): void;
  readonly onWarning: (what: string, error: unknown) => void;
}

/** Milliseconds between looks at what changes by itself: positions, room on the disk, ages. */
const tickMs = 1000;
/** Ticks between bills, between attempts to forget what could not be forgotten, between sweeps. */
const [billTicks, againTicks, sweepTicks] = [10, 60, 3600];
/** Milliseconds for which a transient job can be asked for after its end. */
const transientMs = 60_000;

/** Does what is done now and then. @returns what ends it */
export function keepHouse(options: HousekeepingOptions): () => void {
  const { clock, settings, room, ledger, forgetting, journal, onWarning } = options;
  let ticks = 0;
  return clock.every(tickMs, () => {
    ticks++;
    try {
      room.has();
      if (ticks % billTicks === 0) {
        ledger.flush();
        journal.dropTransient(clock.now() - transientMs);
      }
      if (ticks % againTicks === 0) {
        forgetting
          .again()
          .catch((error) => onWarning('somebody could not be forgotten yet', error));
      }
      if (ticks % sweepTicks === 1) journal.sweep(clock.now() - settings.retentionDays * dayMs);
      options.publishWaiting();
    } catch (error) {
      onWarning('something that is done now and then failed', error);
    }
  });
}
