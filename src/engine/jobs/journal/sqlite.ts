import { pack } from '../../../cache/index.ts';
import { dayOf } from '../clock.ts';
import type { Owner } from '../port.ts';
import { createCheckpoints } from './checkpoints.ts';
import { type Database, type DatabaseOptions, openDatabase } from './database.ts';
import { createErasure } from './erasure.ts';
import type { JobRecord, Journal, Outcome, Usage } from './port.ts';
import { digestOf, jobOf, packPart, packTasks } from './records.ts';

/**
 * The journal in one SQLite file. What is told to somebody (a job accepted, ended, forgotten) is on
 * the disk before the call returns; what can be found again (checkpoints, progress) survives a crash
 * of the process, and may be lost with the power.
 *
 * @param path a file, or `:memory:`
 * @throws LikewiseError `JOURNAL_UNUSABLE`
 */
export function openJournal(path: string, options: DatabaseOptions = {}): Journal {
  return journalOn(openDatabase(path, options));
}

const open = "state IN ('waiting', 'running')";

function journalOn(database: Database): Journal {
  const { sql, transact } = database;
  const statements = {
    insert: sql.prepare(
      'INSERT INTO jobs ' +
        '(id, tenant, user, key, state, tasks, request, bytes, reserved, accepted_at, transient) ' +
        "VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?)",
    ),
    byId: sql.prepare('SELECT * FROM jobs WHERE id = ?'),
    byKey: sql.prepare('SELECT * FROM jobs WHERE tenant = ? AND user = ? AND key = ?'),
    openOf: sql.prepare(
      `SELECT * FROM jobs WHERE tenant = ? AND transient = 0 AND ${open} ORDER BY place DESC`,
    ),
    endedOf: sql.prepare(
      'SELECT * FROM jobs WHERE tenant = ? AND transient = 0 AND ended_at IS NOT NULL ' +
        'ORDER BY place DESC LIMIT ?',
    ),
    unfinished: sql.prepare(`SELECT * FROM jobs WHERE ${open} ORDER BY place`),
    parts: sql.prepare('SELECT task, value FROM parts WHERE job = ? ORDER BY task'),
    start: sql.prepare("UPDATE jobs SET state = 'running' WHERE id = ? AND state = 'waiting'"),
    requeue: sql.prepare("UPDATE jobs SET state = 'waiting' WHERE state = 'running'"),
    blame: sql.prepare(`UPDATE jobs SET crashes = crashes + 1 WHERE id = ? AND ${open}`),
    reach: sql.prepare(
      `UPDATE jobs SET reached = ?1, crashes = 0 WHERE id = ?2 AND reached < ?1 AND ${open}`,
    ),
    isOpen: sql.prepare(`SELECT 1 FROM jobs WHERE id = ? AND ${open}`),
    part: sql.prepare(
      'INSERT INTO parts (job, task, value) VALUES (?, ?, ?) ' +
        'ON CONFLICT (job, task) DO UPDATE SET value = excluded.value',
    ),
    end: sql.prepare(
      `UPDATE jobs SET state = ?, problem = ?, ended_at = ?, reserved = 0 WHERE id = ? AND ${open}`,
    ),
    dropParts: sql.prepare('DELETE FROM parts WHERE job = ?'),
    engine: sql.prepare('SELECT run, on_device FROM engine'),
    run: sql.prepare('UPDATE engine SET run = run + 1, on_device = NULL'),
    onDevice: sql.prepare('UPDATE engine SET on_device = ?'),
    spend: sql.prepare(
      'INSERT INTO spent (who, day, seconds) VALUES (?, ?, ?) ' +
        'ON CONFLICT (who, day) DO UPDATE SET seconds = seconds + excluded.seconds',
    ),
    spent: sql.prepare('SELECT seconds FROM spent WHERE who = ? AND day = ?'),
    userKeeps: sql.prepare(
      'SELECT sum(bytes + reserved) AS bytes, min(ended_at) AS first FROM jobs ' +
        'WHERE tenant = ? AND user = ? AND transient = 0',
    ),
    tenantKeeps: sql.prepare(
      'SELECT sum(bytes + reserved) AS bytes, min(ended_at) AS first FROM jobs ' +
        'WHERE tenant = ? AND transient = 0',
    ),
    // Before parts are written, and after: a job's bytes are those of its parts too.
    subtractParts: sql.prepare(
      'UPDATE jobs SET bytes = bytes - ' +
        '(SELECT coalesce(sum(length(value)), 0) FROM parts WHERE job = ?1) WHERE id = ?1',
    ),
    addParts: sql.prepare(
      'UPDATE jobs SET bytes = bytes + ' +
        '(SELECT coalesce(sum(length(value)), 0) FROM parts WHERE job = ?1) WHERE id = ?1',
    ),
  };
  const toJob = (row: Record<string, unknown> | undefined): JobRecord | undefined =>
    row && jobOf(row, statements.parts.all(String(row.id)));
  const isOpen = (id: string) => statements.isOpen.get(id) !== undefined;
  const byKey = ({ tenant, user }: Owner, key: string) =>
    toJob(statements.byKey.get(tenant, user, key));
  const checkpoints = createCheckpoints(database, isOpen);
  const erasure = createErasure(database, checkpoints.dropUnwanted);

  return {
    ...checkpoints.calls,
    ...erasure,

    recover() {
      // Their cells went with the process that drew them.
      erasure.dropTransient(Number.MAX_SAFE_INTEGER);
      return transact('power', () => {
        const { run, on_device: crashed } = statements.engine.get() as Record<string, unknown>;
        statements.run.run();
        if (crashed !== null) statements.blame.run(String(crashed));
        statements.requeue.run();
        return {
          run: Number(run) + 1,
          jobs: statements.unfinished.all().map((row) => toJob(row) as JobRecord),
          crashed: crashed === null ? undefined : String(crashed),
          forgetting: erasure.unfinished(),
        };
      });
    },
    accept: ({ id, owner, key, tasks, request, bytes, transient = false }, now) =>
      transact('power', () => {
        const older = byKey(owner, key);
        if (older) return { job: older, created: false };
        const [packedTasks, packedRequest] = [packTasks(tasks), pack(request)];
        const own = packedTasks.length + packedRequest.length;
        const { tenant, user } = owner;
        const named = [id, tenant, user, key, packedTasks, packedRequest] as const;
        statements.insert.run(...named, own, bytes, now, Number(transient));
        return { job: toJob(statements.byId.get(id)) as JobRecord, created: true };
      }),
    get: (id) => toJob(statements.byId.get(id)),
    find: byKey,
    list: (tenant, limit) =>
      [...statements.openOf.all(tenant), ...statements.endedOf.all(tenant, limit)].map(
        (row) => toJob(row) as JobRecord,
      ),
    start: (id) => transact('crash', () => statements.start.run(id).changes > 0),
    onDevice: (id) => void transact('crash', () => statements.onDevice.run(id ?? null)),
    reach: (id, index) => transact('crash', () => statements.reach.run(index, id).changes > 0),
    part: (id, index, value) =>
      transact('crash', () => {
        if (!isOpen(id)) return false;
        statements.subtractParts.run(id);
        statements.part.run(id, index, packPart(value));
        statements.addParts.run(id);
        statements.reach.run(index + 1, id);
        return true;
      }),
    end: (id, outcome, now) =>
      transact('power', () => {
        const problem = outcome.state === 'failed' ? JSON.stringify(outcome.problem) : null;
        if (statements.end.run(outcome.state, problem, now, id).changes === 0) return false;
        writeParts(id, outcome);
        checkpoints.release(id);
        return true;
      }),
    spend: (owner, seconds, now) =>
      transact('crash', () => {
        for (const who of [digestOf(owner), digestOf(owner.tenant)]) {
          statements.spend.run(who, dayOf(now), seconds);
        }
      }),
    usage(owner, now) {
      const { tenant, user } = owner;
      const of = (who: Owner | string, keeps: Record<string, unknown> | undefined): Usage => ({
        seconds: Number(statements.spent.get(digestOf(who), dayOf(now))?.seconds ?? 0),
        bytes: Number(keeps?.bytes ?? 0),
        firstEnd: (keeps?.first as number | null | undefined) ?? undefined,
      });
      return {
        user: of(owner, statements.userKeeps.get(tenant, user)),
        tenant: of(tenant, statements.tenantKeeps.get(tenant)),
      };
    },
    close: () => database.close(),
  };

  /** A job that is not done leaves nothing of what it made. */
  function writeParts(id: string, outcome: Outcome): void {
    statements.subtractParts.run(id);
    statements.dropParts.run(id);
    if (outcome.state !== 'done') return;
    for (const [index, value] of outcome.parts) statements.part.run(id, index, packPart(value));
    statements.addParts.run(id);
  }
}
