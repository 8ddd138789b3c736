import { type Answer, object, refused, word } from './answers.ts';
import type { Call, Method } from './methods.ts';
import { barred, channelOf, partner, unshowable } from './places.ts';
import type { JsonObject, Message } from './shapes.ts';

const whole = (body: JsonObject): Answer => ({ status: 200, body });

const invalidBlocks = (messages: string[]) =>
  refused('invalid_blocks', { errors: messages, response_metadata: { messages } });

/** A message of the bot as the emulator gives it, with what Slack says besides. */
export function botMessage(
  { running, world }: Pick<Call, 'running' | 'world'>,
  channel: string,
  message: JsonObject,
): Message {
  const { workspace } = running;
  return {
    ...message,
    type: 'message',
    ts: word(message.ts),
    text: word(message.text),
    channel,
    team: workspace.teamId,
    user: workspace.botUserId,
    bot_id: workspace.botId,
    app_id: world.app.appId,
  };
}

/** As answers and payloads have a message: where it is stands beside it. */
export function outside(message: Message): JsonObject {
  const { channel: _channel, ephemeralTo: _who, ...rest } = message;
  return rest;
}

export const messageMethods: Readonly<Record<string, Method>> = {
  async 'chat.postMessage'(call) {
    const { world, running, token, body, pass } = call;
    const channel = channelOf(running, body.channel);
    const why = barred(world, token, channel);
    if (why !== undefined) return refused(why);
    const bad = unshowable(world, running, body.blocks);
    if (bad.length > 0) return invalidBlocks(bad);
    const answer = await pass({ channel });
    if (answer.ok !== true) return whole(answer);
    const message = world.messages.put(botMessage(call, channel, object(answer.message)));
    return whole({ ...answer, message: outside(message) });
  },
  async 'chat.postEphemeral'(call) {
    const { world, running, token, body, pass } = call;
    const channel = word(body.channel);
    const why = barred(world, token, channel);
    if (why !== undefined) return refused(why);
    const user = word(body.user);
    const with_ = partner(running, channel);
    if (with_ !== undefined && with_ !== user) return refused('user_not_in_channel');
    const bad = unshowable(world, running, body.blocks);
    if (bad.length > 0) return invalidBlocks(bad);
    const answer = await pass();
    if (answer.ok !== true) return whole(answer);
    const { blocks, text, thread_ts } = body;
    world.messages.put({
      ...botMessage(call, channel, {
        ts: answer.message_ts,
        text,
        ...(blocks === undefined ? {} : { blocks }),
        ...(thread_ts === undefined ? {} : { thread_ts }),
      }),
      ephemeralTo: user,
    });
    return whole(answer);
  },
  async 'chat.update'(call) {
    const { world, running, body, pass } = call;
    const channel = word(body.channel);
    if (!running.names.has(channel)) return refused('channel_not_found');
    if (world.archived.has(channel)) return refused('is_inactive');
    const bad = unshowable(world, running, body.blocks);
    if (bad.length > 0) return invalidBlocks(bad);
    const answer = await pass();
    if (answer.ok !== true) return whole(answer);
    const before = world.messages.find(channel, word(body.ts));
    const files = before?.files === undefined ? {} : { files: before.files };
    const now = botMessage(call, channel, { ...object(answer.message), ...files });
    return whole({ ...answer, message: outside(world.messages.put(now)) });
  },
  async 'chat.delete'({ world, body, pass }) {
    const answer = await pass();
    const message = world.messages.find(word(body.channel), word(body.ts));
    if (answer.ok === true && message !== undefined) world.messages.remove(message);
    return whole(answer);
  },
};
