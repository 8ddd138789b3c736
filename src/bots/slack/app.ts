import { App, type AppOptions, LogLevel, webApi } from '@slack/bolt';
import type { Log } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import type { Installations } from './installations.ts';
import { createWire, type Wire } from './wire.ts';

/** How the bot is reached, and by what it proves who it is. */
export interface Access {
  /** Of the one workspace; empty where workspaces install the app by themselves. */
  readonly botToken: string;
  /** For Socket Mode, `xapp-…`; empty: Slack posts to an address of the bot's. */
  readonly appToken: string;
  /** Of what Slack posts. */
  readonly signingSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stateSecret: string;
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** Address of the Web API, with `/` at its end. */
  readonly api: string;
}

/** What the bot does, and so what it asks for when it is installed: `manifest.json` says the same. */
export const scopes = [
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'im:write',
  'users:read',
];

/**
 * The app as Bolt has it: for one workspace, by Socket Mode where there is a token for it and otherwise
 * by HTTP; or by HTTP for all that install it.
 * @throws LikewiseError `SLACK_SETUP`, naming what is missing
 */
export function openApp(access: Access, installations: Installations, log: Log): App {
  const { botToken, appToken, signingSecret, clientId, clientSecret, stateSecret, api } = access;
  const isSocket = appToken !== '';
  const isShared = clientId !== '';
  const missing = [
    isSocket || signingSecret !== '' ? '' : 'appToken or signingSecret',
    botToken !== '' || isShared ? '' : 'botToken or clientId',
    isShared && clientSecret === '' ? 'clientSecret' : '',
    isShared && stateSecret === '' ? 'stateSecret' : '',
    isShared && botToken !== '' ? 'botToken to be empty where there is a clientId' : '',
    // Bolt would serve the pages of the installation on every interface of the machine.
    isShared && isSocket ? 'appToken to be empty, since several workspaces need HTTP' : '',
  ].filter((name) => name !== '');
  if (missing.length > 0) throw new LikewiseError('SLACK_SETUP', { missing: missing.join(', ') });
  const shared: AppOptions = {
    clientId,
    clientSecret,
    stateSecret,
    scopes,
    installationStore: installations,
    installerOptions: {
      directInstall: true,
      legacyStateVerification: true,
      authorizationUrl: new URL('/oauth/v2/authorize', api).href,
    },
  };
  const app = new App({
    ...(isShared ? shared : { token: botToken }),
    ...(isSocket ? { socketMode: true, appToken } : { signingSecret }),
    clientOptions: clientOptions(api),
    logger: loggerOf(log),
    // Said once the bot starts, and in other words.
    tokenVerificationEnabled: false,
  });
  return app;
}

export function clientOptions(api: string): webApi.WebClientOptions {
  // Rate limits are waited for; what is broken on the way is tried again within a minute.
  const retryConfig = { retries: 4, minTimeout: 500, maxTimeout: 10_000 };
  // What goes wrong is thrown, and told by whoever asked.
  return { slackApiUrl: api, retryConfig, timeout: 60_000, logger: loggerOf(() => {}) };
}

/** @returns the same wire for the same token: what it has to wait for is known to all who use it */
export function createWires(api: string): (token: string) => Wire {
  const known = new Map<string, Wire>();
  return (token) => {
    const found = known.get(token);
    if (found) return found;
    const client = (more: webApi.WebClientOptions) =>
      new webApi.WebClient(token, { ...clientOptions(api), ...more });
    const wire = createWire({
      quick: client({}),
      patient: client({}),
      once: client({ retryConfig: { retries: 0 }, rejectRateLimitedCalls: true }),
    });
    known.set(token, wire);
    for (const oldest of known.keys()) {
      if (known.size <= mostWires) break;
      known.delete(oldest);
    }
    return wire;
  };
}

/** Workspaces that are talked to at a time. */
const mostWires = 1000;

/** Bolt tells faults only; its chatter goes nowhere. */
function loggerOf(log: Log): NonNullable<AppOptions['logger']> {
  const quiet = () => {};
  return {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (...told: unknown[]) => {
      const [first] = told;
      log({ err: first instanceof Error ? first : told.map(String).join(' ') }, 'Slack');
    },
    getLevel: () => LogLevel.ERROR,
    setLevel: quiet,
    setName: quiet,
  };
}
