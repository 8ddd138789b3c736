import type { Log, ProblemView, ProgressView, ResultView, View } from '../../commands/port.ts';
import { openSqlite } from '../../sqlite.ts';

/** One answer of the conversation. The views that come for it replace each other. */
export interface Message {
  readonly id: string;
  /** Grows with each change: what is heard of a message may come out of order. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What was asked, in a few words. */
  readonly title: string;
  /** Small versions of what was put in, by role: `data:` addresses that the page made; for some days. */
  readonly look: Readonly<Record<string, string>>;
  /** What it shows: the last result, or how it ended without one. */
  readonly view?: Extract<View, { kind: 'result' | 'cancelled' | 'problem' }> | undefined;
  /** The last result with several cells, out of which one may have been picked. */
  readonly cells?: ResultView | undefined;
  /** What is being made for it. */
  readonly progress?: ProgressView | undefined;
  /** Why the last wish of its reader was not fulfilled; the result is still there. */
  readonly problem?: ProblemView | undefined;
}

/** The conversations of all visitors: what a chat platform would keep. */
export interface Messages {
  /** The oldest first. */
  list(tenant: string): Message[];
  get(tenant: string, id: string): Message | undefined;
  put(tenant: string, message: Message): void;
  /** Removes a conversation so that nothing of it is left in the file. */
  forget(tenant: string): void;
  close(): void;
}

/** For how many days something is kept, whoever it belongs to and whether they come again. */
export interface Kept {
  /** The small pictures of a message. @default 7 */
  readonly looks?: number | undefined;
  /** The whole message. @default 30 */
  readonly messages?: number | undefined;
}

export interface MessagesOptions {
  readonly days?: Kept | undefined;
  readonly log?: Log | undefined;
}

/** Most messages of one visitor: beyond them the oldest go. */
const most = 200;
const msPerHour = 3_600_000;

/**
 * What is too old goes when the file is opened, and every hour.
 * @param path of a SQLite file; `:memory:` for conversations that end with the process
 */
export function openMessages(path: string, options: MessagesOptions = {}): Messages {
  const { looks: lookDays = 7, messages: messageDays = 30 } = options.days ?? {};
  const file = openSqlite(path, { durability: 'crash' });
  const { sql } = file;
  sql.exec(
    `CREATE TABLE IF NOT EXISTS messages (tenant TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL,
     ${file.padding}, body TEXT NOT NULL, PRIMARY KEY (tenant, id))`,
  );
  const parse = (row: Record<string, unknown>) => JSON.parse(String(row.body)) as Message;
  const all = sql.prepare('SELECT body FROM messages WHERE tenant = ? ORDER BY at, rowid');
  const one = sql.prepare('SELECT body FROM messages WHERE tenant = ? AND id = ?');
  const insert = sql.prepare(
    `INSERT INTO messages (tenant, id, at, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (tenant, id) DO UPDATE SET body = excluded.body`,
  );
  const trim = sql.prepare(
    `DELETE FROM messages WHERE tenant = ?1 AND id NOT IN
     (SELECT id FROM messages WHERE tenant = ?1 ORDER BY at DESC, rowid DESC LIMIT ${most})`,
  );
  const remove = sql.prepare('DELETE FROM messages WHERE tenant = ?');
  const removeOld = sql.prepare('DELETE FROM messages WHERE at < ?');
  const bare = sql.prepare(
    `UPDATE messages SET body = json_set(body, '$.look', json('{}'))
     WHERE at < ? AND json_extract(body, '$.look') <> '{}'`,
  );
  // What went before this process may still be in the log of the file.
  let isScrubbed = false;
  const sweep = () => {
    const before = (days: number) => Date.now() - days * 24 * msPerHour;
    try {
      const { changes: gone } = removeOld.run(before(messageDays));
      const { changes: bared } = bare.run(before(lookDays));
      if (Number(gone) + Number(bared) > 0) isScrubbed = false;
      if (!isScrubbed) file.scrub();
      isScrubbed = true;
    } catch (error) {
      // A full disk, say; in an hour it is tried again.
      options.log?.({ error }, 'what is old was not removed from the conversations');
    }
  };
  sweep();
  const timer = setInterval(sweep, msPerHour).unref();
  return {
    list: (tenant) => all.all(tenant).map(parse),
    get(tenant, id) {
      const row = one.get(tenant, id);
      return row && parse(row);
    },
    put(tenant, message) {
      insert.run(tenant, message.id, message.at, JSON.stringify(message));
      trim.run(tenant);
    },
    forget(tenant) {
      remove.run(tenant);
      file.scrub();
    },
    close() {
      clearInterval(timer);
      file.close();
    },
  };
}
