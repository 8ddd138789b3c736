import {
  type CommandDescription,
  createCommands,
  defaultSettings,
} from '../../../src/commands/index.ts';
import { connectEngine } from '../../../src/engine/client.ts';

/** The commands as they are, without anything that they could be run on. */
const commands = createCommands({
  engine: connectEngine({ url: 'http://127.0.0.1', token: '' }),
  settings: { get: async () => defaultSettings, set: async () => {}, close: () => {} },
  log: () => {},
  dials: { lambda: [], guidance: [] },
  pictureMegabytes: 1,
});

export function describeCommands(locale: string): readonly CommandDescription[] {
  return commands.describe(locale);
}
