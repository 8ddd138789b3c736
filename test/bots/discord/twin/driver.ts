import { createFiles } from './files.ts';
import { startTwin, type Twin } from './gateway.ts';
import { createHands } from './hands.ts';
import { snowflake } from './ids.ts';
import { createMessages, EPHEMERAL } from './messages.ts';
import { apiUser, EVERYONE } from './payloads.ts';
import { createProxy } from './proxy.ts';
import { createRegistry } from './registry.ts';
import type { Discord, DiscordOptions, Person } from './shapes.ts';
import { violations } from './validator.ts';
import { createWaiting } from './waiting.ts';
import { account, type Channel, dmWith, type World } from './world.ts';

export type * from './shapes.ts';

const MANAGE_GUILD = 1n << 5n;
const MANAGE_MESSAGES = 1n << 13n;
const GUILD_MESSAGES = 1 << 9;
const DIRECT_MESSAGES = 1 << 12;

/**
 * A Discord to test against, on the loopback: a guild with four members, and what their hands do.
 * Close it when the client has been destroyed.
 */
export async function openDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const token = 'twin-token';
  const [applicationId, guildId, foreignId, moderators, admins] = Array.from(
    { length: 5 },
    snowflake,
  );
  if (!applicationId || !guildId || !foreignId || !moderators || !admins) throw new Error('No ids');
  const person = (username: string, more = 0n, roles: string[] = []): Person => ({
    id: snowflake(),
    username,
    permissions: EVERYONE | more,
    roles,
  });
  const users = {
    alice: person('alice'),
    bob: person('bob'),
    moderator: person('moderator', MANAGE_MESSAGES, [moderators]),
    admin: person('admin', MANAGE_GUILD, [admins]),
  };
  const text = (name: string, nsfw = false, of = guildId): Channel => ({
    id: snowflake(),
    type: 0,
    guildId: of,
    name,
    nsfw,
  });
  const general = text('general');
  const other = text('other');
  const adult = text('adult', true);
  const foreign = text('elsewhere', false, foreignId);

  let twin: Twin | undefined;
  let ahead = 0;
  const proxy = createProxy({ world: () => world, upstream: () => (twin as Twin).url() });
  await proxy.listen();
  const { wait, changed } = createWaiting(proxy.requests);
  const files = createFiles(proxy.origin);
  const world: World = {
    applicationId,
    token,
    guildId,
    bot: apiUser(applicationId, 'Likewise', true),
    people: new Map(Object.values(users).map(({ id, username }) => [id, apiUser(id, username)])),
    channels: new Map([general, other, adult, foreign].map((one) => [one.id, one])),
    closed: new Set(),
    acts: new Map(),
    files,
    messages: createMessages(files, (event, data, held) => {
      const seen = ((held.message.flags ?? 0) & EPHEMERAL) === 0 && held.guildId !== foreignId;
      const intent = held.guildId === undefined ? DIRECT_MESSAGES : GUILD_MESSAGES;
      if (seen) twin?.send(event, { ...data, guild_id: held.guildId }, intent);
    }),
    registry: createRegistry(applicationId),
    answerWithin: options.answerWithin ?? 3000,
    tokenLife: options.tokenLife ?? 15 * 60_000,
    now: () => Date.now() + ahead,
    changed,
  };
  twin = await startTwin({
    token,
    bot: { id: applicationId, username: 'Likewise' },
    guildId,
    ownerId: users.admin.id,
    users: Object.values(users),
    channels: [general, other, adult],
    roles: { [moderators]: 'Moderators', [admins]: 'Admins' },
  });
  const gateway = twin;

  const hands = createHands({
    world,
    files,
    general,
    foreign,
    send: (payload) => gateway.send('INTERACTION_CREATE', payload),
    wait,
  });

  const visible = (channelId: string) =>
    [...world.messages.all.values()]
      .map(({ message }) => message)
      .filter((one) => one.channel_id === channelId && ((one.flags ?? 0) & EPHEMERAL) === 0);

  return {
    restUrl: `${proxy.origin()}/api`,
    token,
    applicationId,
    guildId,
    channelId: general.id,
    otherChannelId: other.id,
    adultChannelId: adult.id,
    users,
    roles: { moderators, admins },
    requests: proxy.requests,
    violations: () =>
      proxy.requests.flatMap((request) =>
        violations(request).map((one) => `${request.method} ${request.path}: ${one}`),
      ),

    async register(commands, scope = guildId) {
      const place = scope === null ? '' : `/guilds/${scope}`;
      const response = await fetch(
        `${proxy.origin()}/api/v10/applications/${applicationId}${place}/commands`,
        {
          method: 'PUT',
          headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(commands),
        },
      );
      if (!response.ok) throw new Error(await response.text());
    },
    commands: (scope = guildId) => world.registry.list(scope),

    ...hands,

    upload: (file) => files.add(file, '1', true),
    join(username, more = 0n, of = []) {
      const joined = person(username, more, [...of]);
      world.people.set(joined.id, apiUser(joined.id, username));
      return joined;
    },
    post(user, content, uploads = [], channelId = general.id) {
      const channel = world.channels.get(channelId);
      if (channel === undefined) throw new Error(`There is no channel ${channelId}`);
      const place = { channelId, guildId: channel.guildId, author: account(world, user) };
      const keyed = uploads.map((upload, index) => ({ ...upload, key: `files[${index}]` }));
      return world.messages.create(place, { content }, keyed).message;
    },
    deleteMessage(message) {
      const held = world.messages.all.get(message.id);
      if (held !== undefined) world.messages.remove(held);
      world.changed();
    },
    message: (id) => world.messages.all.get(id)?.message,
    messages: (channelId = general.id) => visible(channelId),
    dms: (user) =>
      visible(dmWith(world, account(world, user), snowflake).id).filter(
        (one) => one.author.id === applicationId,
      ),
    refuseDms: (user) => void world.closed.add(user.id),
    file: (url) => files.find(url)?.bytes,
    attachment: (url) => files.find(url)?.attachment,

    fail: proxy.fail,
    expire(which) {
      for (const one of world.acts.values()) if (one.token === which) one.expired = true;
    },
    advance(milliseconds) {
      ahead += milliseconds;
    },
    connected: gateway.connected,
    disconnect: gateway.disconnect,
    async close() {
      await gateway.close();
      await proxy.close();
    },
  };
}
