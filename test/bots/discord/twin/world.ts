import type { APIUser } from 'discord.js';
import type { Files } from './files.ts';
import type { Messages } from './messages.ts';
import type { Registry } from './registry.ts';
import type { Callback, JsonObject, Person } from './shapes.ts';

export interface Channel {
  readonly id: string;
  /** 0 text, 1 DM. */
  readonly type: number;
  /** Undefined for a DM. */
  readonly guildId: string | undefined;
  readonly name?: string;
  readonly nsfw?: boolean;
  /** Of a DM. */
  readonly recipient?: APIUser;
}

/** An interaction that was sent to the bot, and what became of it. */
export interface ActState {
  readonly id: string;
  readonly token: string;
  /** 2 command, 3 component, 4 autocomplete, 5 modal. */
  readonly type: number;
  readonly channel: Channel;
  readonly user: APIUser;
  /** The message whose button or select it was; of a modal, the one that opened it. */
  readonly sourceId: string | undefined;
  /** For `interaction_metadata` of the messages that answer it. */
  readonly metadata: JsonObject;
  /** By Discord's clock. */
  readonly sentAt: number;
  expired: boolean;
  callback?: Callback;
  /** The message that `@original` is. */
  originalId?: string;
  readonly followUps: string[];
}

/** What Discord knows; the proxy and the driver share it. */
export interface World {
  readonly applicationId: string;
  readonly token: string;
  readonly guildId: string;
  readonly bot: APIUser;
  readonly people: Map<string, APIUser>;
  readonly channels: Map<string, Channel>;
  /** People who take no DMs. */
  readonly closed: Set<string>;
  readonly acts: Map<string, ActState>;
  readonly files: Files;
  readonly messages: Messages;
  readonly registry: Registry;
  readonly answerWithin: number;
  readonly tokenLife: number;
  /** Milliseconds since 1970, by Discord's clock. */
  now(): number;
  /** Something changed: who waits looks again. */
  changed(): void;
}

/** The DM between the bot and somebody; opened where there was none. */
export function dmWith(world: World, user: APIUser, id: () => string): Channel {
  for (const channel of world.channels.values()) {
    if (channel.recipient?.id === user.id) return channel;
  }
  const channel: Channel = { id: id(), type: 1, guildId: undefined, recipient: user };
  world.channels.set(channel.id, channel);
  return channel;
}

/** Discord's record of a person. Throws where there is none. */
export function account(world: World, user: Person): APIUser {
  const found = world.people.get(user.id);
  if (found === undefined) throw new Error(`There is nobody with the id ${user.id}`);
  return found;
}
