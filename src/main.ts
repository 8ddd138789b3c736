/**
 * The whole product: the engine in a process of its own, looked after, and the bots that ask it. Without
 * a token of any platform it is the local page alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, loadConfig, secretsOf } from '../config/index.ts';
import { createDiscordBot } from './bots/discord/index.ts';
import type { Bot } from './bots/port.ts';
import { createSlackBot } from './bots/slack/index.ts';
import { webBot } from './bots/web/index.ts';
import { type Command, runCommand } from './cli/command.ts';
import { supervisorWords } from './cli/engine.ts';
import { type Commands, createCommands, openSettings, type Log as Told } from './commands/index.ts';
import { connectEngine } from './engine/client.ts';
import { supervise } from './engine/supervisor.ts';
import { engineToken } from './engine/token.ts';
import { LikewiseError } from './errors.ts';
import { createLogger, type Log } from './log.ts';

const usage = `npm start

Opens the local page (LIKEWISE_WEB_HOST, LIKEWISE_WEB_PORT; http://127.0.0.1:7430/), and the engine
that it needs; with LIKEWISE_DISCORD_TOKEN the Discord bot, too, and with
LIKEWISE_SLACK_BOT_TOKEN the Slack bot. Ctrl-C ends all of it; what was accepted goes on at the next
start.

config/schema.ts lists every setting.
`;

/** Milliseconds for what the engine still answers when all is closed, and then for what bots still say. */
const farewell = { answers: 1500, bots: 6000 };

const start: Command = async (args, { env, stdout, stderr, signal }) => {
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(usage);
    return;
  }
  const config = loadConfig(env);
  const { folder, port, socket } = config.engine;
  if (port === 0 && socket === '') {
    const reason = '0 takes any port, and the page has to know which; give a number';
    throw new LikewiseError('CONFIG_INVALID', { setting: 'engine.port', reason });
  }
  const token = engineToken(folder, config.engine.token);
  const secrets = [...secretsOf(config), token];
  const log = createLogger({ level: config.log.level, secrets, stream: stderr });
  // Told to end when the page is closed, not before.
  const ending = new AbortController();
  const supervised = supervise({
    program: new URL('./engine/main.ts', import.meta.url),
    // In the product the engine speaks up when something is wrong; alone it says what it does.
    env: { ...env, LIKEWISE_ENGINE_TOKEN: token, LIKEWISE_LOG_LEVEL: quieter(config) },
    signal: ending.signal,
    onEvent(event) {
      const said = supervisorWords(event);
      if (said) stderr.write(`${said}\n`);
    },
  });
  try {
    const over = Promise.race([supervised, aborted(signal)]);
    const bots = await openBots(config, token, log);
    stdout.write(`Likewise is at ${bots.url}\n`);
    for (const name of bots.connected) stdout.write(`The ${name} bot is connected.\n`);
    const status = await over;
    await bots.close();
    if (typeof status === 'number') process.exitCode = status;
  } finally {
    ending.abort();
    await supervised;
  }
};

/** The page, and a bot for each platform that there is a token of. */
async function openBots(config: Config, token: string, log: Log) {
  const { host, port, socket, folder } = config.engine;
  const engine = connectEngine({
    url: socket === '' ? address(host, port) : `unix:${socket}`,
    token,
  });
  const settings = openSettings(join(folder, 'settings.sqlite'));
  const told: Told = (fields, message) => log.error(fields, message);
  const { lambda, guidance, maxCells } = config.render;
  const commands = createCommands({
    engine,
    settings,
    log: told,
    dials: { lambda, guidance },
    mostCells: maxCells,
    engineDays: Math.max(config.jobs.retentionDays, ...Object.values(config.retention)),
    pictureMegabytes: config.intake.megabytes,
    helpPicture: {
      name: 'likewise.png',
      type: 'image/png',
      bytes: readFileSync(new URL('../docs/img/likewise-demo.png', import.meta.url)),
    },
  });
  const { web } = config;
  const page = webBot({
    commands,
    host: web.host,
    port: web.port,
    hosts: web.hosts,
    store: join(folder, 'conversations.sqlite'),
    // No longer than the pictures and results that they tell of.
    days: { looks: config.retention.pictures, messages: config.jobs.retentionDays },
    ...(web.password !== '' && { password: web.password }),
    ...(web.proxyHeader !== '' && { proxyHeader: web.proxyHeader }),
    log: told,
  });
  const bots: Bot[] = [page, ...chatBots(config, commands, told)];
  const close = async () => {
    const stopped = Promise.all(bots.map((bot) => bot.stop()));
    // Bots wait for what they have asked the engine, which may not answer any more.
    await within(farewell.answers, stopped).catch(() => {});
    await engine.close();
    await within(farewell.bots, stopped);
    settings.close();
  };
  try {
    for (const bot of bots) await bot.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url: page.url(), connected: bots.slice(1).map(({ name }) => name), close };
}

function chatBots(
  { discord, slack, engine, intake }: Config,
  commands: Commands,
  log: Told,
): Bot[] {
  const { folder } = engine;
  const common = { commands, log, megabytes: intake.megabytes };
  const store = join(folder, 'discord.sqlite');
  return [
    ...(discord.token === '' ? [] : [createDiscordBot({ ...discord, ...common, store })]),
    ...(slack.botToken + slack.clientId === ''
      ? []
      : [createSlackBot({ ...slack, ...common, folder })]),
  ];
}

/** Resolves with a promise, or after some milliseconds. @throws what the promise throws until then */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const ending = new AbortController();
  const late = sleep(ms, undefined, { signal: ending.signal }).catch(() => {});
  await Promise.race([promise, late]).finally(() => ending.abort());
}

function address(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function quieter({ log: { level } }: Config): string {
  return level === 'info' ? 'warn' : level;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

if (import.meta.main) await runCommand(start);
