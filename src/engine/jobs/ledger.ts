import type { Clock } from './clock.ts';
import type { Journal } from './journal/index.ts';
import { type Owner, ownerKey } from './port.ts';

/** Device time by owner, gathered so that not every step writes to the journal. */
export interface Ledger {
  charge(owner: Owner, seconds: number): void;
  /** Writes what was gathered. */
  flush(): void;
}

export function createLedger(journal: Journal, clock: Clock): Ledger {
  const gathered = new Map<string, { owner: Owner; seconds: number }>();
  return {
    charge(owner, seconds) {
      const key = ownerKey(owner);
      const entry = gathered.get(key);
      if (entry) entry.seconds += seconds;
      else gathered.set(key, { owner, seconds });
    },
    flush() {
      for (const [key, { owner, seconds }] of gathered) {
        journal.spend(owner, seconds, clock.now());
        gathered.delete(key);
      }
    },
  };
}
