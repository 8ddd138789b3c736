import type { Row } from './catalogue.ts';
import { scopePrefix } from './keys.ts';
import type { Kept } from './port.ts';

/** Bytes by tenant and by user, counted as records come and go, so that asking costs no scan. */
export interface Tally {
  /** @param goes when the record outlives its retention, in ms since 1970 */
  add(row: Row, goes: number): void;
  subtract(row: Row): void;
  /** Counts all anew: what others wrote to the same store, too. */
  reset(rows: Iterable<Row>, goes: (row: Row) => number): void;
  of(scope: string, owner: string): { readonly user: Kept; readonly tenant: Kept };
}

interface Account {
  bytes: number;
  /** No later than when the first of it goes: what has gone since may have been the first. */
  first: number;
}

/** A record of several users counts for each of them, and once for their tenant. */
export function createTally(): Tally {
  const accounts = new Map<string, Account>();

  const keysOf = ({ key, owners }: Pick<Row, 'key' | 'owners'>): string[] => {
    const tenant = key.slice(0, key.indexOf('/') + 1);
    // A prefix is escaped and ends with a slash: no user's name can be mistaken for a part of it.
    return [tenant, ...owners.map((owner) => `${tenant}${owner}`)];
  };
  const add = (row: Row, goes: number) => {
    for (const key of keysOf(row)) {
      const { bytes, first } = accounts.get(key) ?? { bytes: 0, first: Number.POSITIVE_INFINITY };
      accounts.set(key, { bytes: bytes + row.bytes, first: Math.min(first, goes) });
    }
  };
  const read = (key: string): Kept => {
    const { bytes, first } = accounts.get(key) ?? { bytes: 0, first: Number.POSITIVE_INFINITY };
    return { bytes, firstEnd: Number.isFinite(first) ? first : undefined };
  };
  return {
    add,
    subtract(row) {
      for (const key of keysOf(row)) {
        const account = accounts.get(key);
        if (!account) continue;
        account.bytes -= row.bytes;
        // Below 0 where another process wrote it: the next scan says how it is.
        if (account.bytes <= 0) accounts.delete(key);
      }
    },
    reset(rows, goes) {
      accounts.clear();
      for (const row of rows) add(row, goes(row));
    },
    of(scope, owner) {
      const tenant = scopePrefix(scope);
      return { user: read(`${tenant}${owner}`), tenant: read(tenant) };
    },
  };
}
