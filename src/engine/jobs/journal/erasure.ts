import { dayOf } from '../clock.ts';
import type { Owner } from '../port.ts';
import type { Database } from './database.ts';
import type { Journal } from './port.ts';
import { digestOf } from './records.ts';

type Calls = Pick<
  Journal,
  'forget' | 'forgotten' | 'isForgotten' | 'sweep' | 'forgetBefore' | 'dropTransient'
>;

/**
 * What removes: at once by owner, or with time by age. Nothing of it is left in the files; a sweep sees
 * to what went otherwise as well, such as the checkpoints of an inversion that is done.
 */
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
    removeOlder: sql.prepare(
      'DELETE FROM jobs WHERE tenant = ? AND accepted_at < ? AND ended_at IS NOT NULL',
    ),
    removeTransient: sql.prepare('DELETE FROM jobs WHERE transient = 1 AND ended_at < ?'),
    // The last one on the device is named until the next one is.
    unblame: sql.prepare(
      'UPDATE engine SET on_device = NULL ' +
        'WHERE on_device IS NOT NULL AND on_device NOT IN (SELECT id FROM jobs)',
    ),
    removeSpent: sql.prepare('DELETE FROM spent WHERE day < ?'),
    removeBuried: sql.prepare(
      'DELETE FROM tombstones WHERE forgotten_at < ? AND tenant IS NULL AND NOT EXISTS ' +
        "(SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') AND accepted_at <= forgotten_at)",
    ),
  };
  const written = sql.prepare('SELECT total_changes() AS changes');
  /** As `written` says, when the files were last written anew; not yet by this process. */
  let clean: unknown;
  const clear = () => {
    scrub();
    clean = written.get()?.changes;
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
      clear();
      return ids;
    },
    forgotten(owner) {
      transact('power', () => statements.unname.run(digestOf(owner)));
      clear();
    },
    isForgotten(owner, since) {
      const row = statements.buriedAt.get(digestOf(owner));
      return row !== undefined && since <= Number(row.forgotten_at);
    },
    sweep(before) {
      const ids = transact('power', () => {
        const rows = statements.old.all(before);
        statements.removeOld.run(before);
        statements.unblame.run();
        dropUnwanted();
        statements.removeSpent.run(dayOf(before));
        statements.removeBuried.run(before);
        return rows.map(({ id }) => String(id));
      });
      if (written.get()?.changes !== clean) clear();
      return ids;
    },
    forgetBefore(tenant, before) {
      const count = transact('power', () => {
        const { changes } = statements.removeOlder.run(tenant, before);
        statements.unblame.run();
        dropUnwanted();
        return Number(changes);
      });
      if (count > 0) clear();
      return count;
    },
    // One statement: writing the files anew for each of them would cost more than drawing it.
    dropTransient: (before) => transact('crash', () => void statements.removeTransient.run(before)),
    unfinished: () =>
      statements.unfinished
        .all()
        .map(({ tenant, user }) => ({ tenant: String(tenant), user: String(user) })),
  };
}
