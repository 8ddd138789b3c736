import type { Engine } from '../engine/client.ts';
import type { Log } from './port.ts';
import { msPerDay } from './quota.ts';
import type { SettingsStore } from './settings.ts';

/** Has removed what a tenant does not want to be kept for as long as the engine keeps it. */
export interface Retention {
  /** The tenant is used. Returns at once: no answer waits for it. */
  used(tenant: string): void;
}

export interface RetentionOptions {
  readonly engine: Pick<Engine, 'forgetBefore'>;
  readonly settings: Pick<SettingsStore, 'get'>;
  readonly log: Log;
  /** Days for which the engine keeps what it keeps longest. */
  readonly engineDays: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Tenants that are remembered. */
const most = 10_000;

/** Once a day for a tenant, while the process lives, where its setting is shorter than the engine's. */
export function createRetention(options: RetentionOptions): Retention {
  const { engine, settings, log, engineDays, now } = options;
  /** When it was last seen to. */
  const seen = new Map<string, number>();
  const erase = async (tenant: string, time: number) => {
    const { retentionDays } = await settings.get(tenant);
    if (retentionDays >= engineDays) return;
    await engine.forgetBefore({ tenant }, time - retentionDays * msPerDay);
  };
  return {
    used(tenant) {
      const time = now();
      if (time - (seen.get(tenant) ?? Number.NEGATIVE_INFINITY) < msPerDay) return;
      // Put last: the oldest are dropped first.
      seen.delete(tenant);
      seen.set(tenant, time);
      for (const oldest of seen.keys()) {
        if (seen.size <= most) break;
        seen.delete(oldest);
      }
      erase(tenant, time).catch((error) => log({ err: error }, 'old results were not removed'));
    },
  };
}
