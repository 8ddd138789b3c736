import { type Answer, object, word } from './answers.ts';
import { timestamp } from './ids.ts';
import { botMessage } from './message-methods.ts';
import { unshowable } from './places.ts';
import type { JsonObject, Message } from './shapes.ts';
import type { ActState, World } from './world.ts';

const LIFE = 30 * 60_000;

const no = (status: number, error: string): Answer => ({ status, body: { ok: false, error } });

/** What the response goes in place of: the message that was pressed, or the first response. */
function original(world: World, act: ActState): Message | undefined {
  const { source } = act;
  if (source !== undefined) return world.messages.find(source.channel, source.ts);
  return world.messages.byKey(act.replies[0] ?? '');
}

/** `POST` to a response URL: five uses within 30 minutes, also where the bot is no member. */
export async function respond(world: World, path: string, body: JsonObject): Promise<Answer> {
  const found = world.responseUrls.get(path);
  if (found === undefined) return no(404, 'invalid_url');
  if (world.now() - found.bornAt > LIFE) return no(404, 'expired_url');
  if (found.uses >= world.responses) return no(404, 'used_url');
  const { act } = found;
  const bad = unshowable(world, act.running, body.blocks);
  if (bad.length > 0) return no(400, 'invalid_blocks');
  const now = original(world, act);
  if (body.delete_original === true) {
    if (now === undefined) return no(404, 'no_original');
    found.uses += 1;
    await atEmulator(act, 'chat.delete', now, {});
    world.messages.remove(now);
  } else if (body.replace_original === true && now !== undefined) {
    found.uses += 1;
    const { text, blocks } = body;
    await atEmulator(act, 'chat.update', now, { text: word(text), blocks: blocks ?? [] });
    const { blocks: _before, ...kept } = now;
    world.messages.put({
      ...kept,
      text: word(text),
      ...(blocks === undefined ? {} : { blocks: blocks as JsonObject[] }),
    });
  } else {
    if (word(body.text) === '' && body.blocks === undefined) return no(400, 'no_text');
    found.uses += 1;
    await create(world, act, body);
  }
  world.changed();
  return { status: 200, body: 'ok' };
}

async function create(world: World, act: ActState, body: JsonObject): Promise<void> {
  const channel = act.channelId ?? '';
  const fields = {
    text: word(body.text),
    ...(body.blocks === undefined ? {} : { blocks: body.blocks }),
    ...(body.thread_ts === undefined ? {} : { thread_ts: body.thread_ts }),
  };
  const open = body.response_type === 'in_channel';
  let ts = timestamp();
  if (open) {
    // Where the bot is no member of a private channel, the emulator does not let it: Slack does.
    const answer = await act.running.call(
      'chat.postMessage',
      { channel, ...fields },
      act.running.innerToken,
    );
    if (answer.ok === true) ts = word(answer.ts);
  }
  const message = world.messages.put({
    ...botMessage({ world, running: act.running }, channel, { ts, ...fields }),
    ...(open ? {} : { ephemeralTo: act.user.id }),
  });
  act.replies.push(world.messages.key(message));
}

/** What the emulator knows of is changed there too. */
async function atEmulator(act: ActState, method: string, message: Message, more: JsonObject) {
  if (message.ephemeralTo !== undefined) return;
  const { channel, ts } = message;
  await act.running.call(method, { channel, ts, ...more }, act.running.innerToken);
}

export const bodyOf = (bytes: Buffer): JsonObject => {
  try {
    return object(JSON.parse(bytes.toString('utf8')));
  } catch {
    return {};
  }
};
