import { dayOf } from '../clock.ts';
import type { Owner } from '../port.ts';
import type { Database } from './database.ts';
import type { Journal } from './port.ts';
import { digestOf } from './records.ts';

type Calls = Pick<Journal, 'forget' | 'forgotten' | 'isForgotten' | 'sweep'>;

/** What removes: at once by owner, or with time by age. Nothing of it is left in the files. */
export function createErasure(
  { sql, transact, scrub }: Database,
  dropUnwanted: () => void,
): Calls & { /** Owners of whom `forgotten` has not been said. */ unfinished(): Owner[] } {
  const statements = {
    open: sql.prepare(
      "SELECT id FROM jobs WHERE tenant = ? AND user = ? AND state IN ('waiting', 'running')",
    ),
    remove: sql.prepare('DELETE FROM jobs WHERE tenant = ? AND user = ?'),
    bury: sql.prepare(
      'INSERT INTO tombstones (who, forgotten_at, tenant, user) VALUES (?1, ?2, ?3, ?4) ' +
        'ON CONFLICT (who) DO UPDATE SET forgotten_at = ?2, tenant = ?3, user = ?4',
    ),
    unname: sql.prepare('UPDATE tombstones SET tenant = NULL, user = NULL WHERE who = ?'),
    unfinished: sql.prepare('SELECT tenant, user FROM tombstones WHERE tenant IS NOT NULL'),
    buriedAt: sql.prepare('SELECT forgotten_at FROM tombstones WHERE who = ?'),
    old: sql.prepare('SELECT id FROM jobs WHERE ended_at < ?'),
    removeOld: sql.prepare('DELETE FROM jobs WHERE ended_at < ?'),
    removeSpent: sql.prepare('DELETE FROM spent WHERE day < ?'),
    removeBuried: sql.prepare(
      'DELETE FROM tombstones WHERE forgotten_at < ? AND tenant IS NULL AND NOT EXISTS ' +
        "(SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') AND accepted_at <= forgotten_at)",
    ),
  };
  return {
    forget(owner, now) {
      const { tenant, user } = owner;
      const ids = transact('power', () => {
        const rows = statements.open.all(tenant, user);
        statements.remove.run(tenant, user);
        dropUnwanted();
        statements.bury.run(digestOf(owner), now, tenant, user);
        return rows.map(({ id }) => String(id));
      });
      scrub();
      return ids;
    },
    forgotten(owner) {
      transact('power', () => statements.unname.run(digestOf(owner)));
      scrub();
    },
    isForgotten(owner, since) {
      const row = statements.buriedAt.get(digestOf(owner));
      return row !== undefined && since <= Number(row.forgotten_at);
    },
    sweep(before) {
      const ids = transact('power', () => {
        const rows = statements.old.all(before);
        statements.removeOld.run(before);
        dropUnwanted();
        statements.removeSpent.run(dayOf(before));
        statements.removeBuried.run(before);
        return rows.map(({ id }) => String(id));
      });
      if (ids.length > 0) scrub();
      return ids;
    },
    unfinished: () =>
      statements.unfinished
        .all()
        .map(({ tenant, user }) => ({ tenant: String(tenant), user: String(user) })),
  };
}
