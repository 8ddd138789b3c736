import { type Answer, refuse } from './answers.ts';
import { snowflake } from './ids.ts';
import { EPHEMERAL } from './messages.ts';
import type { Body } from './multipart.ts';
import type { JsonObject } from './shapes.ts';
import { type Channel, dmWith, type World } from './world.ts';

function reach(world: World, id: string): Channel {
  const channel = world.channels.get(id);
  if (channel === undefined) return refuse(404, 10003);
  // A guild that the bot is no member of.
  if (channel.guildId !== undefined && channel.guildId !== world.guildId) {
    return refuse(403, 50001);
  }
  return channel;
}

/** What the bot does with its own token: messages of channels, and opening DMs. */
export function botMessages(
  world: World,
  method: string,
  path: string,
  body: Body,
): Answer | undefined {
  if (method === 'POST' && path === '/users/@me/channels') {
    const { recipient_id } = body.json as { recipient_id?: string };
    const user = world.people.get(String(recipient_id));
    if (user === undefined) return refuse(400, 10013);
    return { status: 200, body: dmBody(dmWith(world, user, snowflake)) };
  }
  const match = /^\/channels\/(\d+)(\/messages(?:\/(\d+))?)?$/.exec(path);
  if (match === null) return undefined;
  const channel = reach(world, String(match[1]));
  if (match[2] === undefined) {
    if (method !== 'GET') return undefined;
    return { status: 200, body: channel.type === 1 ? dmBody(channel) : guildBody(channel) };
  }
  const here = [...world.messages.all.values()].filter(
    ({ message }) => message.channel_id === channel.id && ((message.flags ?? 0) & EPHEMERAL) === 0,
  );
  const id = match[3];
  if (id === undefined) {
    if (method === 'GET') {
      return {
        status: 200,
        body: here
          .map(({ message }) => message)
          .toReversed()
          .slice(0, 50),
      };
    }
    if (method !== 'POST') return undefined;
    if (channel.recipient !== undefined && world.closed.has(channel.recipient.id)) {
      return refuse(403, 50007);
    }
    const place = { channelId: channel.id, guildId: channel.guildId, author: world.bot };
    // A nonce that is to be unique gives the message that has it already, as it does at Discord.
    const { nonce, enforce_nonce: enforced } = body.json as { nonce?: string } & JsonObject;
    const there = here.find(({ message }) => enforced === true && message.nonce === nonce);
    if (there !== undefined) return { status: 200, body: there.message };
    const more = nonce === undefined ? {} : { nonce };
    const held = world.messages.create(place, body.json, body.files, more);
    world.changed();
    return { status: 200, body: held.message };
  }
  const held = here.find(({ message }) => message.id === id);
  if (held === undefined) return refuse(404, 10008);
  const own = held.message.author.id === world.bot.id;
  if (method === 'PATCH') {
    if (!own) return refuse(403, 50005);
    world.messages.edit(held, body.json, body.files);
    world.changed();
  }
  if (method === 'DELETE') {
    if (!own) return refuse(403, 50013);
    world.messages.remove(held);
    world.changed();
    return { status: 204 };
  }
  return { status: 200, body: held.message };
}

export function dmBody(channel: Channel) {
  return {
    id: channel.id,
    type: 1,
    flags: 0,
    last_message_id: null,
    recipients: channel.recipient === undefined ? [] : [channel.recipient],
  };
}

export function guildBody(channel: Channel) {
  return {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guildId,
    name: channel.name,
    nsfw: channel.nsfw ?? false,
    topic: null,
    parent_id: null,
    position: 0,
    rate_limit_per_user: 0,
    last_message_id: null,
    flags: 0,
    permission_overwrites: [],
  };
}
