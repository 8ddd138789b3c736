import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KeyvStoreAdapter } from 'keyv';

interface Stored {
  value: Uint8Array;
  expires: number | undefined;
}

/**
 * A Keyv store in one SQLite file, by Node's own `node:sqlite`: values stay raw bytes. Use it with
 * `serialize` and `deserialize` undefined, so that Keyv hands over `{ value, expires }` as it is.
 *
 * Calls are synchronous and short (an entry is at most some hundred kilobytes). Write-ahead logging
 * lets several processes share a file; a crash loses at most the last entry, never the file.
 */
export function sqliteStore(path: string): KeyvStoreAdapter {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000',
  );
  database.exec(
    'CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER)',
  );
  const select = database.prepare('SELECT value, expires FROM entries WHERE key = ?');
  const upsert = database.prepare(
    'INSERT INTO entries (key, value, expires) VALUES (?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires',
  );
  const remove = database.prepare('DELETE FROM entries WHERE key = ?');
  const list = database.prepare('SELECT key, value, expires FROM entries ORDER BY key');

  const store = {
    // Keyv asks these two before it believes that a store can be iterated.
    opts: { dialect: 'sqlite', url: `sqlite://${path}` },
    namespace: undefined as string | undefined,

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
      database.exec('DELETE FROM entries');
    },

    async *iterator() {
      for (const row of list.all()) yield [String(row.key), toStored(row)];
    },

    async disconnect(): Promise<void> {
      if (database.isOpen) database.close();
    },
  };
  return Object.assign(new EventEmitter(), store) as unknown as KeyvStoreAdapter;
}

function toStored(row: Record<string, unknown> | undefined): Stored | undefined {
  if (!row) return undefined;
  const expires = row.expires === null ? undefined : Number(row.expires);
  return { value: row.value as Uint8Array, expires };
}
