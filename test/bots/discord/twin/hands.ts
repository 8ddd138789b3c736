import type { APIMessage } from 'discord.js';
import { openModal, repliesOf } from './acts.ts';
import type { Files } from './files.ts';
import { snowflake } from './ids.ts';
import { commandData, modalData } from './inputs.ts';
import { EPHEMERAL } from './messages.ts';
import { interaction } from './payloads.ts';
import type { Act, Callback, Discord, JsonObject, Person, Place, SlashPlace } from './shapes.ts';
import type { Wait } from './waiting.ts';
import { type ActState, account, type Channel, dmWith, type World } from './world.ts';

type Hands = Pick<
  Discord,
  'slash' | 'autocomplete' | 'press' | 'select' | 'submit' | 'messageCommand' | 'send'
>;

/** A component of a message, by its custom id. */
function componentOf(value: unknown, customId: string): JsonObject | undefined {
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = componentOf(one, customId);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  const own = value as JsonObject;
  if (own.custom_id === customId) return own;
  return componentOf(own.components, customId) ?? componentOf(own.accessory, customId);
}

/** What members do: each makes an interaction and sends it to the bot. */
export function createHands(options: {
  readonly world: World;
  readonly files: Files;
  readonly general: Channel;
  /** A channel of a guild that the bot is no member of. */
  readonly foreign: Channel;
  readonly send: (payload: JsonObject) => void;
  readonly wait: Wait;
}): Hands {
  const { world, files, general, foreign, wait } = options;

  function act(state: ActState, payload: JsonObject): Act {
    world.acts.set(state.id, state);
    options.send(payload);
    const reply = () =>
      state.originalId ? world.messages.all.get(state.originalId)?.message : undefined;
    const follow = (index: number) => {
      const id = state.followUps[index];
      return id === undefined ? undefined : world.messages.all.get(id)?.message;
    };
    return {
      id: state.id,
      token: state.token,
      answered: (within = 10_000): Promise<Callback> =>
        wait(() => state.callback, within, 'The first answer'),
      reply,
      replies: () => repliesOf(world, state),
      until: (predicate, within = 20_000) =>
        wait(
          () => {
            const message = reply();
            return message !== undefined && predicate(message) ? message : undefined;
          },
          within,
          'The reply that was waited for',
        ),
      followUp: (index = 0, within = 20_000) =>
        wait(() => follow(index), within, `Follow-up ${index}`),
    };
  }

  function where(user: Person, place: Place): Channel {
    if (place.dm === true) return dmWith(world, account(world, user), snowflake);
    if (place.userInstalled === true) return foreign;
    const channel = world.channels.get(place.channelId ?? general.id);
    if (channel === undefined) throw new Error(`There is no channel ${place.channelId}`);
    return channel;
  }

  /** A command as the member sees it in that place. Throws where they do not see it. */
  function command(user: Person, name: string, type: number, channel: Channel): JsonObject {
    const found = world.registry.find(name, type, channel.guildId);
    if (found === undefined) throw new Error(`No command ${name} is registered for this place`);
    const contexts = found.contexts as readonly number[] | null;
    if (contexts !== null && !contexts.includes(channel.guildId === undefined ? 1 : 0)) {
      throw new Error(`The command ${name} is not for this place`);
    }
    const types = (found.integration_types ?? [0]) as readonly number[];
    if (
      !types.includes(channel.guildId === foreign.guildId ? 1 : 0) &&
      channel.guildId !== undefined
    ) {
      throw new Error(`The command ${name} is not installed that way`);
    }
    const needed = BigInt((found.default_member_permissions as string | null) ?? 0);
    if (channel.guildId !== undefined && (user.permissions & needed) !== needed) {
      throw new Error(`The command ${name} is hidden from ${user.username}`);
    }
    return found;
  }

  function chat(
    user: Person,
    type: 2 | 4,
    name: string,
    place: SlashPlace,
    data: (found: JsonObject) => JsonObject,
  ) {
    const channel = where(user, place);
    const found = command(user, name, 1, channel);
    const { state, payload } = interaction(world, user, channel, place, {
      type,
      data: data(found),
    });
    return act(state, payload);
  }

  function onComponent(
    user: Person,
    message: APIMessage,
    customId: string,
    place: Place,
    kind: number,
    data: (found: JsonObject) => JsonObject,
  ) {
    const held = world.messages.all.get(message.id);
    if (held === undefined) throw new Error('The message is gone');
    const owner = held.actId === undefined ? undefined : world.acts.get(held.actId)?.user.id;
    if (((held.message.flags ?? 0) & EPHEMERAL) !== 0 && owner !== user.id) {
      throw new Error(`${user.username} does not see this message`);
    }
    const found = componentOf(held.message.components, customId);
    if (found === undefined || found.type !== kind) throw new Error(`There is no ${customId}`);
    if (found.disabled === true) throw new Error(`${customId} is disabled`);
    const channel = world.channels.get(held.message.channel_id) as Channel;
    const { state, payload } = interaction(world, user, channel, place, {
      type: 3,
      data: { id: found.id, custom_id: customId, component_type: kind, ...data(found) },
      sourceId: message.id,
      metadata: { interacted_message_id: message.id },
    });
    return act(state, payload);
  }

  return {
    send(user, { type, data, message }, place = {}) {
      const channel = where(user, place);
      const what = { type, data, sourceId: message?.id };
      const { state, payload } = interaction(world, user, channel, place, what);
      return act(state, payload);
    },
    slash: (user, name, given = {}, place = {}) =>
      chat(user, 2, name, place, (found) => commandData(found, given, place, files)),
    autocomplete: (user, name, focused, given = {}, place = {}) =>
      chat(user, 4, name, place, (found) => commandData(found, given, place, files, focused)),
    press: (user, message, customId, place = {}) =>
      onComponent(user, message, customId, place, 2, () => ({})),
    select: (user, message, customId, values, place = {}) =>
      onComponent(user, message, customId, place, 3, (found) => {
        const offered = (found.options as JsonObject[]).map((one) => one.value);
        const odd = values.find((value) => !offered.includes(value));
        if (odd !== undefined) throw new Error(`${customId} does not offer ${odd}`);
        return { values };
      }),
    submit(user, customId, fields = {}, uploads = {}, place = {}) {
      const opener = openModal(world, user.id, customId);
      if (opener?.callback === undefined) throw new Error(`No modal ${customId} is open`);
      const { state, payload } = interaction(world, user, opener.channel, place, {
        type: 5,
        data: modalData(opener.callback.data, fields, uploads, files),
        sourceId: opener.sourceId,
        metadata: { triggering_interaction_metadata: opener.metadata },
      });
      return act(state, payload);
    },
    messageCommand(user, name, message, place = {}) {
      const channel = world.channels.get(message.channel_id) ?? where(user, place);
      const found = command(user, name, 3, channel);
      const current = world.messages.all.get(message.id)?.message ?? message;
      const { state, payload } = interaction(world, user, channel, place, {
        type: 2,
        data: {
          id: found.id,
          name,
          type: 3,
          ...(found.guild_id === undefined ? {} : { guild_id: found.guild_id }),
          target_id: message.id,
          resolved: { messages: { [message.id]: current } },
        },
        metadata: { target_message_id: message.id },
      });
      return act(state, payload);
    },
  };
}
