import type { Database } from './database.ts';
import type { Checkpoint, Journal } from './port.ts';
import { checkpointOf, packCheckpoint } from './records.ts';

type Calls = Pick<Journal, 'want' | 'checkpoint' | 'checkpoints' | 'settle'>;

export interface Checkpoints {
  readonly calls: Calls;
  /** The job waits for no key any more. */
  release(job: string): void;
  /** Removes checkpoints that no job waits for. */
  dropUnwanted(): void;
}

/** Generations kept of a key's state: a damaged one falls back to the one before. */
const generations = 2;

/** States of inversions: by key, since several jobs may wait for one. */
export function createCheckpoints(
  { sql, transact }: Database,
  isOpen: (job: string) => boolean,
): Checkpoints {
  const statements = {
    want: sql.prepare('INSERT OR IGNORE INTO wants (job, key) VALUES (?, ?)'),
    isWanted: sql.prepare('SELECT 1 FROM wants WHERE key = ?'),
    unwant: sql.prepare('DELETE FROM wants WHERE key = ?'),
    release: sql.prepare('DELETE FROM wants WHERE job = ?'),
    newest: sql.prepare(
      'SELECT max(generation) AS generation, max(step) AS step FROM checkpoints WHERE key = ?',
    ),
    all: sql.prepare('SELECT state FROM checkpoints WHERE key = ? ORDER BY generation DESC'),
    insert: sql.prepare(
      'INSERT INTO checkpoints (key, generation, step, saved_at, state) VALUES (?, ?, ?, ?, ?)',
    ),
    dropOld: sql.prepare('DELETE FROM checkpoints WHERE key = ? AND generation <= ?'),
    drop: sql.prepare('DELETE FROM checkpoints WHERE key = ?'),
    dropUnwanted: sql.prepare('DELETE FROM checkpoints WHERE key NOT IN (SELECT key FROM wants)'),
    progressed: sql.prepare(
      'UPDATE jobs SET crashes = 0 WHERE crashes > 0 AND id IN (SELECT job FROM wants WHERE key = ?)',
    ),
  };
  const dropUnwanted = () => void statements.dropUnwanted.run();

  const save = (key: string, checkpoint: Checkpoint, now: number): boolean => {
    if (!statements.isWanted.get(key)) return false;
    const { generation, step } = statements.newest.get(key) as Record<string, number | null>;
    const next = (generation ?? 0) + 1;
    // Further than ever: the job was not stuck where it crashed.
    if (checkpoint.step > (step ?? 0)) statements.progressed.run(key);
    statements.insert.run(key, next, checkpoint.step, now, packCheckpoint(checkpoint));
    statements.dropOld.run(key, next - generations);
    return true;
  };

  return {
    calls: {
      want: (id, key) =>
        transact('crash', () => {
          if (!isOpen(id)) return false;
          statements.want.run(id, key);
          return true;
        }),
      checkpoint: (key, checkpoint, now) => transact('crash', () => save(key, checkpoint, now)),
      checkpoints: (key) =>
        statements.all
          .all(key)
          .map(({ state }) => checkpointOf(state as Uint8Array))
          .filter((checkpoint) => checkpoint !== undefined),
      settle: (key) =>
        transact('crash', () => {
          statements.unwant.run(key);
          statements.drop.run(key);
        }),
    },
    release(job) {
      statements.release.run(job);
      dropUnwanted();
    },
    dropUnwanted,
  };
}
