import type { APIUser } from 'discord.js';
import { dmBody, guildBody } from './bot-messages.ts';
import { snowflake } from './ids.ts';
import type { JsonObject, Person, Place } from './shapes.ts';
import type { ActState, Channel, World } from './world.ts';

const bits = (...positions: readonly number[]) =>
  positions.reduce((sum, position) => sum | (1n << BigInt(position)), 0n);

/**
 * React, see, send, embed, attach, read the history, use others' emojis, use commands, write in
 * threads, and use apps that are one's own; no management of the guild.
 */
export const EVERYONE = bits(6, 10, 11, 14, 15, 16, 18, 31, 38, 50);
/** Of an app that is no member: it may answer, attach and embed. */
const GUEST = bits(11, 14, 15, 18);

export function apiUser(id: string, username: string, bot = false): APIUser {
  return {
    id,
    username,
    discriminator: '0',
    global_name: username,
    avatar: null,
    ...(bot ? { bot } : {}),
    public_flags: 0,
  } as unknown as APIUser;
}

export function memberOf(user: APIUser, person: Person): JsonObject {
  return {
    user,
    nick: null,
    avatar: null,
    banner: null,
    roles: person.roles,
    joined_at: '2026-01-01T00:00:00.000000+00:00',
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    permissions: String(person.permissions),
  };
}

function installed(world: World, channel: Channel, userId: string): JsonObject {
  if (channel.guildId === undefined) return { 0: '0' };
  return channel.guildId === world.guildId ? { 0: world.guildId } : { 1: userId };
}

/** An interaction, as it goes out at the gateway, and what is kept of it. */
export function interaction(
  world: World,
  person: Person,
  channel: Channel,
  place: Place,
  what: {
    type: number;
    data: JsonObject;
    sourceId?: string | undefined;
    metadata?: JsonObject;
  },
): { state: ActState; payload: JsonObject } {
  const user = world.people.get(person.id) as APIUser;
  const owners = installed(world, channel, user.id);
  const { guildId } = channel;
  const id = snowflake();
  const token = `twin-${id}-${'x'.repeat(40)}`;
  const source = what.sourceId === undefined ? undefined : world.messages.all.get(what.sourceId);
  const guest = guildId !== undefined && guildId !== world.guildId;
  const { locale = 'en-US', guildLocale = 'en-US' } = place;
  const payload: JsonObject = {
    version: 1,
    id,
    application_id: world.applicationId,
    type: what.type,
    token,
    data: what.data,
    channel_id: channel.id,
    channel:
      guildId === undefined
        ? dmBody(channel)
        : { ...guildBody(channel), permissions: String(person.permissions) },
    ...(guildId === undefined
      ? { user, context: 1 }
      : {
          context: 0,
          guild_id: guildId,
          guild: { id: guildId, locale: guildLocale, features: [] },
          guild_locale: guildLocale,
          member: memberOf(user, person),
        }),
    ...(source === undefined ? {} : { message: source.message }),
    locale,
    app_permissions: String(guest ? GUEST : EVERYONE),
    attachment_size_limit: place.attachmentSizeLimit ?? 10 * 1024 * 1024,
    authorizing_integration_owners: owners,
    entitlements: [],
    entitlement_sku_ids: [],
  };
  const state: ActState = {
    id,
    token,
    type: what.type,
    channel,
    user,
    sourceId: what.sourceId,
    metadata: {
      id,
      type: what.type,
      user,
      authorizing_integration_owners: owners,
      ...what.metadata,
    },
    sentAt: world.now(),
    expired: false,
    followUps: [],
  };
  return { state, payload };
}
