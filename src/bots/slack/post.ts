import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../commands/port.ts';
import type { Post, Shown } from '../tell.ts';
import { type Draft, type Filled, filled } from './messages/index.ts';
import type { Entry } from './store.ts';
import { barrierIn, barriers, isUncertain, refusedFor, type Upload, type Wire } from './wire.ts';
import { wordsFor } from './words/index.ts';

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
  /** Says to whoever asked that what is last can be sent nowhere. */
  readonly lost?: (() => Promise<void>) | undefined;
}

/** Milliseconds between two previews: each is a file of its own in Slack. */
const previewPace = 15_000;
/** Milliseconds before a message is sent again whose files Slack does not know yet. */
const patience = [500, 1500, 4000];

/**
 * A message, changed in place as long as Slack allows it; a new one where it does not; a direct one
 * where only one may see it, or where the channel takes none of the bot's.
 */
export function createPost({ wire, entry, now, log, lost }: PostOptions): Post<Ready> {
  /** Ids of files, by their keys. */
  const uploaded = new Map<string, string>();
  let preview: { readonly id: string; readonly at: number } | undefined;
  /** Ids of what was put into the thread, by their keys. */
  const shared = new Map<string, string>();
  /** Whether a message may be there whose name Slack did not get to tell. */
  let isUnknown = false;

  const filesOf = () => entry.record.files ?? [];
  const upload = async (file: Upload & { readonly key: string }) => {
    const id = await wire.upload(file);
    uploaded.set(file.key, id);
    entry.change({ files: [...filesOf(), id] });
    return id;
  };
  /** Deletes what is no longer shown: previews, and those of before a restart. */
  const drop = async (shown: readonly string[]) => {
    const kept = new Set([...shown, ...shared.values()]);
    for (const id of filesOf().filter((each) => !kept.has(each))) {
      try {
        await wire.deleteFile(id);
      } catch (error) {
        if (!refusedFor(error, ['gone'])) log({ err: error }, 'a file is still in Slack');
      }
      for (const [key, known] of uploaded) if (known === id) uploaded.delete(key);
    }
    entry.change({ files: filesOf().filter((each) => kept.has(each)) });
  };
  /** Ids of what is shown in the message. */
  const idsOf = async ({ draft, files }: Ready, last: boolean) => {
    const ids: Record<string, string> = {};
    for (const { name, inThread } of draft.files) {
      const file = files.get(name);
      if (inThread || !file) continue;
      const isFresh = !last && preview !== undefined && now() - preview.at < previewPace;
      const id = uploaded.get(file.key) ?? (isFresh ? preview?.id : undefined);
      ids[name] = id ?? (await upload(file));
      if (!last && preview?.id !== ids[name]) preview = { id: ids[name], at: now() };
    }
    return ids;
  };
  /** Sends again as long as Slack does not know a file that it was given. */
  const send = async <Result>(
    draft: Draft,
    ids: Record<string, string>,
    say: (message: Filled) => Promise<Result>,
  ): Promise<{ result: Result; message: Filled; shown: readonly string[] }> => {
    const whole = filled(draft, ids);
    const all = Object.values(ids);
    for (const wait of all.length > 0 ? patience : []) {
      try {
        return { result: await say(whole), message: whole, shown: all };
      } catch (error) {
        if (!refusedFor(error, ['early'])) throw error;
        await sleep(wait);
      }
    }
    // Without the pictures, which are shared in the thread.
    const message = all.length > 0 ? filled(draft, {}) : whole;
    return { result: await say(message), message, shown: [] };
  };

  type Sent = Pick<Awaited<ReturnType<typeof send>>, 'message' | 'shown'>;

  /** @returns undefined where another way is to be tried */
  const change = async (
    draft: Draft,
    ids: Record<string, string>,
  ): Promise<Sent | 'deleted' | undefined> => {
    const { channel, message } = entry.record;
    if (message === undefined) return undefined;
    try {
      return await send(draft, ids, (said) => wire.update({ channel, message }, said));
    } catch (error) {
      if (refusedFor(error, ['gone'])) return 'deleted';
      if (refusedFor(error, ['old', ...barriers])) return undefined;
      throw error;
    }
  };
  const inChannel = async (draft: Draft, ids: Record<string, string>) => {
    const { channel, thread, direct } = entry.record;
    if (direct !== undefined) return undefined;
    try {
      const sent = await send(draft, ids, (said) => wire.post(channel, said, thread));
      entry.change(sent.result);
      return sent;
    } catch (error) {
      const barrier = barrierIn(error);
      if (barrier === undefined) throw error;
      entry.change({ direct: 'closed', barrier });
      return undefined;
    }
  };
  const directly = async (draft: Draft, ids: Record<string, string>) => {
    const channel = await wire.direct(entry.record.user);
    const sent = await send(draft, ids, (said) => wire.post(channel, said));
    entry.change({ ...sent.result, thread: undefined });
    return sent;
  };
  /** Puts into the thread what is not there yet: where one of them fails, the rest is tried again. */
  const share = async ({ rest }: Filled, { files }: Ready): Promise<void> => {
    const { channel, thread, message, locale } = entry.record;
    if (message === undefined) return;
    const place = { channel, message: thread ?? message };
    for (const { name, inThread } of rest) {
      const file = files.get(name);
      if (!file || shared.has(file.key)) continue;
      const comment = inThread ? undefined : wordsFor(locale).threadLate;
      const id = await wire.share(file, place, comment);
      shared.set(file.key, id);
      entry.change({ files: [...filesOf(), id] });
    }
  };
  const show = async (ready: Ready, last: boolean): Promise<Sent | 'deleted' | undefined> => {
    const ids = await idsOf(ready, last);
    return (await change(ready.draft, ids)) ?? (await inChannel(ready.draft, ids));
  };

  return {
    // Slack lets a bot change its messages for good.
    isClosing: () => false,
    async show(prepare, last): Promise<Shown> {
      const why = () => entry.record.direct;
      // Progress is not worth a second message.
      if (isUnknown && !last && entry.record.message === undefined) return 'shown';
      try {
        let ready = await prepare(why());
        let sent = await show(ready, last);
        if (sent === undefined) {
          ready = await prepare(why());
          sent = await directly(ready.draft, await idsOf(ready, last));
        }
        if (sent === 'deleted') {
          shared.clear();
          await drop([]);
          return 'deleted';
        }
        await drop(sent.shown);
        if (last) await share(sent.message, ready);
        return 'shown';
      } catch (error) {
        isUnknown ||= isUncertain(error);
        if (refusedFor(error, ['revoked'])) return 'unreachable';
        if (!refusedFor(error, ['unreachable'])) throw error;
        if (last) await lost?.();
        return 'unreachable';
      }
    },
    async remove() {
      const { channel, message } = entry.record;
      if (message !== undefined) {
        try {
          await wire.delete({ channel, message });
        } catch (error) {
          if (!refusedFor(error, ['gone', ...barriers, 'revoked'])) throw error;
        }
      }
      shared.clear();
      await drop([]);
    },
  };
}
