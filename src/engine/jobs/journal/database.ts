import type { DatabaseSync } from 'node:sqlite';
import { LikewiseError } from '../../../errors.ts';
import { openSqlite, type SqliteFile } from '../../../sqlite.ts';
import { migrate } from './schema.ts';

/** How sure a transaction is: `power` survives a loss of power too, and waits for the disk (4 ms). */
export type Durability = 'crash' | 'power';

/** A SQLite file that one process has to itself. */
export interface Database {
  readonly sql: DatabaseSync;
  /**
   * Runs `body` as one transaction.
   * @throws LikewiseError `DISK_FULL`; then nothing was changed
   */
  transact<T>(durability: Durability, body: () => T): T;
  /**
   * Overwrites what was deleted in the files themselves.
   * @throws LikewiseError `DISK_FULL`: it takes as much room again as the file
   */
  scrub(): void;
  close(): void;
}

export interface DatabaseOptions {
  /** Frees the room that is held in reserve. @returns whether there was any */
  readonly onFull?: () => boolean;
}

/**
 * Opens a file, or begins it.
 *
 * @param path `:memory:` for a database that ends with the process
 * @throws LikewiseError `JOURNAL_UNUSABLE`: damaged, of a newer version, unwritable, or in use
 */
export function openDatabase(path: string, { onFull }: DatabaseOptions = {}): Database {
  let file: SqliteFile | undefined;
  try {
    // Exclusive: a second engine on the same file would run every job twice.
    file = openSqlite(path, { durability: 'crash', exclusive: true });
    const check = file.sql.prepare('PRAGMA quick_check').get();
    if (check?.quick_check !== 'ok') throw new Error(String(check?.quick_check));
    migrate(file.sql);
  } catch (cause) {
    file?.close();
    const busy = codeOf(cause) === 5;
    const reason = busy ? 'another engine is using it' : (cause as Error).message;
    throw new LikewiseError('JOURNAL_UNUSABLE', { path, reason }, { cause });
  }
  return databaseOf(file, onFull);
}

function databaseOf(file: SqliteFile, onFull?: () => boolean): Database {
  const { sql } = file;
  const attempt = <T>(durability: Durability, body: () => T): T => {
    if (durability === 'power') sql.exec('PRAGMA synchronous = FULL');
    try {
      return file.transaction(body);
    } finally {
      if (durability === 'power' && sql.isOpen) sql.exec('PRAGMA synchronous = NORMAL');
    }
  };
  /** Where there is no room, tries again with that which is held in reserve. */
  const withReserve = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (codeOf(error) !== 13) throw error;
      try {
        if (onFull?.()) return run();
      } catch (again) {
        if (codeOf(again) !== 13) throw again;
      }
      throw new LikewiseError('DISK_FULL', { retrySeconds: 60 }, { cause: error });
    }
  };
  return {
    sql,
    transact: (durability, body) => withReserve(() => attempt(durability, body)),
    // Rows are small, and names are in indices: padding would not do.
    scrub: () => withReserve(() => file.scrub({ anew: true })),
    close: file.close,
  };
}

/** SQLite's own number of an error: 5 is BUSY, 13 is FULL. */
function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
