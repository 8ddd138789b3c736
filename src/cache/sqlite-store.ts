import { EventEmitter } from 'node:events';
import type { DatabaseSync } from 'node:sqlite';
import type { KeyvStoreAdapter } from 'keyv';
import { openSqlite } from '../sqlite.ts';

interface Stored {
  value: Uint8Array | string;
  expires: number | undefined;
}

export interface SqliteStore extends KeyvStoreAdapter {
  /** The file's connection, for what is beyond Keyv. */
  readonly database: DatabaseSync;
  /** All keys, without reading a value. */
  keys(): Promise<string[]>;
  /**
   * Makes sure that nothing that was removed is left in the file or its log.
   * @throws Error while another process reads the file and does not stop within seconds
   */
  scrub(): void;
}

export interface SqliteStoreOptions {
  /**
   * What the file holds. `large` values are kept off the pages that SQLite moves rows between;
   * `small` ones lie in them, and `scrub` writes the whole file anew.
   */
  values: 'large' | 'small';
  /** What a write survives once it is done. @default 'crash' */
  durability?: 'crash' | 'power';
}

/**
 * A Keyv store in one SQLite file, by Node's own `node:sqlite`: values stay raw bytes. Use it with
 * `serialize` and `deserialize` undefined, so that Keyv hands over `{ value, expires }` as it is.
 *
 * Calls are synchronous and short (an entry is at most some hundred kilobytes). Write-ahead logging
 * lets several processes share a file; a crash loses at most the last entry, never the file.
 */
export function sqliteStore(
  path: string,
  { values, durability = 'crash' }: SqliteStoreOptions,
): SqliteStore {
  const file = openSqlite(path, { durability });
  const { sql: database } = file;
  database.exec(
    'CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, ' +
      `${values === 'large' ? `${file.padding}, ` : ''}value BLOB NOT NULL, expires INTEGER)`,
  );
  const select = database.prepare('SELECT value, expires FROM records WHERE key = ?');
  const upsert = database.prepare(
    'INSERT INTO records (key, value, expires) VALUES (?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires',
  );
  const remove = database.prepare('DELETE FROM records WHERE key = ?');
  const names = database.prepare('SELECT key FROM records ORDER BY key');
  // Page by page, so that neither all of it is in memory nor a reader holds up the log.
  const list = database.prepare(
    'SELECT key, value, expires FROM records WHERE key > ? ORDER BY key LIMIT 500',
  );

  const store = {
    // Keyv asks for these before it believes that a store can be iterated.
    opts: { dialect: 'sqlite', url: `sqlite://${path}` },
    namespace: undefined as string | undefined,
    database,

    async get(key: string): Promise<Stored | undefined> {
      return toStored(select.get(key));
    },

    async set(key: string, stored: Stored): Promise<boolean> {
      upsert.run(key, stored.value, stored.expires ?? null);
      return true;
    },

    async delete(key: string): Promise<boolean> {
      return remove.run(key).changes > 0;
    },

    async clear(): Promise<void> {
      database.exec('DELETE FROM records');
    },

    async keys(): Promise<string[]> {
      return names.all().map((row) => String(row.key));
    },

    async *iterator() {
      for (let last = ''; ; ) {
        const rows = list.all(last);
        for (const row of rows) yield [String(row.key), toStored(row)];
        if (rows.length === 0) return;
        last = String(rows.at(-1)?.key);
      }
    },

    scrub(): void {
      file.scrub({ anew: values === 'small' });
    },

    async disconnect(): Promise<void> {
      file.close();
    },
  };
  return Object.assign(new EventEmitter(), store) as unknown as SqliteStore;
}

function toStored(row: Record<string, unknown> | undefined): Stored | undefined {
  if (!row) return undefined;
  const expires = row.expires === null ? undefined : Number(row.expires);
  return { value: row.value as Stored['value'], expires };
}
