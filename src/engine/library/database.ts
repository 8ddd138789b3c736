import { createHash } from 'node:crypto';
import { openSqlite } from '../../sqlite.ts';

/** One named analogy as it lies in the file. */
export interface LibraryRow {
  /** Digests: of the tenant, of the tenant and the id, of the tenant and the folded name. */
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  /** What lists show, and what is applied; packed. */
  readonly about: Uint8Array;
  readonly stored: Uint8Array;
}

/** The library's table. Which row is wanted is said by digests. */
export interface LibraryTable {
  insert(row: LibraryRow): void;
  update(id: string, row: Pick<LibraryRow, 'name' | 'about'>): void;
  delete(id: string): void;
  byName(name: string): LibraryRow | undefined;
  byId(id: string): LibraryRow | undefined;
  /** What lists show, of all of a tenant, in no particular order. */
  abouts(tenant: string): Pick<LibraryRow, 'id' | 'about'>[];
  /** All or nothing. */
  transaction<Result>(change: () => Result): Result;
  /**
   * Makes sure that what was removed or replaced is in no file any more.
   * @throws Error while another process reads the file and does not stop within seconds
   */
  scrub(): void;
  close(): void;
}

/**
 * Opens the library's file, or makes it: `node:sqlite`, every change on the disk when a call returns.
 *
 * What tenants and users wrote must not outlive its row: it lies behind the padding, and what lies
 * before it, and in the indices, are digests.
 */
export function openTable(path: string): LibraryTable {
  const file = openSqlite(path, { durability: 'power' });
  const { sql: database, padding } = file;
  database.exec(
    'CREATE TABLE IF NOT EXISTS analogies (id TEXT PRIMARY KEY, tenant TEXT NOT NULL, ' +
      `name TEXT NOT NULL UNIQUE, ${padding}, about BLOB NOT NULL, stored BLOB NOT NULL); ` +
      'CREATE INDEX IF NOT EXISTS analogies_of_tenant ON analogies (tenant)',
  );
  const columns = 'SELECT id, tenant, name, about, stored FROM analogies';
  const insert = database.prepare(
    'INSERT INTO analogies (id, tenant, name, about, stored) VALUES (?, ?, ?, ?, ?)',
  );
  const update = database.prepare('UPDATE analogies SET name = ?, about = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM analogies WHERE id = ?');
  const byName = database.prepare(`${columns} WHERE name = ?`);
  const byId = database.prepare(`${columns} WHERE id = ?`);
  const abouts = database.prepare('SELECT id, about FROM analogies WHERE tenant = ?');

  return {
    insert(row) {
      insert.run(row.id, row.tenant, row.name, row.about, row.stored);
    },
    update(id, { name, about }) {
      update.run(name, about, id);
    },
    delete(id) {
      remove.run(id);
    },
    byName: (name) => byName.get(name) as LibraryRow | undefined,
    byId: (id) => byId.get(id) as LibraryRow | undefined,
    abouts: (tenant) => abouts.all(tenant) as unknown as Pick<LibraryRow, 'id' | 'about'>[],
    transaction: file.transaction,
    scrub: () => file.scrub(),
    close: file.close,
  };
}

/** Names a thing by what it is, without showing it. */
export function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
