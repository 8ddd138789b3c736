import type { DatabaseSync } from 'node:sqlite';

/** Raised with every change of the tables; `migrations` says how to get there. */
const migrations: readonly string[] = [
  `
  CREATE TABLE jobs (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    user TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    tasks BLOB NOT NULL,
    request BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    ended_at INTEGER,
    crashes INTEGER NOT NULL DEFAULT 0,
    reached INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    UNIQUE (tenant, user, key),
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running'))),
    CHECK ((problem IS NULL) = (state <> 'failed'))
  ) STRICT;
  CREATE INDEX jobs_by_end ON jobs (ended_at);
  CREATE INDEX jobs_kept ON jobs (tenant, user, bytes, ended_at);

  CREATE TABLE parts (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (job, task)
  ) STRICT;

  CREATE TABLE wants (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    PRIMARY KEY (job, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX wants_by_key ON wants (key);

  CREATE TABLE checkpoints (
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    step INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (key, generation)
  ) STRICT;

  CREATE TABLE spent (
    who TEXT NOT NULL,
    day INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (who, day)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tombstones (
    who TEXT PRIMARY KEY,
    forgotten_at INTEGER NOT NULL,
    tenant TEXT,
    user TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE engine (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run INTEGER NOT NULL,
    on_device TEXT
  ) STRICT;
  INSERT INTO engine VALUES (1, 0, NULL);
  `,
  // What is kept elsewhere was counted with each job, and is now counted where it is kept.
  `
  ALTER TABLE jobs ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
  UPDATE jobs SET bytes = length(tasks) + length(request) +
    (SELECT coalesce(sum(length(value)), 0) FROM parts WHERE job = id);
  DROP INDEX jobs_kept;
  CREATE INDEX jobs_kept ON jobs (tenant, user, bytes, reserved, ended_at);
  `,
  // Of positions of a slider nothing is kept.
  `
  ALTER TABLE jobs ADD COLUMN transient INTEGER NOT NULL DEFAULT 0;
  DROP INDEX jobs_kept;
  CREATE INDEX jobs_kept ON jobs (tenant, user, transient, bytes, reserved, ended_at);
  CREATE INDEX jobs_transient ON jobs (ended_at) WHERE transient = 1;
  `,
];

/**
 * Brings the tables up to date.
 * @throws RangeError for a file of a newer version
 */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version > migrations.length) {
    throw new RangeError(`it was written by a newer version (schema ${version})`);
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN; ${statements} PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
