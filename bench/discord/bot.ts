/** The bot's process: commands and bot as `npm start` puts them together, on the Discord of the bench. */
import { join } from 'node:path';
import { defaults } from '../../config/index.ts';
import { definitionsOf } from '../../src/bots/discord/definitions/index.ts';
import { createDiscordBot } from '../../src/bots/discord/index.ts';
import { applicationOf, openRest, registerCommands } from '../../src/bots/discord/register.ts';
import { createCommands, openSettings } from '../../src/commands/index.ts';
import { connectEngine } from '../../src/engine/client.ts';
import { serve, tellLog } from '../common/chat/processes.ts';

const [folder = '', api = '', token = '', engineUrl = '', engineToken = ''] = process.argv.slice(2);
const engine = connectEngine({ url: engineUrl, token: engineToken });
const settings = openSettings(join(folder, 'settings.sqlite'));
const log = (details: Readonly<Record<string, unknown>>, message: string) => {
  const reason = details.err instanceof Error ? `: ${details.err.message}` : '';
  tellLog(`${message}${reason}`);
};
const { render, intake, discord } = defaults;
const commands = createCommands({
  engine,
  settings,
  log,
  dials: { lambda: render.lambda, guidance: render.guidance },
  mostCells: render.maxCells,
  pictureMegabytes: intake.megabytes,
});
const rest = openRest({ token, api });
const { id } = await applicationOf(rest);
const definitions = definitionsOf({ describe: commands.describe });
await registerCommands({ rest, applicationId: id, guild: undefined, definitions, dryRun: false });
const bot = createDiscordBot({
  ...discord,
  commands,
  log,
  token,
  api,
  store: join(folder, 'discord.sqlite'),
  attachmentHosts: [new URL(api).host],
  megabytes: intake.megabytes,
});
await bot.start();
serve({
  ready: id,
  async close() {
    await bot.stop();
    await engine.close();
    settings.close();
  },
});
