/** The bot's process: commands and bot as `npm start` puts them together, on the Slack of the bench. */
import { join } from 'node:path';
import { defaults } from '../../config/index.ts';
import { createSlackBot } from '../../src/bots/slack/index.ts';
import {
  type Commands,
  type Context,
  createCommands,
  openSettings,
  type Views,
} from '../../src/commands/index.ts';
import { connectEngine } from '../../src/engine/client.ts';
import { serve, tellLog } from '../common/chat/processes.ts';
import { saidOf } from './said.ts';

/** `by` is `socket` or `http`, and `secret` the token or the signing secret that goes with it. */
const [folder = '', api = '', botToken = '', by = '', secret = '', engineUrl = '', token = ''] =
  process.argv.slice(2);
const engine = connectEngine({ url: engineUrl, token });
const settings = openSettings(join(folder, 'settings.sqlite'));
const log = (details: Readonly<Record<string, unknown>>, message: string) => {
  const reason = details.err instanceof Error ? `: ${details.err.message}` : '';
  tellLog(`${message}${reason}`);
};
const { render, intake, slack } = defaults;
const commands = createCommands({
  engine,
  settings,
  log,
  dials: { lambda: render.lambda, guidance: render.guidance },
  mostCells: render.maxCells,
  pictureMegabytes: intake.megabytes,
});

/** A message of Slack does not say which interaction it answers: this does. */
async function* overheard({ interaction, user }: Context, views: Views): Views {
  let last = '';
  for await (const view of views) {
    const job = view.kind === 'progress' || view.kind === 'result' ? view.job : undefined;
    const isReplaced = view.kind === 'cancelled' && view.replaced;
    const said = saidOf.write({ interaction, user, kind: view.kind, job, isReplaced });
    if (said !== last) tellLog(said);
    last = said;
    yield view;
  }
}
const heard: Commands = {
  ...commands,
  run: (context, name, input) => overheard(context, commands.run(context, name, input)),
  press: (context, id, values) => overheard(context, commands.press(context, id, values)),
};

const bot = createSlackBot({
  ...slack,
  commands: heard,
  log,
  folder,
  botToken,
  appToken: by === 'socket' ? secret : '',
  signingSecret: by === 'http' ? secret : '',
  port: 0,
  api,
  fileHosts: [new URL(api).host],
  megabytes: intake.megabytes,
});
await bot.start();
serve({
  ready: String(bot.port() ?? ''),
  async close() {
    await bot.stop();
    await engine.close();
    settings.close();
  },
});
