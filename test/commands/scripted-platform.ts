import { type CommandsOptions, createCommands } from '../../src/commands/index.ts';
import type { Context, LazyFile, View, Views } from '../../src/commands/port.ts';
import { openSettings, type SettingsStore } from '../../src/commands/settings.ts';
import type { Engine } from '../../src/engine/client.ts';
import type { Platform, Who } from '../contracts/commands.ts';

/** What was logged, for tests that look at it. */
export interface Scripted extends Platform {
  readonly logged: unknown[];
  readonly settings: SettingsStore;
  /** Views as they come. */
  watch(name: string, input: Record<string, unknown>, who?: Partial<Context>): Views;
  tap(id: string, values: Record<string, unknown>, who?: Partial<Context>): Views;
}

/** A platform of nothing but a script: every message is a view. */
export async function scriptedPlatform(
  engine: Engine,
  now?: () => number,
  more: Partial<CommandsOptions> = {},
): Promise<Scripted> {
  const settings = openSettings(':memory:');
  const logged: unknown[] = [];
  const commands = createCommands({
    engine,
    settings,
    log: (details) => void logged.push(details),
    dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] },
    pictureMegabytes: 1,
    ...(now && { now }),
    ...more,
  });
  let last = 0;
  const contextOf = (who: Partial<Context> = {}): Context => ({
    tenant: 'script:1',
    user: 'ada',
    roles: [],
    moderator: false,
    admin: false,
    locale: 'en',
    interaction: `i${++last}`,
    can: { animation: 'webp' },
    signal: new AbortController().signal,
    ...who,
  });
  const watch: Scripted['watch'] = (name, input, who) => commands.run(contextOf(who), name, input);
  const tap: Scripted['tap'] = (id, values, who) => commands.press(contextOf(who), id, values);
  return {
    watch,
    tap,
    logged,
    settings,
    run: (name, input = {}, who?: Who) => all(watch(name, input, who)),
    press: (id, values = {}, who?: Who) => all(tap(id, values, who)),
    complete: (text, who?: Who) => commands.complete(contextOf(who), text),
    file: async (id) => (await commands.file(contextOf(), id)).bytes,
    names: commands.list.map(({ name }) => name),
    close: async () => settings.close(),
  };
}

async function all(views: Views): Promise<View[]> {
  const seen: View[] = [];
  for await (const view of views) seen.push(view);
  return seen;
}

export function sent(text: string, name = `${text}.png`): LazyFile {
  const bytes = new TextEncoder().encode(text);
  return { name, size: bytes.length, fetch: async () => bytes };
}
