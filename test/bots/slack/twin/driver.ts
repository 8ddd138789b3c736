import { createActing } from './acting.ts';
import { object, word } from './answers.ts';
import { crowded, wrongWith } from './checks.ts';
import { createDelivery } from './delivery.ts';
import { type App, type Running, startWorkspace } from './emulator.ts';
import { createFiles } from './files.ts';
import { createHands, placeOf } from './hands.ts';
import { secret, slackId } from './ids.ts';
import { createLimits } from './limits.ts';
import { createMessages, inOrder } from './messages.ts';
import { install } from './oauth.ts';
import { createProxy } from './proxy.ts';
import type { Member, Message, Slack, SlackOptions } from './shapes.ts';
import { createSockets } from './socket.ts';
import { createViews } from './views.ts';
import { createWaiting } from './waiting.ts';
import { ownerOf, runningOf, type World } from './world.ts';

export type * from './shapes.ts';

/** What the bot of this project asks for. */
export const SCOPES: readonly string[] = [
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'im:write',
  'users:read',
];

/**
 * A Slack to test against, on the loopback: two workspaces with three members each, and what their
 * hands do. Close it when the app has stopped.
 */
export async function openSlack(options: SlackOptions = {}): Promise<Slack> {
  const app: App = {
    appId: slackId('A'),
    clientId: '1234567890.1234567890',
    clientSecret: secret(),
    signingSecret: secret(),
  };
  let ahead = 0;
  const sockets = createSockets({ appId: () => app.appId, changed: () => world.changed() });
  const proxy = createProxy({ world: () => world, sockets });
  await proxy.listen();
  const origin = proxy.origin();
  const { wait, changed } = createWaiting(proxy.requests);
  const scopes = options.scopes ?? SCOPES;
  const { locales, crowd = 0 } = options;
  const common = { app, scopes, origin };
  const home = await startWorkspace('T000000001', 'home', { ...common, locales, crowd });
  const away = await startWorkspace('T000000002', 'away', common);
  const running: readonly Running[] = [home, away];
  const each = <T>(give: (one: Running) => readonly T[]) => running.flatMap(give);

  const world: World = {
    app,
    appToken: `xapp-1-${app.appId}-${secret()}`,
    verificationToken: secret(12),
    origin,
    running,
    people: new Map(each(({ members }) => members).map((one) => [one.id, one])),
    tokens: new Map(
      running.map((one) => [
        one.workspace.botToken,
        { running: one, scopes: new Set(scopes), revoked: undefined },
      ]),
    ),
    triggers: new Map(),
    responseUrls: new Map(),
    messages: createMessages(),
    files: createFiles(origin),
    limits: options.limited === true ? createLimits() : undefined,
    views: createViews(),
    joined: new Set(
      each(({ workspace: { channels } }) => [
        channels.general,
        channels.other,
        channels.hidden,
        channels.archived,
      ]),
    ),
    archived: new Set(running.map(({ workspace }) => workspace.channels.archived)),
    closed: new Set(),
    triggerLife: options.triggerLife ?? 3000,
    responses: options.responses ?? 5,
    now: () => Date.now() + ahead,
    changed,
  };
  const delivery = createDelivery(app.signingSecret, sockets);
  const acting = createActing({ world, delivery, wait });
  const hands = createHands(world, acting);

  const seen = (channel: string) =>
    inOrder(world.messages.all().filter((one) => one.channel === channel && !one.ephemeralTo));
  const revoke = (user: Member, why: 'token_revoked' | 'account_inactive') => {
    for (const token of world.tokens.values()) {
      if (token.running.workspace.teamId === user.teamId) token.revoked = why;
    }
  };

  return {
    slackApiUrl: `${origin}/api/`,
    origin,
    authorizationUrl: `${origin}/oauth/v2/authorize`,
    ...app,
    appToken: world.appToken,
    home: home.workspace,
    away: away.workspace,
    users: home.workspace.users,
    crowd: home.members.filter(({ name }) => name.startsWith('member')),
    channels: home.workspace.channels,
    botToken: home.workspace.botToken,

    requests: proxy.requests,
    calls: (method) => proxy.requests.filter((one) => one.method === method),
    violations: () => [...wrongWith(proxy.requests), ...acting.faults],
    crowded: () => crowded(proxy.requests),

    useHttp: delivery.useHttp,
    async useSocket(within = 20_000) {
      delivery.useSocket();
      await wait(() => sockets.count() > 0, within, 'A socket');
    },
    sockets: sockets.count,
    askToReconnect: (reason = 'refresh_requested') => sockets.askToReconnect(reason),
    dropSockets: sockets.drop,

    ...hands,
    again: acting.again,
    raw: delivery.raw,

    async post(user, text, uploads = [], place = {}) {
      const channel = placeOf(world, user, place);
      const owner = runningOf(world, user.teamId);
      const files = uploads.map((one) => {
        const file = world.files.add(user, one);
        return one.connect === true ? world.files.unseen(file) : file;
      });
      const thread = place.threadTs === undefined ? {} : { thread_ts: place.threadTs };
      const answer = await owner.call(
        'chat.postMessage',
        // The emulator takes no message without a text; the member's has what they wrote.
        { channel, text: text === '' ? '(files)' : text, ...thread },
        owner.tokenOf(user.id),
      );
      if (answer.ok !== true) throw new Error(`${user.name} cannot post: ${word(answer.error)}`);
      return world.messages.put({
        type: 'message',
        ...(files.length > 0 ? { subtype: 'file_share', files } : {}),
        ts: word(object(answer.message).ts),
        channel,
        team: user.teamId,
        user: user.id,
        text,
        ...thread,
      });
    },
    upload: (user, file) => world.files.add(user, file),
    async deleteMessage(message) {
      const owner = ownerOf(world, message.channel);
      const token =
        message.bot_id === undefined ? owner?.tokenOf(message.user ?? '') : owner?.innerToken;
      const { channel, ts } = message;
      await owner?.call('chat.delete', { channel, ts }, token ?? '');
      world.messages.remove(message);
      changed();
    },
    message: world.messages.find,
    messages: (channelId = home.workspace.channels.general) => seen(channelId),
    thread: ({ channel, ts, thread_ts = ts }: Message) =>
      seen(channel).filter((one) => one.thread_ts === thread_ts && one.ts !== thread_ts),
    ephemerals: (user) =>
      inOrder(world.messages.all().filter((one) => one.ephemeralTo === user.id)),
    dms: (user) => seen(placeOf(world, user, { dm: true })),
    dmChannel: (user) => placeOf(world, user, { dm: true }),
    homeOf: (user) => world.views.homeOf(user.id),
    openViews: (user) => world.views.openOf(user.id),
    file(id) {
      const held = world.files.held.get(id);
      return held === undefined ? undefined : { ...held.file, bytes: held.bytes };
    },
    async deleteFile(id) {
      const held = world.files.held.get(id);
      if (held === undefined) throw new Error(`There is no file ${id}`);
      const owner = runningOf(world, held.teamId);
      if (held.own) await owner.call('files.delete', { file: id }, owner.innerToken);
      world.files.held.delete(id);
      world.messages.withoutFile(id);
      changed();
    },
    until: async (look, what = 'What was waited for', within = 20_000) => wait(look, within, what),

    fail: proxy.fail,
    processing: world.files.processing,
    setScopes(workspace, given) {
      for (const token of world.tokens.values()) {
        if (token.running.workspace === workspace) token.scopes = new Set(given);
      }
    },
    async setMember(channelId, member) {
      const owner = ownerOf(world, channelId);
      if (owner === undefined) throw new Error(`There is no channel ${channelId}`);
      const { botUserId, users } = owner.workspace;
      const boss = owner.tokenOf(users.admin.id);
      if (member) world.joined.add(channelId);
      else world.joined.delete(channelId);
      const method = member ? 'conversations.invite' : 'conversations.kick';
      const whom = member ? { users: botUserId } : { user: botUserId };
      await owner.call(method, { channel: channelId, ...whom }, boss);
    },
    async archive(channelId) {
      const owner = ownerOf(world, channelId);
      if (owner === undefined) throw new Error(`There is no channel ${channelId}`);
      world.archived.add(channelId);
      const boss = owner.tokenOf(owner.workspace.users.admin.id);
      await owner.call('conversations.archive', { channel: channelId }, boss);
    },
    refuseDms: (user) => void world.closed.add(user.id),
    advance(milliseconds) {
      ahead += milliseconds;
    },
    revokeTokens(user) {
      revoke(user, 'token_revoked');
      const { botUserId } = runningOf(world, user.teamId).workspace;
      return hands.event(user, { type: 'tokens_revoked', tokens: { oauth: [], bot: [botUserId] } });
    },
    uninstall(user) {
      revoke(user, 'account_inactive');
      return hands.event(user, { type: 'app_uninstalled' });
    },
    install: (user, url) => install(world, user, url),
    async close() {
      sockets.close();
      await proxy.close();
      await Promise.all(running.map((one) => one.close()));
    },
  };
}
