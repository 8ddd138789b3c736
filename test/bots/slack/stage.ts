import { createSlackBot } from '../../../src/bots/slack/index.ts';
import { createCommands, openSettings } from '../../../src/commands/index.ts';
import type { Commands } from '../../../src/commands/port.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { withoutScope } from './scopes.ts';
import { openSlack } from './twin/driver.ts';
import type { Slack, SlackOptions } from './twin/shapes.ts';

/** A bot on a Slack to test against. */
export interface Stage {
  readonly slack: Slack;
  readonly commands: Commands;
  readonly logged: (readonly [message: string, details: unknown])[];
  /** Where Slack posts to, by HTTP: without a path. */
  url(): string;
  /** Both clocks, the bot's and Slack's, run ahead by so many milliseconds more. */
  later(milliseconds: number): void;
  /** Stops the bot, and starts another one with the same stores. */
  restart(): Promise<void>;
  /** @throws Error where the bot called a method that no scope of the manifest allows */
  close(): Promise<void>;
}

export interface StageOptions {
  readonly engine: Engine;
  /** For the bot's stores. */
  readonly folder: string;
  /** @default 'http' */
  readonly transport?: 'http' | 'socket';
  /** Whether workspaces install the app by themselves. @default false */
  readonly shared?: boolean;
  /** Seconds between edits. @default 0.02 */
  readonly pace?: number;
  readonly slack?: SlackOptions;
  /** In place of those of the stand-in. */
  readonly fileHosts?: readonly string[];
  /** Looks at what the bot asks of the commands. */
  readonly watch?: (commands: Commands) => Commands;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { engine, folder, transport = 'http', shared = false, pace = 0.02 } = options;
  const { watch = (commands: Commands) => commands } = options;
  // The machine may be busy.
  const slack = await openSlack({ triggerLife: 60_000, ...options.slack });
  const settings = openSettings(':memory:');
  const logged: (readonly [string, unknown])[] = [];
  let ahead = 0;
  const log = (details: unknown, message: string) => void logged.push([message, details]);
  const plain = createCommands({
    engine,
    settings,
    log,
    dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] },
    pictureMegabytes: 1,
  });
  const commands = watch(plain);
  const start = async () => {
    const bot = createSlackBot({
      commands,
      log,
      folder,
      pace,
      botToken: shared ? '' : slack.botToken,
      appToken: transport === 'socket' ? slack.appToken : '',
      signingSecret: transport === 'http' ? slack.signingSecret : '',
      clientId: shared ? slack.clientId : '',
      clientSecret: shared ? slack.clientSecret : '',
      stateSecret: shared ? 'a-long-secret' : '',
      host: '127.0.0.1',
      port: 0,
      api: slack.slackApiUrl,
      fileHosts: options.fileHosts ?? [new URL(slack.origin).host],
      megabytes: 1,
      now: () => Date.now() + ahead,
    });
    await bot.start();
    if (transport === 'http') slack.useHttp(`http://127.0.0.1:${bot.port()}/slack/events`);
    else await slack.useSocket();
    return bot;
  };
  let bot = await start();
  return {
    slack,
    commands,
    logged,
    url: () => `http://127.0.0.1:${bot.port()}`,
    later(milliseconds) {
      ahead += milliseconds;
      slack.advance(milliseconds);
    },
    async restart() {
      await bot.stop();
      bot = await start();
    },
    async close() {
      await bot.stop();
      await slack.close();
      settings.close();
      const called = withoutScope(slack.requests);
      if (called.length > 0) throw new Error(`no scope of the manifest allows ${called}`);
    },
  };
}
