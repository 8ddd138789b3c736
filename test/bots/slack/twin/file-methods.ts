import { type Answer, fine, refused, word } from './answers.ts';
import type { HeldFile } from './files.ts';
import { botMessage } from './message-methods.ts';
import type { Call, Method } from './methods.ts';
import { barred } from './places.ts';
import type { JsonObject, SlackFile } from './shapes.ts';

const whole = (body: JsonObject): Answer => ({ status: 200, body });

function mine({ world, running }: Call, id: unknown): HeldFile | undefined {
  const held = world.files.held.get(word(id));
  return held?.teamId === running.workspace.teamId ? held : undefined;
}

/** When a file was shown in a channel; undefined where it was not. */
function sharedAt(file: SlackFile, channel: string): string | undefined {
  const shares = (file.shares ?? {}) as Record<string, Record<string, { ts: string }[]>>;
  return Object.values(shares)
    .flatMap((one) => one[channel] ?? [])
    .at(-1)?.ts;
}

export const fileMethods: Readonly<Record<string, Method>> = {
  async 'files.getUploadURLExternal'({ world, running, pass }) {
    const answer = await pass();
    const empty = new Uint8Array();
    if (answer.ok === true) {
      world.files.own(word(answer.file_id), running.workspace.teamId, empty);
    }
    return whole(answer);
  },
  async 'files.completeUploadExternal'(call) {
    const { world, token, body, pass } = call;
    const given = word(body.channel_id) || word(body.channels);
    const channels = given === '' ? [] : given.split(',');
    for (const channel of channels) {
      const why = barred(world, token, channel);
      if (why !== undefined) return refused(why);
    }
    const answer = await pass({ channel_id: '', channels: channels.join(',') });
    if (answer.ok !== true) return whole(answer);
    const files = (answer.files as SlackFile[]).map((file) => {
      const held = world.files.held.get(file.id);
      if (held === undefined) return file;
      held.file = { ...file, file_access: 'visible' };
      return world.files.shown(held);
    });
    for (const channel of channels) {
      const ts = (answer.files as SlackFile[]).map((file) => sharedAt(file, channel)).at(-1);
      if (ts === undefined) continue;
      const { initial_comment: text, blocks, thread_ts } = body;
      world.messages.put({
        ...botMessage(call, channel, {
          ts,
          text: text ?? '',
          ...(blocks === undefined ? {} : { blocks }),
          ...(thread_ts === undefined ? {} : { thread_ts }),
        }),
        subtype: 'file_share',
        files: files.map((file) => ({ ...file })),
      });
    }
    return whole({ ...answer, files });
  },
  async 'files.info'(call) {
    const { world, body, pass } = call;
    const held = mine(call, body.file);
    if (held === undefined) return refused('file_not_found');
    if (held.own) {
      const answer = await pass();
      if (answer.ok !== true) return whole(answer);
      held.file = { ...(answer.file as SlackFile), file_access: 'visible' };
    }
    const file = world.files.shown(held);
    held.pending -= 1;
    return fine({ file, comments: [], response_metadata: { next_cursor: '' } });
  },
  async 'files.delete'(call) {
    const { world, body, pass } = call;
    const held = mine(call, body.file);
    if (held === undefined) return refused('file_not_found');
    if (!held.own) return refused('cant_delete_file');
    const answer = await pass();
    if (answer.ok !== true) return whole(answer);
    world.files.held.delete(held.file.id);
    world.messages.withoutFile(held.file.id);
    return whole(answer);
  },
};
