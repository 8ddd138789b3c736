import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { pack } from '../../../src/cache/index.ts';
import { openDatabase } from '../../../src/engine/jobs/journal/database.ts';
import { type Journal, openJournal } from '../../../src/engine/jobs/journal/index.ts';
import type { NewJob } from '../../../src/engine/jobs/journal/port.ts';

const root = mkdtempSync(join(tmpdir(), 'likewise-journal-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newPath = () => join(root, `${folders++}`, 'journal.sqlite');

const owner = { tenant: 'guild', user: 'ann' };
function newJob(id: string, more: Partial<NewJob> = {}): NewJob {
  const tasks = [{ class: 'inversion', label: 'tokens', input: { picture: 'cat' } } as const];
  return { id, owner, key: id, tasks, request: { of: id }, bytes: 0, ...more };
}
function opened(path = ':memory:'): Journal {
  const journal = openJournal(path);
  journal.recover(0);
  return journal;
}

describe('the journal', () => {
  test('keeps what was accepted, as it was, in order', () => {
    const path = newPath();
    const journal = opened(path);
    journal.accept(newJob('one'), 5);
    journal.accept(newJob('two'), 6);
    journal.start('one');
    journal.part('one', 0, Float32Array.of(1, Number.NaN));
    journal.close();
    const { run, jobs, crashed } = openJournal(path).recover(9);
    expect({ run, crashed }).toEqual({ run: 2, crashed: undefined });
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      ['one', 'waiting'],
      ['two', 'waiting'],
    ]);
    expect(jobs[0]).toMatchObject({ owner, acceptedAt: 5, request: { of: 'one' } });
    expect(jobs[0]?.parts.get(0)).toEqual(Float32Array.of(1, Number.NaN));
  });

  test('takes one key of one owner as one job', () => {
    const journal = opened();
    expect(journal.accept(newJob('one', { key: 'k' }), 1).created).toBe(true);
    expect(journal.accept(newJob('two', { key: 'k' }), 2)).toMatchObject({
      created: false,
      job: { id: 'one', acceptedAt: 1 },
    });
    const other = { tenant: 'guild', user: 'bob' };
    expect(journal.accept(newJob('three', { key: 'k', owner: other }), 3).created).toBe(true);
  });

  test('lets a job end once, and then writes nothing of it', () => {
    const journal = opened();
    journal.accept(newJob('one'), 1);
    journal.want('one', 'k');
    expect(journal.end('one', { state: 'cancelled' }, 2)).toBe(true);
    expect(journal.end('one', { state: 'done', parts: new Map([[0, 1]]) }, 3)).toBe(false);
    expect(journal.part('one', 0, 1)).toBe(false);
    expect(journal.start('one')).toBe(false);
    expect(journal.want('one', 'k')).toBe(false);
    expect(journal.checkpoint('k', { step: 1, state: Uint8Array.of(1) }, 4)).toBe(false);
    expect(journal.get('one')).toMatchObject({ state: 'cancelled', endedAt: 2 });
    expect(journal.get('one')?.parts.size).toBe(0);
  });

  test('keeps two generations of a state while somebody wants it', () => {
    const journal = opened();
    journal.accept(newJob('one'), 1);
    journal.accept(newJob('two'), 1);
    for (const id of ['one', 'two']) journal.want(id, 'k');
    for (const step of [1, 2, 3]) journal.checkpoint('k', { step, state: Uint8Array.of(step) }, 1);
    expect(journal.checkpoints('k').map(({ step }) => step)).toEqual([3, 2]);
    journal.end('one', { state: 'cancelled' }, 2);
    expect(journal.checkpoints('k')).toHaveLength(2);
    journal.end('two', { state: 'cancelled' }, 2);
    expect(journal.checkpoints('k')).toEqual([]);
  });

  test('falls back to the older generation where the newest is damaged', () => {
    const path = newPath();
    const journal = opened(path);
    journal.accept(newJob('one'), 1);
    journal.want('one', 'k');
    for (const step of [1, 2]) journal.checkpoint('k', { step, state: Uint8Array.of(step) }, 1);
    journal.close();
    const sql = new DatabaseSync(path);
    const { state } = sql.prepare('SELECT state FROM checkpoints WHERE step = 2').get() as {
      state: Uint8Array;
    };
    state[state.length - 1] = 9;
    sql.prepare('UPDATE checkpoints SET state = ? WHERE step = 2').run(state);
    sql.close();
    expect(opened(path).checkpoints('k')).toEqual([{ step: 1, state: Uint8Array.of(1) }]);
  });

  test('blames whoever was on the device, until it gets further', () => {
    const path = newPath();
    const crash = () => {
      const journal = openJournal(path);
      const { jobs } = journal.recover(0);
      journal.onDevice('one');
      // What a crash leaves: nobody cleared the device.
      journal.close();
      return jobs.map(({ id, crashes }) => [id, crashes]);
    };
    const first = opened(path);
    for (const id of ['one', 'two']) first.accept(newJob(id), 1);
    first.want('one', 'k');
    first.close();
    crash();
    crash();
    expect(crash()).toEqual([
      ['one', 2],
      ['two', 0],
    ]);
    const journal = opened(path);
    expect(journal.get('one')?.crashes).toBe(3);
    journal.checkpoint('k', { step: 4, state: Uint8Array.of(4) }, 1);
    expect(journal.get('one')?.crashes).toBe(0);
    journal.onDevice('one');
    journal.close();
    const again = opened(path);
    expect(again.get('one')?.crashes).toBe(1);
    // No further than it was before.
    again.checkpoint('k', { step: 4, state: Uint8Array.of(4) }, 1);
    expect(again.get('one')?.crashes).toBe(1);
    again.reach('one', 1);
    expect(again.get('one')?.crashes).toBe(0);
  });

  test('counts device time by the day, and bytes, of users and tenants', () => {
    const journal = opened();
    const day = 86_400_000;
    const bob = { tenant: 'guild', user: 'bob' };
    journal.spend(owner, 2, day);
    journal.spend(bob, 3, day + 5);
    journal.accept(newJob('one', { bytes: 1000 }), day);
    const { user, tenant } = journal.usage(owner, day + 9);
    expect([user.seconds, tenant.seconds]).toEqual([2, 5]);
    expect(user.bytes).toBeGreaterThan(1000);
    expect(tenant.bytes).toBe(user.bytes);
    expect(journal.usage(bob, day + 9).user.bytes).toBe(0);
    expect(journal.usage(owner, 2 * day).user.seconds).toBe(0);
    const before = user.bytes - 1000;
    journal.end('one', { state: 'done', parts: new Map([[0, new Uint8Array(5000)]]) }, day + 10);
    const after = journal.usage(owner, day).user;
    expect(after.bytes - before).toBeGreaterThan(5000);
    // Over, it takes what it has made, and no longer what it might have.
    expect(after.bytes - before).toBeLessThan(5900);
    expect(after.firstEnd).toBe(day + 10);
  });

  test('counts the jobs of an earlier version by what the journal itself holds of them', () => {
    const path = newPath();
    const first = openJournal(path);
    first.recover(0);
    first.accept(newJob('one', { bytes: 0 }), 1);
    first.part('one', 0, new Uint8Array(500));
    const { bytes } = first.usage(owner, 1).user;
    first.close();
    const file = new DatabaseSync(path);
    file.exec(
      'DROP INDEX jobs_kept; DROP INDEX jobs_transient; ' +
        'ALTER TABLE jobs DROP COLUMN transient; ALTER TABLE jobs DROP COLUMN reserved; ' +
        'CREATE INDEX jobs_kept ON jobs (tenant, user, bytes, ended_at); ' +
        'UPDATE jobs SET bytes = bytes + 100000; PRAGMA user_version = 1',
    );
    file.close();
    const second = openJournal(path);
    expect(second.usage(owner, 1).user.bytes).toBe(bytes);
    second.end('one', { state: 'cancelled' }, 2);
    expect(second.usage(owner, 1).user.bytes).toBe(bytes - pack(new Uint8Array(500)).length);
    second.close();
  });

  test('lists every job that is not over, however many have ended since', () => {
    const journal = opened();
    for (const id of ['open1', 'open2']) journal.accept(newJob(id), 1);
    for (let n = 0; n < 110; n++) {
      journal.accept(newJob(`render${n}`), 2 + n);
      journal.end(`render${n}`, { state: 'cancelled' }, 2 + n);
    }
    const ids = journal.list('guild', 100).map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(['open2', 'open1', 'render109']);
    expect(ids).toHaveLength(102);
    expect(new Set(ids).size).toBe(102);
    expect(journal.list('other', 100)).toEqual([]);
  });

  test('of a transient job nothing counts, is listed, or outlives the next start', () => {
    const path = newPath();
    const journal = opened(path);
    const { bytes } = journal.usage(owner, 1).user;
    for (const id of ['old', 'new', 'open']) journal.accept(newJob(id, { transient: true }), 1);
    journal.accept(newJob('kept', { user: 'ann' } as object), 1);
    const one = journal.usage(owner, 1);
    journal.part('old', 0, new Uint8Array(5000));
    journal.end('old', { state: 'done', parts: new Map([[0, new Uint8Array(5000)]]) }, 10);
    journal.end('new', { state: 'cancelled' }, 20);
    expect(journal.usage(owner, 1)).toEqual(one);
    expect(one.user.bytes).toBeGreaterThan(bytes);
    expect(journal.list('guild', 100).map(({ id }) => id)).toEqual(['kept']);
    journal.dropTransient(20);
    const there = () => ['old', 'new', 'open', 'kept'].filter((id) => journal.get(id));
    expect(there()).toEqual(['new', 'open', 'kept']);
    journal.close();
    const again = openJournal(path);
    // One that was not over goes on.
    expect(again.recover(30).jobs.map(({ id }) => id)).toEqual(['open', 'kept']);
    expect(again.get('new')).toBeUndefined();
    again.close();
  });

  test('removes a tenant’s jobs that are over and old, from the files too', () => {
    const path = newPath();
    const journal = opened(path);
    const other = { tenant: 'other', user: 'ann' };
    journal.accept(newJob('old', { request: { of: 'canary-old' } }), 5);
    journal.accept(newJob('open'), 5);
    journal.accept(newJob('young'), 10);
    journal.accept(newJob('theirs', { owner: other }), 5);
    for (const id of ['old', 'young', 'theirs']) journal.end(id, { state: 'cancelled' }, 20);
    expect(journal.forgetBefore('guild', 10)).toBe(1);
    const all = ['old', 'open', 'young', 'theirs'];
    expect(all.filter((id) => journal.get(id))).toEqual(all.slice(1));
    const files = readdirSync(join(path, '..')).map((name) => readFileSync(join(path, '..', name)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((bytes) => bytes.includes('canary-old'))).toEqual([]);
    expect(journal.forgetBefore('guild', 10)).toBe(0);
    journal.close();
  });

  test('refuses a file of a newer version, a damaged one, and one that is in use', () => {
    const path = newPath();
    const first = opened(path);
    expect(() => openJournal(path)).toThrow(/another engine is using it/);
    first.close();
    const sql = new DatabaseSync(path);
    sql.exec('PRAGMA user_version = 99');
    sql.close();
    expect(() => openJournal(path)).toThrow(/newer version \(schema 99\)/);
    const damaged = newPath();
    opened(damaged).close();
    writeFileSync(damaged, Buffer.alloc(8192, 7));
    expect(() => openJournal(damaged)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_UNUSABLE' }),
    );
  });

  test('survives a full disk: nothing is half written, and it recovers', () => {
    const path = newPath();
    opened(path).close();
    let released = 0;
    const database = openDatabase(path, { onFull: () => released++ > 0 });
    const pages = Number(database.sql.prepare('PRAGMA page_count').get()?.page_count);
    database.sql.exec(`PRAGMA max_page_count = ${pages}`);
    const fill = () =>
      database.transact('crash', () => {
        const insert = database.sql.prepare('INSERT INTO tombstones VALUES (?, 1, ?, NULL)');
        for (let i = 0; i < 10; i++) insert.run(`who${i}`, 'x'.repeat(4000));
      });
    const count = () =>
      Number(database.sql.prepare('SELECT count(*) AS n FROM tombstones').get()?.n);
    expect(fill).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(count()).toBe(0);
    expect(released).toBe(1);
    database.sql.exec('PRAGMA max_page_count = 100000');
    fill();
    expect(count()).toBe(10);
    database.close();
  });
});

describe('what is forgotten or swept', () => {
  const secret = 'canary-5f3a9c';
  const state = new TextEncoder().encode(`${secret} `.repeat(2000));
  const found = (path: string) =>
    readdirSync(join(path, '..'))
      .filter((name) => readFileSync(join(path, '..', name)).includes(secret))
      .sort();

  test('is in no file of the folder any more, while the journal is open', () => {
    const path = newPath();
    const journal = opened(path);
    const eve = { tenant: 'guild', user: secret };
    journal.accept(newJob('other'), 1);
    for (const id of ['one', 'two']) {
      journal.accept(newJob(id, { owner: eve, request: { text: secret } }), 1);
      journal.want(id, 'k');
    }
    for (const step of [1, 2, 3]) journal.checkpoint('k', { step, state }, 1);
    journal.part('one', 0, state);
    journal.spend(eve, 5, 1);
    journal.end('two', { state: 'done', parts: new Map([[0, state]]) }, 2);
    expect(found(path)).not.toEqual([]);
    expect(journal.forget(eve, 3)).toEqual(['one']);
    journal.forgotten(eve);
    expect(found(path)).toEqual([]);
    expect(journal.checkpoint('k', { step: 4, state }, 4)).toBe(false);
    expect(journal.part('one', 0, state)).toBe(false);
    expect(journal.end('one', { state: 'done', parts: new Map([[0, state]]) }, 4)).toBe(false);
    expect(found(path)).toEqual([]);
    expect([journal.isForgotten(eve, 3), journal.isForgotten(eve, 4)]).toEqual([true, false]);
    expect(journal.get('other')?.state).toBe('waiting');
    // What was spent today is spent, whoever it was.
    expect(journal.usage(eve, 1).user.seconds).toBe(5);
  });

  test('is named at the next start where forgetting was cut short', () => {
    const path = newPath();
    const journal = opened(path);
    journal.forget(owner, 3);
    journal.close();
    const next = openJournal(path);
    expect(next.recover(4).forgetting).toEqual([owner]);
    next.forgotten(owner);
    next.close();
    expect(openJournal(path).recover(5).forgetting).toEqual([]);
  });

  test('goes by age, and never while it is not over', () => {
    const path = newPath();
    const journal = opened(path);
    for (const id of ['old', 'new', 'open']) journal.accept(newJob(id, { request: { id } }), 1);
    journal.end('old', { state: 'done', parts: new Map([[0, state]]) }, 10);
    journal.end('new', { state: 'done', parts: new Map() }, 20);
    expect(found(path)).not.toEqual([]);
    expect(journal.sweep(15)).toEqual(['old']);
    expect(found(path)).toEqual([]);
    expect(journal.list('guild', 10).map(({ id }) => id)).toEqual(['open', 'new']);
  });
});
