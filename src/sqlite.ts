import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface SqliteOptions {
  /** What a transaction survives once it is done: a crash of the process, or a loss of power too. */
  readonly durability: 'crash' | 'power';
  /** Nobody else may open the file as long as this one has it open. @default false */
  readonly exclusive?: boolean;
}

/** A SQLite file that can be made to hold nothing of what was removed from it. */
export interface SqliteFile {
  readonly sql: DatabaseSync;
  /**
   * A column that goes before large values in a row and keeps them off the pages that rows are moved
   * between: with it, `scrub` need not write the file anew.
   */
  readonly padding: string;
  /** All or nothing. */
  transaction<Result>(body: () => Result): Result;
  /**
   * Makes sure that nothing that was removed or replaced is left in the file or its log.
   * @param anew write the whole file anew, which files without `padding` need
   * @throws Error while another process reads the file and does not stop within seconds
   */
  scrub(options?: { readonly anew?: boolean }): void;
  /** Calling it twice does nothing. */
  close(): void;
}

/**
 * Opens a file, or makes it, with the folders above it: `node:sqlite`, write-ahead logging. What it
 * makes is for its owner alone (0700 and 0600); what was there stays as open as it was.
 *
 * Removed bytes: `secure_delete` zeroes a removed row and every page that it frees, but a row that
 * SQLite moved to another page to balance its tree may have left a copy in the gap of the first. Two
 * ways lead out. Either the file is written anew. Or each large value has a page of zeros before it in
 * its row: by the file format the beginning of a row is what lies in the tree, and the rest is in
 * overflow pages, which never move and are zeroed. In both, older copies of pages are in the log until
 * it is truncated.
 *
 * @param path `:memory:` for one that ends with the process
 * @throws Error where it cannot be used
 */
export function openSqlite(path: string, options: SqliteOptions): SqliteFile {
  const { durability, exclusive = false } = options;
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite would let others read it; its log and index take after the file.
    closeSync(openSync(path, 'a', 0o600));
  }
  const sql = new DatabaseSync(path);
  try {
    // The system releases the lock of a process that is killed.
    if (exclusive) sql.exec('PRAGMA locking_mode = EXCLUSIVE');
    else sql.exec('PRAGMA busy_timeout = 5000');
    const synchronous = durability === 'power' ? 'FULL' : 'NORMAL';
    sql.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; ` +
        'PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON',
    );
    // An exclusive lock is taken with the first change.
    if (exclusive) sql.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    sql.close();
    throw error;
  }
  const page = Number(sql.prepare('PRAGMA page_size').get()?.page_size);
  return {
    sql,
    padding: `padding BLOB NOT NULL DEFAULT (zeroblob(${page}))`,
    transaction(body) {
      sql.exec('BEGIN IMMEDIATE');
      try {
        const result = body();
        sql.exec('COMMIT');
        return result;
      } catch (error) {
        if (sql.isOpen && sql.isTransaction) sql.exec('ROLLBACK');
        throw error;
      }
    },
    scrub({ anew = false } = {}) {
      if (anew) sql.exec('VACUUM');
      // The log holds pages as they were; a reader of another process may still need them.
      const { busy } = sql.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
      if (busy !== 0) throw new Error(`${path} is being read by another process`);
    },
    close() {
      if (sql.isOpen) sql.close();
    },
  };
}
