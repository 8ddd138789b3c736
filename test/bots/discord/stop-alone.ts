/** The bot alone in a process: started, with a job under way, and stopped. Then nothing is left to do. */
import { createDiscordBot } from '../../../src/bots/discord/index.ts';
import { createCommands, openSettings } from '../../../src/commands/index.ts';
import { fakeEngine } from '../../commands/fake-engine.ts';

const [api = '', token = '', shards = '1'] = process.argv.slice(2);
const settings = openSettings(':memory:');
const log = (_: unknown, message: string) => console.error(message);
const commands = createCommands({
  engine: fakeEngine(),
  settings,
  log,
  dials: { lambda: [0, 1], guidance: [2] },
  pictureMegabytes: 1,
});
const bot = createDiscordBot({
  commands,
  log,
  token,
  store: ':memory:',
  shards: Number(shards),
  api,
  attachmentHosts: [new URL(api).host],
  megabytes: 1,
});
await bot.start();
console.log('started');
process.stdin.once('data', async () => {
  const start = Date.now();
  await bot.stop();
  settings.close();
  process.stdin.destroy();
  console.log(`stopped ${Date.now() - start}`);
});
