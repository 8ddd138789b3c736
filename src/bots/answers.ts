import { openSqlite } from '../sqlite.ts';

/** An answer of a bot: what has to be known of it after a restart. Platforms add how they reach it. */
export interface Answer {
  /** The interaction that it answers. */
  readonly interaction: string;
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly locale: string;
  /** Where its message is. */
  readonly channel: string;
  readonly message?: string | undefined;
  /** Whether only whoever asked sees it. */
  readonly private: boolean;
  /** Whether its pictures are hidden until they are clicked, where whoever asked wants it so. */
  readonly spoiler?: boolean | undefined;
  readonly job?: string | undefined;
  /** Whether its job is over and told. */
  readonly told: boolean;
}

/** Answers, across restarts. Nobody but its owner may read the file: it may hold a platform's tokens. */
export interface Answers<Kept extends Answer = Answer> {
  /** Does nothing for one that was erased: whoever still tells of it does not know that. */
  put(answer: Kept): void;
  /** Those whose jobs have not been told to their end, oldest first. */
  open(): Kept[];
  /** @param channel where messages are named within their channel only */
  byMessage(message: string, channel?: string): Kept | undefined;
  /** Where the result of a job is seen by all. */
  ofJob(tenant: string, job: string): Kept | undefined;
  /**
   * From now on nothing finds those of a user in one tenant but `doomed`, until `erase`: what was posted
   * for them is deleted first, also after a restart in the middle of it.
   * @returns them, oldest first
   */
  doom(tenant: string, user: string): Kept[];
  /** All that were doomed and are not erased yet, oldest first. */
  doomed(): Kept[];
  /** Removes those, and leaves no byte of them. */
  erase(interactions: readonly string[]): void;
  /** Removes one, but none that is doomed: whoever tells of it does not know what is still posted. */
  delete(interaction: string): void;
  close(): void;
}

/** One answer while it is told: what changes is kept once there is something to find again. */
export interface Entry<Kept extends Answer = Answer> {
  readonly record: Kept;
  change(more: Partial<Kept>): void;
}

/** @param isKept whether there is something to find again @default once there is a job to tell of */
export function entryOf<Kept extends Answer>(
  answers: Pick<Answers<Kept>, 'put'>,
  start: Kept,
  isKept: (answer: Kept) => boolean = ({ job }) => job !== undefined,
): Entry<Kept> {
  let record = start;
  return {
    get record() {
      return record;
    },
    change(more) {
      record = { ...record, ...more };
      if (isKept(record)) answers.put(record);
    },
  };
}

/** Days for which an answer is known: buttons work for longer, since they say all that they need. */
const keptDays = 60;

/** In place of 0 or 1 in the column `told`: what was posted for it is to be deleted. */
const doomedMark = 2;

/** Erased ones that are known, the latest: whatever told of one before has ended long since. */
const mostErased = 10_000;

export interface AnswersOptions<Kept extends Answer> {
  /** `:memory:` for one that ends with the process. */
  readonly path: string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** What is kept of an answer that was told to its end, unless it is doomed. @default all of it */
  readonly told?: (answer: Kept) => Kept;
}

export function openAnswers<Kept extends Answer>(options: AnswersOptions<Kept>): Answers<Kept> {
  const { path, now = Date.now, told: toldOf = (answer) => answer } = options;
  const { sql, close, scrub } = openSqlite(path, { durability: 'crash' });
  sql.exec(`CREATE TABLE IF NOT EXISTS answers (
    interaction TEXT PRIMARY KEY, at INTEGER NOT NULL, tenant TEXT NOT NULL, user TEXT NOT NULL,
    message TEXT, job TEXT, told INTEGER NOT NULL, value TEXT NOT NULL)`);
  sql.exec('CREATE INDEX IF NOT EXISTS by_message ON answers (message)');
  sql.exec('CREATE INDEX IF NOT EXISTS by_job ON answers (tenant, job)');
  sql.exec('CREATE INDEX IF NOT EXISTS by_user ON answers (tenant, user)');
  sql.prepare('DELETE FROM answers WHERE at < ?').run(now() - keptDays * 86_400_000);
  const write = sql.prepare(
    `INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (interaction) DO UPDATE SET
     message = excluded.message, job = excluded.job, value = excluded.value,
     told = CASE told WHEN ${doomedMark} THEN told ELSE excluded.told END`,
  );
  const all = (where: string) =>
    sql.prepare(`SELECT value FROM answers WHERE ${where} ORDER BY at`);
  const open = all('told = 0');
  const byMessage = all(`message = ? AND told <> ${doomedMark}`);
  const byJob = all('tenant = ? AND job = ? AND told = 1');
  const byUser = all('tenant = ? AND user = ?');
  const doomed = all(`told = ${doomedMark}`);
  const doomUser = sql.prepare(
    `UPDATE answers SET told = ${doomedMark} WHERE tenant = ? AND user = ?`,
  );
  const eraseOne = sql.prepare('DELETE FROM answers WHERE interaction = ?');
  const remove = sql.prepare(`DELETE FROM answers WHERE interaction = ? AND told <> ${doomedMark}`);
  const read = (rows: readonly Record<string, unknown>[]) =>
    rows.map(({ value }) => JSON.parse(String(value)) as Kept);
  const marked = sql.prepare('SELECT told FROM answers WHERE interaction = ?');
  const isDoomed = (interaction: string) => marked.get(interaction)?.told === doomedMark;
  const erased = new Set<string>();
  return {
    put(answer) {
      const { interaction, tenant, user, message = null, job = null, told } = answer;
      if (erased.has(interaction)) return;
      const value = JSON.stringify(told && !isDoomed(interaction) ? toldOf(answer) : answer);
      write.run(interaction, now(), tenant, user, message, job, told ? 1 : 0, value);
    },
    open: () => read(open.all()),
    byMessage: (message, channel) =>
      read(byMessage.all(message)).findLast(
        (answer) => channel === undefined || answer.channel === channel,
      ),
    ofJob: (tenant, job) =>
      read(byJob.all(tenant, job)).findLast(({ private: isPrivate }) => !isPrivate),
    doom(tenant, user) {
      doomUser.run(tenant, user);
      return read(byUser.all(tenant, user));
    },
    doomed: () => read(doomed.all()),
    erase(interactions) {
      if (interactions.length === 0) return;
      for (const interaction of interactions) {
        eraseOne.run(interaction);
        erased.add(interaction);
      }
      for (const oldest of erased) {
        if (erased.size <= mostErased) break;
        erased.delete(oldest);
      }
      scrub({ anew: true });
    },
    delete: (interaction) => void remove.run(interaction),
    close,
  };
}
