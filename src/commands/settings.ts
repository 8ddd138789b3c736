import { z } from 'zod';
import { openSqlite } from '../sqlite.ts';

const ids = z.array(z.string().min(1).max(128)).max(100);
/** Jobs a day, UTC; 0 for no limit. */
const daily = z.int().min(0).max(100_000);

/** What an admin decides for a tenant. */
export const settingsSchema = z.strictObject({
  /** Whether the commands can be used at all. */
  enabled: z.boolean().default(true),
  /** Roles that may use them; everyone where none is named. */
  roles: ids.default([]),
  /** Users who may not. */
  blocked: ids.default([]),
  /** Analogies and applications of one user a day; refinements are free. */
  perDay: daily.default(0),
  /** The same by role: the most generous of a user's roles holds. */
  rolePerDay: z.record(z.string().min(1).max(128), daily).default({}),
  /** Most cells of one grid. */
  maxCells: z.int().min(1).max(400).default(50),
  /**
   * Days after which results are removed, with the pictures that they are of. What has a name stays.
   * The engine may keep things for a shorter time, by its own settings.
   */
  retentionDays: z.int().min(1).max(3650).default(30),
  /** Whether they may be used only where the platform lets adults in alone. */
  ageRestricted: z.boolean().default(false),
  /** Whether results are hidden until they are clicked. */
  spoilers: z.boolean().default(false),
  /** Whether only whoever asks sees the answer. */
  privateReplies: z.boolean().default(false),
});
export type Settings = z.output<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({});

/** Where the tenants' settings are kept. */
export interface SettingsStore {
  /** The defaults for a tenant that changed nothing. */
  get(tenant: string): Promise<Settings>;
  set(tenant: string, settings: Settings): Promise<void>;
  close(): void;
}

/**
 * In a SQLite file, across restarts.
 * @param path `:memory:` for one that ends with the process
 * @throws Error where it cannot be used
 */
export function openSettings(path: string): SettingsStore {
  const { sql, close } = openSqlite(path, { durability: 'crash' });
  sql.exec('CREATE TABLE IF NOT EXISTS settings (tenant TEXT PRIMARY KEY, value TEXT NOT NULL)');
  const read = sql.prepare('SELECT value FROM settings WHERE tenant = ?');
  const write = sql.prepare('INSERT OR REPLACE INTO settings (tenant, value) VALUES (?, ?)');
  return {
    async get(tenant) {
      const row = read.get(tenant);
      return row ? settingsSchema.parse(JSON.parse(String(row.value))) : defaultSettings;
    },
    async set(tenant, settings) {
      write.run(tenant, JSON.stringify(settingsSchema.parse(settings)));
    },
    close,
  };
}
