import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../src/sqlite.ts';
import { holding } from './traces.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(dir, `folder-${++count}`);

describe('a SQLite file', () => {
  test('does all of a transaction or nothing', () => {
    const file = openSqlite(':memory:', { durability: 'crash' });
    file.sql.exec('CREATE TABLE t (x)');
    const change = () =>
      file.transaction(() => {
        file.sql.exec('INSERT INTO t VALUES (1)');
        throw new Error('no');
      });
    expect(change).toThrow('no');
    expect(file.sql.prepare('SELECT count(*) AS n FROM t').get()?.n).toBe(0);
    expect(file.transaction(() => 7)).toBe(7);
    file.close();
    file.close();
  });

  test('opened exclusively, is nobody else’s', () => {
    const path = join(fresh(), 'a.sqlite');
    const file = openSqlite(path, { durability: 'power', exclusive: true });
    expect(() => openSqlite(path, { durability: 'crash', exclusive: true })).toThrow('locked');
    file.close();
    openSqlite(path, { durability: 'crash', exclusive: true }).close();
  });

  test.each([true, false])('holds nothing of what was removed (anew: %s)', (anew) => {
    const folder = fresh();
    const file = openSqlite(join(folder, 'a.sqlite'), { durability: 'crash' });
    const { sql, padding } = file;
    sql.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${anew ? '' : `${padding}, `}x BLOB)`);
    const insert = sql.prepare('INSERT INTO t (x) VALUES (?)');
    for (let i = 0; i < 200; i++) insert.run(`canary-${i % 2} ${'x'.repeat((37 * i) % 300)}`);
    sql.exec("DELETE FROM t WHERE x LIKE 'canary-1%'");
    file.scrub({ anew });
    expect(holding(folder, ['canary-1'])).toEqual([]);
    expect(holding(folder, ['canary-0'])).toEqual(['a.sqlite']);
    file.close();
  });
});
