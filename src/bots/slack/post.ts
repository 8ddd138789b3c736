import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../commands/port.ts';
import type { Post, Shown } from '../tell.ts';
import { type Draft, type Filled, filled } from './messages/index.ts';
import type { Entry } from './store.ts';
import { type Posted, refusedFor, type Upload, type Wire } from './wire.ts';

/** A draft with its files read. */
export interface Ready {
  readonly draft: Draft;
  /** By their names in the draft; `key` says whether it is the same as another time. */
  readonly files: ReadonlyMap<string, Upload & { readonly key: string }>;
}

export interface PostOptions {
  readonly wire: Wire;
  /** Where the answer is, as far as it is known. */
  readonly entry: Entry;
  readonly now: () => number;
  readonly log: Log;
}

/** Milliseconds between two previews: each is a file of its own in Slack. */
const previewPace = 15_000;
/** Milliseconds before a message is sent again whose files Slack does not know yet. */
const patience = [500, 1500, 4000];

/**
 * A message, changed in place as long as Slack allows it; a new one where it does not; a direct one
 * where only one may see it, or where the channel takes none of the bot's.
 */
export function createPost({ wire, entry, now, log }: PostOptions): Post<Ready> {
  const uploaded = new Map<string, string>();
  let preview: { readonly id: string; readonly at: number } | undefined;
  let isShared = false;

  const forget = async (id: string) => {
    try {
      await wire.deleteFile(id);
    } catch (error) {
      log({ err: error }, 'a preview is still in Slack');
    }
  };
  /** Ids of what is shown in the message. */
  const idsOf = async ({ draft, files }: Ready, last: boolean) => {
    const ids: Record<string, string> = {};
    for (const { name, inThread } of draft.files) {
      const file = files.get(name);
      if (inThread || !file) continue;
      const known = uploaded.get(file.key);
      const isFresh = preview && now() - preview.at < previewPace;
      const id = known ?? (!last && isFresh ? preview?.id : undefined) ?? (await wire.upload(file));
      uploaded.set(file.key, id);
      ids[name] = id;
      if (!last && preview?.id !== id) preview = { id, at: now() };
    }
    return ids;
  };
  /** Sends again as long as Slack does not know a file that it was given. */
  const send = async <Result>(
    draft: Draft,
    ids: Record<string, string>,
    say: (message: Filled) => Promise<Result>,
  ): Promise<{ result: Result; message: Filled }> => {
    const whole = filled(draft, ids);
    for (const wait of Object.keys(ids).length > 0 ? patience : []) {
      try {
        return { result: await say(whole), message: whole };
      } catch (error) {
        if (!refusedFor(error, ['early'])) throw error;
        await sleep(wait);
      }
    }
    // Without the pictures, which are shared in the thread.
    const message = Object.keys(ids).length > 0 ? filled(draft, {}) : whole;
    return { result: await say(message), message };
  };

  /** @returns undefined where another way is to be tried */
  const change = async (
    draft: Draft,
    ids: Record<string, string>,
  ): Promise<Filled | 'deleted' | undefined> => {
    const { channel, message } = entry.record;
    if (message === undefined) return undefined;
    try {
      return (await send(draft, ids, (said) => wire.update({ channel, message }, said))).message;
    } catch (error) {
      if (refusedFor(error, ['gone'])) return 'deleted';
      if (refusedFor(error, ['old', 'closed'])) return undefined;
      throw error;
    }
  };
  const inChannel = async (draft: Draft, ids: Record<string, string>) => {
    const { channel, thread, direct } = entry.record;
    if (direct !== undefined) return undefined;
    try {
      const sent = await send(draft, ids, (said) => wire.post(channel, said, thread));
      entry.change(sent.result);
      return sent.message;
    } catch (error) {
      if (!refusedFor(error, ['closed'])) throw error;
      entry.change({ direct: 'closed' });
      return undefined;
    }
  };
  const directly = async (draft: Draft, ids: Record<string, string>) => {
    const channel = await wire.direct(entry.record.user);
    const sent = await send(draft, ids, (said) => wire.post(channel, said));
    entry.change({ ...sent.result, thread: undefined });
    return sent.message;
  };
  const share = async ({ rest }: Filled, { files }: Ready) => {
    const { channel, thread, message } = entry.record;
    if (isShared || message === undefined) return;
    isShared = true;
    const place: Posted = { channel, message: thread ?? message };
    for (const { name } of rest) {
      const file = files.get(name);
      if (file) await wire.share(file, place);
    }
  };

  return {
    // Slack lets a bot change its messages for good.
    isClosing: () => false,
    async show(prepare, last): Promise<Shown> {
      const why = () => entry.record.direct;
      let ready = await prepare(why());
      const before = preview?.id;
      try {
        let ids = await idsOf(ready, last);
        let shown = (await change(ready.draft, ids)) ?? (await inChannel(ready.draft, ids));
        if (shown === undefined) {
          ready = await prepare(why());
          ids = await idsOf(ready, last);
          shown = await directly(ready.draft, ids);
        }
        if (shown === 'deleted') return 'deleted';
        if (before !== undefined && (last || before !== preview?.id)) await forget(before);
        if (last) await share(shown, ready);
        return 'shown';
      } catch (error) {
        if (refusedFor(error, ['revoked', 'unreachable'])) return 'unreachable';
        throw error;
      }
    },
    async remove() {
      const { channel, message } = entry.record;
      if (message === undefined) return;
      try {
        await wire.delete({ channel, message });
      } catch (error) {
        if (!refusedFor(error, ['gone', 'closed', 'revoked'])) throw error;
      }
    },
  };
}
