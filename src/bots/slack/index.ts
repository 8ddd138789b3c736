/** The Slack bot: `createSlackBot` connects it, by Socket Mode or HTTP. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { webApi } from '@slack/bolt';
import { LikewiseError } from '../../errors.ts';
import type { Bot, BotOptions } from '../port.ts';
import { createRunning } from '../running.ts';
import { type Access, clientOptions, createWires, openApp } from './app.ts';
import type { Desk } from './desk.ts';
import { openInstallations } from './installations.ts';
import { listen } from './listeners/index.ts';
import { createMembers } from './members.ts';
import { resume } from './resume.ts';
import { openSlackAnswers } from './store.ts';
import { errorIn, refusedFor } from './wire.ts';

export interface SlackOptions extends BotOptions, Access {
  /** Folder of the files in which answers and installations are kept across restarts. */
  readonly folder: string;
  /** Hosts from which files are read. */
  readonly fileHosts: readonly string[];
  /** Most MB (10^6 bytes) of a file that is read. */
  readonly megabytes: number;
  /** Seconds between two edits that tell of progress. @default 4 */
  readonly pace?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * `start` throws LikewiseErrors `SLACK_…` where a token is wrong or missing, or Slack cannot be reached;
 * a connection that is lost later comes back by itself.
 * @returns with `port()`: where it listens, once it is started by HTTP
 */
export function createSlackBot(options: SlackOptions): Bot & { port(): number | undefined } {
  const { commands, log, folder, api, botToken, appToken, host, now = Date.now } = options;
  const ending = new AbortController();
  const { track, settled } = createRunning(log, 'Slack');
  let close = async () => {};
  let stopped: Promise<void> | undefined;
  let port: number | undefined;

  return {
    name: 'slack',
    port: () => port,
    async start() {
      const installations = openInstallations(join(folder, 'slack-installations.sqlite'));
      const answers = openSlackAnswers(join(folder, 'slack.sqlite'), now);
      const closeStores = () => {
        answers.close();
        installations.close();
      };
      try {
        const app = openApp(options, installations, log);
        const wireFor = createWires(api);
        const home = botToken === '' ? undefined : await teamOf(botToken, api);
        const desk: Desk = {
          commands,
          answers,
          members: createMembers(log, now),
          wireOf(team) {
            const token = team === home ? botToken : installations.tokenOf(team);
            return token ? wireFor(token) : undefined;
          },
          wireFor,
          log,
          now,
          signal: ending.signal,
          hosts: options.fileHosts,
          most: options.megabytes * 1e6,
          pace: (options.pace ?? 4) * 1000,
        };
        const removed = async (team: string) => {
          const token = installations.tokenOf(team);
          if (token === undefined || (await isValid(token, api))) return;
          // Meanwhile it may have been installed again.
          if (installations.tokenOf(team) === token) installations.remove(team);
        };
        listen(app, { desk, track, removed, log });
        const server = await app.start({ host, port: options.port } as never).catch((error) => {
          throw startError(error, api, options.port);
        });
        if (appToken === '') port = portOf(server as unknown as Server);
        close = async () => {
          const left = app.stop();
          // Otherwise it waits for whoever keeps a connection open.
          if (appToken === '') (server as unknown as Server).closeAllConnections();
          await left.catch((err: unknown) => log({ err }, 'Slack was not left in peace'));
          await settled();
          closeStores();
        };
        track(resume(desk));
      } catch (error) {
        closeStores();
        throw error;
      }
    },
    stop() {
      stopped ??= (async () => {
        ending.abort(new Error('the bot stops'));
        await close();
      })();
      return stopped;
    },
  };
}

/** Says plainly what is wrong with a token, before anything depends on it. */
async function teamOf(token: string, api: string): Promise<string> {
  const client = new webApi.WebClient(token, clientOptions(api));
  try {
    return (await client.auth.test()).team_id ?? '';
  } catch (cause) {
    throw startError(cause, api, undefined);
  }
}

/** Whether Slack still takes a token. @throws whatever hinders the question */
async function isValid(token: string, api: string): Promise<boolean> {
  try {
    await new webApi.WebClient(token, clientOptions(api)).auth.test();
    return true;
  } catch (error) {
    if (refusedFor(error, ['revoked'])) return false;
    throw error;
  }
}

function startError(cause: unknown, url: string, port: number | undefined): unknown {
  const word = errorIn(cause);
  if (word !== undefined) return new LikewiseError('SLACK_REFUSED', { reason: word }, { cause });
  const { code, message } = cause as { code?: unknown; message?: string };
  const reason = message ?? String(cause);
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    return new LikewiseError(
      'CONFIG_INVALID',
      { setting: 'slack.port', reason: `${port}: ${reason}` },
      { cause },
    );
  }
  return new LikewiseError('SLACK_UNREACHABLE', { url, reason }, { cause });
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
