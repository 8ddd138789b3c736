import type { Installation, InstallationQuery, InstallationStore } from '@slack/bolt';
import { openSqlite } from '../../sqlite.ts';

/** Workspaces in which the app is installed, with their tokens: nobody but the owner may read the file. */
export interface Installations extends InstallationStore {
  /** The bot's token of a workspace. */
  tokenOf(team: string): string | undefined;
  remove(team: string): void;
  close(): void;
}

/** @param path `:memory:` for one that ends with the process */
export function openInstallations(path: string): Installations {
  const { sql, close, scrub } = openSqlite(path, { durability: 'power' });
  sql.exec('CREATE TABLE IF NOT EXISTS installations (id TEXT PRIMARY KEY, value TEXT NOT NULL)');
  const write = sql.prepare('INSERT OR REPLACE INTO installations VALUES (?, ?)');
  const find = sql.prepare('SELECT value FROM installations WHERE id = ?');
  const drop = sql.prepare('DELETE FROM installations WHERE id = ?');
  const read = (id: string): Installation | undefined => {
    const row = find.get(id);
    return row && JSON.parse(String(row.value));
  };
  const remove = (id: string) => {
    drop.run(id);
    scrub({ anew: true });
  };
  const idOf = (query: InstallationQuery<boolean>) =>
    (query.isEnterpriseInstall ? query.enterpriseId : query.teamId) ?? '';
  return {
    async storeInstallation(installation) {
      const { isEnterpriseInstall, enterprise, team } = installation;
      const id = (isEnterpriseInstall ? enterprise?.id : team?.id) ?? '';
      write.run(id, JSON.stringify(installation));
    },
    async fetchInstallation(query) {
      const found = read(idOf(query)) ?? read(query.enterpriseId ?? '');
      if (!found) throw new Error(`the app is not installed in ${idOf(query)}`);
      return found as never;
    },
    async deleteInstallation(query) {
      remove(idOf(query));
    },
    tokenOf: (team) => read(team)?.bot?.token,
    remove,
    close,
  };
}
