import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LikewiseError } from '../../../errors.ts';
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
  /** Overwrites what was deleted in the files themselves. */
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
  let sql: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    sql = new DatabaseSync(path);
    // Exclusive: a second engine on the same file would run every job twice. The system releases the
    // lock of a process that is killed.
    sql.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ' +
        'PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE; COMMIT',
    );
    const check = sql.prepare('PRAGMA quick_check').get();
    if (check?.quick_check !== 'ok') throw new Error(String(check?.quick_check));
    migrate(sql);
  } catch (cause) {
    sql?.close();
    const busy = codeOf(cause) === 5;
    const reason = busy ? 'another engine is using it' : (cause as Error).message;
    throw new LikewiseError('JOURNAL_UNUSABLE', { path, reason }, { cause });
  }
  return databaseOf(sql, onFull);
}

function databaseOf(sql: DatabaseSync, onFull?: () => boolean): Database {
  const attempt = <T>(durability: Durability, body: () => T): T => {
    if (durability === 'power') sql.exec('PRAGMA synchronous = FULL');
    try {
      sql.exec('BEGIN IMMEDIATE');
      const value = body();
      sql.exec('COMMIT');
      return value;
    } catch (error) {
      if (sql.isOpen && sql.isTransaction) sql.exec('ROLLBACK');
      throw error;
    } finally {
      if (durability === 'power' && sql.isOpen) sql.exec('PRAGMA synchronous = NORMAL');
    }
  };
  return {
    sql,
    transact(durability, body) {
      try {
        return attempt(durability, body);
      } catch (error) {
        if (codeOf(error) !== 13) throw error;
        try {
          if (onFull?.()) return attempt(durability, body);
        } catch (again) {
          if (codeOf(again) !== 13) throw again;
        }
        throw new LikewiseError('DISK_FULL', { retrySeconds: 60 }, { cause: error });
      }
    },
    scrub() {
      // The pages are overwritten by secure_delete; older copies of them are in the write-ahead log.
      sql.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close() {
      if (sql.isOpen) sql.close();
    },
  };
}

/** SQLite's own number of an error: 5 is BUSY, 13 is FULL. */
function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
