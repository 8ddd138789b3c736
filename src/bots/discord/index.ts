/** The Discord bot: `createDiscordBot` connects it; `definitions/` says what members can call. */
import { Client, Events, GatewayCloseCodes, GatewayIntentBits } from 'discord.js';
import type { Bot, BotOptions } from '../port.ts';
import { createRunning } from '../running.ts';
import { createTickets } from '../tickets.ts';
import type { Desk } from './desk.ts';
import { dispatch } from './dispatch.ts';
import { applicationOf, explained, openRest } from './register.ts';
import { resume } from './resume.ts';
import { openAnswers } from './store.ts';
import { createWire } from './wire.ts';

export interface DiscordOptions extends BotOptions {
  /** Of the bot, from Discord's developer portal. */
  readonly token: string;
  /** File in which answers are kept across restarts. */
  readonly store: string;
  /** Connections to the gateway: 0 for as many as Discord recommends. @default 1 */
  readonly shards?: number;
  /** Address of the REST API, without its version. */
  readonly api: string;
  /** Hosts from which files are read. */
  readonly attachmentHosts: readonly string[];
  /** Most MB (10^6 bytes) of a file that is read. */
  readonly megabytes: number;
  /** Seconds between two edits that tell of progress. @default 4 */
  readonly pace?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Milliseconds that a start waits for another server to be told of; interactions wait with it. */
const guildTime = 1000;

/**
 * `start` throws LikewiseErrors `DISCORD_…` where the token is wrong or Discord cannot be reached; a
 * connection that is lost later comes back by itself.
 */
export function createDiscordBot(options: DiscordOptions): Bot {
  const { commands, log, token, api, shards = 1, now = Date.now } = options;
  const ending = new AbortController();
  const { track, settled } = createRunning(log, 'Discord');
  let client: Client | undefined;
  let stopped: Promise<void> | undefined;
  let close = () => {};

  return {
    name: 'discord',
    async start() {
      const { signal } = ending;
      // Says plainly what is wrong, where something is.
      const application = await applicationOf(openRest({ token, api }), signal);
      // The client's own is of no use any more once it is told to stop.
      const rest = openRest({ token, api, retries: 0 });
      client = new Client({
        // Nothing is read but what members ask the bot to see.
        intents: [GatewayIntentBits.Guilds],
        shards: shards === 0 ? 'auto' : Array.from({ length: shards }, (_, i) => i),
        rest: { version: '10', api },
        waitGuildTimeout: guildTime,
      });
      const answers = openAnswers(options.store, now);
      close = answers.close;
      client.on(Events.Error, (error) => log({ err: error }, 'the connection to Discord failed'));
      client.on(Events.ShardError, (error, shard) =>
        log({ err: error, shard }, 'a connection to Discord failed'),
      );
      // A wrong token, intents or shards: it does not come back by itself.
      client.on(Events.ShardDisconnect, ({ code }, shard) => {
        if (!signal.aborted) {
          const reason = GatewayCloseCodes[code] ?? 'unknown';
          log({ code, reason, shard }, 'Discord ended a connection for good: start the bot again');
        }
      });
      const desk: Desk = {
        commands,
        wire: createWire(rest, application.id),
        answers,
        tickets: createTickets(now),
        log,
        now,
        signal,
        hosts: options.attachmentHosts,
        most: options.megabytes * 1e6,
        pace: (options.pace ?? 4) * 1000,
      };
      client.on(Events.InteractionCreate, (interaction) => track(dispatch(desk, interaction)));
      const connecting = client;
      try {
        const asking = { rest, place: 'it', link: '', signal };
        await explained(asking, () => connecting.login(token));
      } catch (error) {
        await client.destroy();
        answers.close();
        throw error;
      }
      track(resume(desk));
    },
    stop() {
      stopped ??= (async () => {
        ending.abort(new Error('the bot stops'));
        await client?.destroy();
        await settled();
        close();
      })();
      return stopped;
    },
  };
}
