import { join } from 'node:path';
import { Keyv } from 'keyv';
import type { Row } from './catalogue.ts';
import { unpack } from './codec.ts';
import { kindOf } from './keys.ts';
import { idOf, keyvCache } from './keyv-cache.ts';
import { type Cache, type CacheOptions, nobody } from './port.ts';
import { type SqliteStore, sqliteStore } from './sqlite-store.ts';

/** Raw values: these stores keep bytes as bytes. */
export function rawKeyv<Value>(store: unknown): Keyv<Value> {
  const keyv = new Keyv<Value>({
    store,
    // Keyv's type wants them absent, its code wants them present and undefined.
    ...({ serialize: undefined, deserialize: undefined } as object),
    useKeyPrefix: false,
    throwOnErrors: true,
  });
  // Errors are thrown as well; without a listener Keyv would throw them a second time.
  keyv.on('error', () => {});
  return keyv;
}

/**
 * The cache in a folder: values in `cache.sqlite`, what is known of them in `catalogue.sqlite`, made
 * where they are not there. Several processes may have one folder open.
 * @throws Error where the folder or its files cannot be used
 */
export function openCache(dir: string, options: CacheOptions = {}): Cache {
  const durability = options.durable ? 'power' : 'crash';
  const values = sqliteStore(join(dir, 'cache.sqlite'), { values: 'large', durability });
  const catalogue = sqliteStore(join(dir, 'catalogue.sqlite'), { values: 'small', durability });
  takeOver(values, catalogue, (options.now ?? Date.now)());
  return keyvCache(
    {
      values: rawKeyv(values),
      catalogue: rawKeyv(catalogue),
      listValues: () => values.keys(),
      scrub() {
        values.scrub();
        catalogue.scrub();
      },
    },
    options,
  );
}

/**
 * Moves what an earlier version kept, in a table `entries` by key, to where it is now kept: it counts
 * as stored and used now, by nobody in particular. What is damaged or unknown stays behind.
 */
function takeOver(values: SqliteStore, catalogue: SqliteStore, now: number): void {
  const { database } = values;
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'entries'");
  if (!table.get()) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have done it meanwhile.
    if (table.get()) {
      const list = database.prepare(
        'SELECT key, value FROM entries WHERE key > ? ORDER BY key LIMIT 100',
      );
      const keep = database.prepare('INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)');
      const note = catalogue.database.prepare(
        'INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)',
      );
      catalogue.database.exec('BEGIN');
      for (let rows = list.all(''); rows.length > 0; rows = list.all(rows.at(-1)?.key as string)) {
        for (const { key, value } of rows as { key: string; value: Uint8Array }[]) {
          if (!isRecord(key, value)) continue;
          const { length: bytes } = value;
          const row: Row = { key, owners: [nobody], bytes, created: now, used: now };
          note.run(idOf(key), JSON.stringify(row));
          keep.run(idOf(key), value);
        }
      }
      catalogue.database.exec('COMMIT');
      database.exec('DROP TABLE entries');
    }
    database.exec('COMMIT');
  } catch (error) {
    if (catalogue.database.isTransaction) catalogue.database.exec('ROLLBACK');
    database.exec('ROLLBACK');
    throw error;
  }
}

function isRecord(key: string, value: Uint8Array): boolean {
  try {
    kindOf(key);
    unpack(value);
    return true;
  } catch {
    return false;
  }
}
