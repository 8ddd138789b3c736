import { createEmulator, type Emulator } from 'emulate';
import { secret, slackId } from './ids.ts';
import type { JsonObject, Member, SlackOptions, Workspace } from './shapes.ts';

/** The only team that the emulator knows; every workspace has an emulator of its own. */
const ITS_TEAM = 'T000000001';

export interface App {
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
}

export interface Running {
  readonly workspace: Workspace;
  readonly members: readonly Member[];
  readonly url: string;
  /** Acts as the bot, with every scope: for what Slack does, not the bot. */
  readonly innerToken: string;
  readonly tokenOf: (userId: string) => string;
  /** By the ids of the members: the DM with the bot. */
  readonly dms: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
  /** Calls the emulator past the proxy. */
  call(method: string, body: JsonObject, token: string): Promise<JsonObject>;
  /** Posts a form to a page of the emulator; the answer is not followed. */
  form(path: string, body: Readonly<Record<string, string>>): Promise<Response>;
  /** The emulator's text with this workspace's id and the proxy's address. */
  rename(text: string): string;
  close(): Promise<void>;
}

/** Starts a workspace: three members or more, five channels, and the app, installed. */
export async function startWorkspace(
  teamId: string,
  domain: string,
  options: {
    readonly app: App;
    readonly scopes: readonly string[];
    /** The proxy's address. */
    readonly origin: string;
    readonly locales?: SlackOptions['locales'] | undefined;
    /** How many members beside the three. */
    readonly crowd?: number;
  },
): Promise<Running> {
  const { app, scopes, origin, locales = {}, crowd = 0 } = options;
  const botUserId = slackId('U');
  const botId = slackId('B');
  const botToken = `xoxb-${domain}-${secret(8)}`;
  const innerToken = `xoxb-inner-${secret(8)}`;
  // The emulator answers a token 5,000 times an hour: what the bot asks is shared among several.
  const shares = Array.from({ length: 8 }, () => `xoxb-share-${secret(8)}`);
  let asked = 0;
  const bot = { type: 'bot', user_id: botUserId, bot_id: botId, bot_user_id: botUserId };
  const more = Array.from({ length: crowd }, (_, index) => `member-${index + 1}`);
  const people = ['alice', 'bob', 'boss', ...more];
  const tokens = new Map(people.map((name) => [name, `xoxp-${name}-${secret(8)}`]));
  const emulator: Emulator = await createEmulator({
    service: 'slack',
    port: 0,
    hostname: '127.0.0.1',
    seed: {
      slack: {
        team: { name: domain, domain },
        signing_secret: app.signingSecret,
        strict_scopes: true,
        users: people.map((name) => ({ name, is_admin: name === 'boss' })),
        channels: [
          { name: 'pictures' },
          { name: 'other' },
          { name: 'uninvited' },
          { name: 'hidden', is_private: true },
          { name: 'archived' },
        ],
        oauth_apps: [
          {
            app_id: app.appId,
            client_id: app.clientId,
            client_secret: app.clientSecret,
            name: 'Likewise',
            redirect_uris: [],
            scopes: [...scopes],
            bot_id: botId,
            bot_user_id: botUserId,
            bot_name: 'likewise',
          },
        ],
        tokens: [
          { token: botToken, ...bot, app_id: app.appId, scopes: [...scopes] },
          ...shares.map((token) => ({ token, ...bot, app_id: app.appId, scopes: [...scopes] })),
          { token: innerToken, ...bot, app_id: app.appId },
          ...people.map((name) => ({ token: tokens.get(name), user: name, type: 'user' })),
        ],
      },
    },
  });
  const url = emulator.url.replace('localhost', '127.0.0.1');
  const rename = (text: string) =>
    text.replaceAll(emulator.url, origin).replaceAll(ITS_TEAM, teamId);

  async function call(method: string, body: JsonObject, token: string): Promise<JsonObject> {
    const shown = token === botToken ? shares[asked++ % shares.length] : token;
    const response = await fetch(`${url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shown}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return JSON.parse(rename(await response.text())) as JsonObject;
  }
  async function must(method: string, body: JsonObject, token = innerToken): Promise<JsonObject> {
    const answer = await call(method, body, token);
    if (answer.ok !== true) throw new Error(`${method}: ${String(answer.error)}`);
    return answer;
  }

  const listed = (await must('users.list', { limit: 1000 })).members as {
    id: string;
    name: string;
  }[];
  const idOf = (name: string) => listed.find((one) => one.name === name)?.id ?? '';
  const member = (name: string, locale = 'en-US'): Member => ({
    id: idOf(name),
    name,
    teamId,
    admin: name === 'boss',
    locale,
  });
  const boss = tokens.get('boss') ?? '';
  const found = await must('conversations.list', { types: 'public_channel,private_channel' }, boss);
  const named = new Map(
    (found.channels as { id: string; name: string }[]).map(({ id, name }) => [name, id]),
  );
  const channel = (name: string) => named.get(name) ?? '';
  for (const name of ['pictures', 'other', 'hidden', 'archived']) {
    await must('conversations.invite', { channel: channel(name), users: botUserId }, boss);
  }
  await must('conversations.archive', { channel: channel('archived') }, boss);
  const dms = new Map<string, string>();
  for (const name of people) {
    const opened = await must('conversations.open', { users: idOf(name) });
    dms.set(idOf(name), (opened.channel as { id: string }).id);
  }
  const users = {
    alice: member('alice', locales.alice),
    bob: member('bob', locales.bob),
    admin: member('boss', locales.admin),
  };
  return {
    members: [...Object.values(users), ...more.map((name) => member(name))],
    workspace: {
      teamId,
      domain,
      botToken,
      botId,
      botUserId,
      users,
      channels: {
        general: channel('pictures'),
        other: channel('other'),
        uninvited: channel('uninvited'),
        hidden: channel('hidden'),
        archived: channel('archived'),
      },
    },
    url,
    innerToken,
    tokenOf: (userId) =>
      tokens.get(listed.find((one) => one.id === userId)?.name ?? '') ?? innerToken,
    dms,
    names: new Map([
      ...[...named].map(([name, id]) => [id, name] as const),
      ...[...dms.values()].map((id) => [id, 'directmessage'] as const),
    ]),
    call,
    form: (path, body) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams(body),
      }),
    rename,
    close: () => emulator.close(),
  };
}
