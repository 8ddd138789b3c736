import type { APIMessage } from 'discord.js';
import { type Answer, refuse } from './answers.ts';
import { EPHEMERAL, type Held, LOADING } from './messages.ts';
import type { Body } from './multipart.ts';
import type { JsonObject } from './shapes.ts';
import type { ActState, World } from './world.ts';

const AUTOCOMPLETE = 4;
const MODAL = 5;

/** Which answers each type of interaction takes. */
const ALLOWED: Readonly<Record<number, readonly number[]>> = {
  2: [4, 5, 9],
  3: [4, 5, 6, 7, 9],
  4: [8],
  5: [4, 5, 6, 7],
};

function place(world: World, act: ActState) {
  const { channel } = act;
  return { channelId: channel.id, guildId: channel.guildId, actId: act.id, author: world.bot };
}

function stamp(world: World, act: ActState, followUp: boolean): JsonObject {
  return {
    application_id: world.applicationId,
    webhook_id: world.applicationId,
    type: act.type === 2 && !followUp ? 20 : 19,
    interaction_metadata: {
      ...act.metadata,
      ...(followUp && act.originalId ? { original_response_message_id: act.originalId } : {}),
    },
  };
}

/** The messages that an interaction's token may touch. */
export function messageOf(world: World, act: ActState, id: string): Held | undefined {
  const real = id === '@original' ? act.originalId : id;
  const held = real === undefined ? undefined : world.messages.all.get(real);
  if (held === undefined) return undefined;
  return held.actId === act.id || held.message.id === act.sourceId ? held : undefined;
}

/** `POST /interactions/ID/TOKEN/callback`: the first answer. */
export function answerAct(
  world: World,
  act: ActState | undefined,
  body: Body,
  withResponse: boolean,
): Answer {
  if (act === undefined) return refuse(404, 10062);
  if (act.callback !== undefined) return refuse(400, 40060);
  const waited = world.now() - act.sentAt;
  if (waited > world.answerWithin || act.expired) return refuse(404, 10062);
  const { type, data = {} } = body.json as { type: number; data?: JsonObject };
  const allowed = ALLOWED[act.type] ?? [];
  const update = type === 6 || type === 7;
  const source = act.sourceId === undefined ? undefined : world.messages.all.get(act.sourceId);
  if (!allowed.includes(type) || (update && act.sourceId === undefined)) {
    return refuse(400, 50035, `Interactions of type ${act.type} take no answer of type ${type}`);
  }
  if (type === 7 && source === undefined) return refuse(404, 10008);
  act.callback = { type, data, after: waited };
  if (type === 4) {
    const held = world.messages.create(
      place(world, act),
      data,
      body.files,
      stamp(world, act, false),
    );
    act.originalId = held.message.id;
  }
  if (type === 5) {
    const flags = LOADING | (Number(data.flags ?? 0) & EPHEMERAL);
    const extra = { ...stamp(world, act, false), flags };
    act.originalId = world.messages.create(place(world, act), {}, [], extra).message.id;
  }
  if (update && source !== undefined) {
    act.originalId = source.message.id;
    if (type === 7) world.messages.edit(source, data, body.files);
  }
  world.changed();
  if (!withResponse) return { status: 204 };
  return { status: 200, body: callbackBody(world, act, type) };
}

function callbackBody(world: World, act: ActState, type: number): JsonObject {
  const shown = type === 4 || type === 5 || type === 7;
  const message = act.originalId ? world.messages.all.get(act.originalId)?.message : undefined;
  const flags = message?.flags ?? 0;
  return {
    interaction: {
      id: act.id,
      type: act.type,
      ...(message === undefined
        ? {}
        : {
            response_message_id: message.id,
            response_message_loading: (flags & LOADING) !== 0,
            response_message_ephemeral: (flags & EPHEMERAL) !== 0,
          }),
    },
    ...(shown ? { resource: { type, ...(message === undefined ? {} : { message }) } } : {}),
  };
}

function live(world: World, token: string): ActState {
  const act = [...world.acts.values()].find((one) => one.token === token);
  if (act === undefined) return refuse(401, 50027);
  if (act.expired || world.now() - act.sentAt > world.tokenLife) return refuse(401, 50027);
  return act;
}

/** `POST /webhooks/APPLICATION/TOKEN`: a follow-up. */
export function followUp(world: World, token: string, body: Body): Answer {
  const act = live(world, token);
  const type = act.callback?.type;
  if (type === undefined || type === 9 || act.type === AUTOCOMPLETE) return refuse(404, 10015);
  const original = act.originalId ? world.messages.all.get(act.originalId) : undefined;
  if (original !== undefined && ((original.message.flags ?? 0) & LOADING) !== 0) {
    // The first follow-up of a deferred answer edits it, as it does at Discord.
    world.messages.edit(original, body.json, body.files);
    world.changed();
    return { status: 200, body: original.message };
  }
  const extra = stamp(world, act, true);
  const held = world.messages.create(place(world, act), body.json, body.files, extra);
  act.followUps.push(held.message.id);
  world.changed();
  return { status: 200, body: held.message };
}

/** `… /messages/ID` of a token: `GET`, `PATCH`, `DELETE`. */
export function webhookMessage(
  world: World,
  token: string,
  id: string,
  method: string,
  body: Body,
): Answer {
  const act = live(world, token);
  if (act.callback === undefined) return refuse(404, 10015);
  const held = messageOf(world, act, id);
  if (held === undefined) return refuse(404, 10008);
  if (method === 'DELETE') {
    world.messages.remove(held);
    world.changed();
    return { status: 204 };
  }
  if (method === 'PATCH') {
    world.messages.edit(held, body.json, body.files);
    world.changed();
  }
  return { status: 200, body: held.message };
}

/** What a modal that is submitted now belongs to: the newest one with this id which the user has. */
export function openModal(world: World, userId: string, customId: string): ActState | undefined {
  return [...world.acts.values()].findLast(
    (act) =>
      act.type !== MODAL &&
      act.user.id === userId &&
      act.callback?.type === 9 &&
      act.callback.data.custom_id === customId,
  );
}

export function repliesOf(world: World, act: ActState): APIMessage[] {
  const ids = [...(act.originalId ? [act.originalId] : []), ...act.followUps];
  return ids.flatMap((id) => {
    const held = world.messages.all.get(id);
    return held === undefined ? [] : [held.message];
  });
}
