import { createHash } from 'node:crypto';
import type { Keyv } from 'keyv';
import PQueue from 'p-queue';
import { type Catalogue, catalogueOn, type Row } from './catalogue.ts';
import { type Kind, kindOf, kinds, scopePrefix } from './keys.ts';
import { type Cache, type CacheOptions, nobody, type Usage } from './port.ts';
import { createStatistics } from './statistics.ts';
import { createTally } from './tally.ts';

/** Where a cache keeps what it keeps. */
export interface CacheParts {
  /**
   * Values and catalogue rows, by id. Give Keyv `throwOnErrors: true`, or a store that is out of
   * order looks like an empty one; and two namespaces, where both are in one store.
   */
  values: Keyv<Uint8Array>;
  catalogue: Keyv<string>;
  /** Ids of all values, where they can be listed without being read. */
  listValues?: () => Promise<string[]>;
  /** Makes sure that what was removed is in no file any more. */
  scrub?: () => void;
}

/** A use is noted this often at most, so that reading does not mean writing each time. */
const noteEveryMs = 60_000;
/** Fewest milliseconds between scans that look for what has outlived its retention. */
const lookEveryMs = 60_000;
/** Where the cap is reached, so much of it stays: or each record would bring a scan. */
const keptShare = 0.9;

/**
 * A `Cache` on any store of Keyv's. One call is made after the other: what is forgotten is not brought
 * back by a call under way. A crash between the two stores leaves a row without a value, which reads
 * as a miss, or a value without a row, which `sweep` or Keyv's own expiry removes.
 */
export function keyvCache(parts: CacheParts, options: CacheOptions = {}): Cache {
  const { values, listValues, scrub } = parts;
  const { retention = {}, maxBytes = Number.POSITIVE_INFINITY, now = Date.now } = options;
  const needed = options.needed ?? (() => false);
  const catalogue = catalogueOn(parts.catalogue);
  const statistics = createStatistics();
  const turns = new PQueue({ concurrency: 1 });
  const inTurn = <T>(call: () => Promise<T>): Promise<T> => turns.add(call);
  const tally = createTally();
  let total: number | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const lifetimeOf = (key: string) => retention[kindOf(key)] ?? Number.POSITIVE_INFINITY;
  const endOf = ({ key, created }: Row) => created + lifetimeOf(key);
  const expired = (row: Row) => now() >= endOf(row) && !needed(row.key);

  /** Also brings what is counted up to date: another process may have written too. */
  const scan = async () => {
    const rows = await catalogue.scan();
    total = [...rows.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    tally.reset(rows.values(), endOf);
    return rows;
  };

  /** The value first: a row without one is harmless. */
  const remove = async (id: string, row: Row) => {
    await values.delete(id);
    await catalogue.delete(id);
    if (total !== undefined) total -= row.bytes;
    tally.subtract(row);
  };

  /** Another row in the place of one. */
  const note = async (id: string, before: Row | undefined, row: Row) => {
    await catalogue.set(id, row);
    total = used(total) + row.bytes - (before?.bytes ?? 0);
    if (before) tally.subtract(before);
    tally.add(row, endOf(row));
  };

  /** An owner less; the last one's record goes. */
  const strike = async (id: string, row: Row, owner: string) => {
    const owners = row.owners.filter((name) => name !== owner);
    if (owners.length === 0) await remove(id, row);
    else await note(id, row, { ...row, owners });
  };

  const removeAll = async (rows: Map<string, Row>, which: (row: Row) => boolean) => {
    const found = [...rows].filter(([, row]) => which(row));
    for (const [id, row] of found) {
      await remove(id, row);
      rows.delete(id);
    }
    return found.map(([, row]) => row);
  };

  const evict = async (rows: Map<string, Row>, room: number) => {
    let evicted = 0;
    if (used(total) + room <= maxBytes) return evicted;
    const oldest = [...rows].sort(([, a], [, b]) => a.used - b.used || a.created - b.created);
    for (const [id, row] of oldest) {
      if (used(total) + room <= maxBytes * keptShare) break;
      if (needed(row.key)) continue;
      await remove(id, row);
      statistics.count(kindOf(row.key), 'evictions');
      evicted++;
    }
    return evicted;
  };

  return {
    statistics,

    get: (key, owner = nobody) =>
      inTurn(async () => {
        const id = idOf(key);
        const row = await catalogue.get(id);
        if (!row) return undefined;
        if (expired(row)) {
          await remove(id, row);
          statistics.count(kindOf(key), 'expired');
          return undefined;
        }
        const value = await values.get<Uint8Array>(id);
        if (value === undefined) {
          await remove(id, row);
          return undefined;
        }
        const noted = await noteUse(catalogue, id, row, owner, now());
        if (noted) {
          tally.subtract(row);
          tally.add(noted, endOf(noted));
        }
        return new Uint8Array(value);
      }),

    set: (key, bytes, owner = nobody) =>
      inTurn(async () => {
        const id = idOf(key);
        const kind = kindOf(key);
        const before = await catalogue.get(id);
        if (bytes.length > maxBytes) {
          if (before) await remove(id, before);
          statistics.count(kind, 'evictions');
          return;
        }
        if (total === undefined) await scan();
        const room = bytes.length - (before?.bytes ?? 0);
        if (used(total) + room > maxBytes) {
          const others = await scan();
          others.delete(id);
          await evict(others, room);
        }
        const earlier = before && !expired(before) ? before.owners : [];
        const owners = [...new Set([...earlier, ...[owner].flat()])];
        const time = now();
        const row: Row = { key, owners, bytes: bytes.length, created: time, used: time };
        await note(id, before, row);
        const lifetime = lifetimeOf(key);
        // A Buffer, because that is what Keyv's JSON serializer keeps as bytes (base64).
        // Keyv's own expiry goes by the computer's clock, and knows nothing of what is needed.
        const expiry =
          Number.isFinite(lifetime) && !options.needed ? Math.ceil(lifetime) : undefined;
        try {
          await values.set(id, Buffer.from(bytes), expiry);
        } catch (error) {
          // Here is what was before; where not even that can be written, reading it puts it right.
          await (before ? note(id, row, before) : remove(id, row)).catch(() => {});
          throw error;
        }
      }),

    ownersOf: (key) =>
      inTurn(async () => {
        const row = await catalogue.get(idOf(key));
        return row && !expired(row) ? row.owners : [];
      }),

    delete: (key) =>
      inTurn(async () => {
        const id = idOf(key);
        const row = await catalogue.get(id);
        if (!row) return false;
        await remove(id, row);
        return true;
      }),

    disown: (key, owner) =>
      inTurn(async () => {
        const id = idOf(key);
        const row = await catalogue.get(id);
        if (!row?.owners.includes(owner)) return false;
        await strike(id, row, owner);
        return true;
      }),

    forget: (scope, owner) =>
      inTurn(async () => {
        const rows = await scan();
        const prefix = scopePrefix(scope);
        const theirs = [...rows].filter(
          ([, { key, owners }]) => key.startsWith(prefix) && owners.includes(owner),
        );
        for (const [id, row] of theirs) await strike(id, row, owner);
        scrub?.();
        return countsOf(theirs.map(([, row]) => row));
      }),

    forgetBefore: (scope, before) =>
      inTurn(async () => {
        const prefix = scopePrefix(scope);
        const isOld = ({ key, created }: Row) =>
          key.startsWith(prefix) && created < before && !needed(key);
        const removed = await removeAll(await scan(), isOld);
        if (removed.length > 0) scrub?.();
        return countsOf(removed);
      }),

    sweep: () =>
      inTurn(async () => {
        // Values first: whatever has no row afterwards has had none before.
        const ids = (await listValues?.()) ?? [];
        const rows = await scan();
        const orphans = ids.filter((id) => !rows.has(id));
        for (const id of orphans) await values.delete(id);
        const removed = await removeAll(rows, expired);
        for (const { key } of removed) statistics.count(kindOf(key), 'expired');
        const evicted = await evict(rows, 0);
        scrub?.();
        return { expired: removed.length, evicted, orphans: orphans.length };
      }),

    usage: () => inTurn(async () => usageOf((await scan()).values())),

    kept: (scope, owner) =>
      inTurn(async () => {
        if (total === undefined) await scan();
        const { tenant } = tally.of(scope, owner);
        const isOver = (tenant.firstEnd ?? Number.POSITIVE_INFINITY) <= now();
        if (isOver && now() - lookedAt >= lookEveryMs) {
          lookedAt = now();
          const removed = await removeAll(await scan(), expired);
          for (const { key } of removed) statistics.count(kindOf(key), 'expired');
          // What is left says when the next goes.
          if (removed.length > 0) await scan();
        }
        return tally.of(scope, owner);
      }),

    probe: (length) =>
      inTurn(async () => {
        try {
          await values.set(probeId, Buffer.alloc(length, 0xa5));
        } finally {
          // Left by a crash in between, it is a value without a row, which a sweep removes.
          await values.delete(probeId).catch(() => false);
        }
      }),

    close: () =>
      inTurn(async () => {
        await values.disconnect();
        await parts.catalogue.disconnect();
      }),
  };
}

/** No id of a record: those are digests. */
const probeId = 'probe';

/** Notes who asked and when, where that is news. @returns the row where it has one more owner */
async function noteUse(
  catalogue: Catalogue,
  id: string,
  row: Row,
  owner: string | null,
  time: number,
): Promise<Row | undefined> {
  const known = owner === null || row.owners.includes(owner);
  if (known && time - row.used < noteEveryMs) return undefined;
  const owners = known ? row.owners : [...row.owners, owner];
  const next: Row = { ...row, owners, used: time };
  const noted = catalogue.set(id, next);
  // A full disk must not keep what is there from being read; but whose it is has to be known.
  await (known ? noted.catch(() => {}) : noted);
  return known ? undefined : next;
}

/** Under which a key's value is stored: tells nothing of the tenant, and is of one length. */
export function idOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function countsOf(rows: readonly Row[]): Record<Kind, number> {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { key } of rows) counts[kindOf(key)] += 1;
  return counts;
}

function usageOf(rows: Iterable<Row>): Usage {
  const usage = Object.fromEntries(kinds.map((kind) => [kind, { entries: 0, bytes: 0 }])) as Usage;
  for (const { key, bytes } of rows) {
    const kind = usage[kindOf(key)];
    kind.entries += 1;
    kind.bytes += bytes;
  }
  return usage;
}

function used(total: number | undefined): number {
  return total ?? 0;
}
