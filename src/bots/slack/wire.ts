import { setTimeout as sleep } from 'node:timers/promises';
import type { types, webApi } from '@slack/bolt';

/** A message that is there. */
export interface Posted {
  readonly channel: string;
  /** Its `ts`. */
  readonly message: string;
}

export interface Said {
  readonly blocks: types.KnownBlock[];
  readonly text: string;
}

/** A file as Slack describes it. */
export interface FileInfo {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly mimetype: string | undefined;
  readonly url: string | undefined;
}

/** Somebody of the workspace. */
export interface Member {
  readonly admin: boolean;
  /** A BCP 47 tag. */
  readonly locale: string;
}

/**
 * All that the bot asks of Slack's Web API in one workspace. It waits for rate limits, and tries again
 * where a request failed on the way; what is refused is an error whose word `errorIn` tells.
 */
export interface Wire {
  readonly token: string;
  post(channel: string, message: Said, thread?: string): Promise<Posted>;
  update(place: Posted, message: Said): Promise<void>;
  delete(place: Posted): Promise<void>;
  /** Seen by this user alone; it cannot be changed later. */
  whisper(channel: string, user: string, message: Said, thread?: string): Promise<void>;
  /** @returns the channel of direct messages with a user */
  direct(user: string): Promise<string>;
  /** @returns undefined where there is none to be had */
  permalink(place: Posted): Promise<string | undefined>;
  /** @returns its id, once Slack has looked at it, or given time for that has passed */
  upload(file: Upload): Promise<string>;
  /** Into a thread, where it is seen as a file. */
  share(file: Upload, place: Posted): Promise<void>;
  deleteFile(id: string): Promise<void>;
  file(id: string): Promise<FileInfo>;
  member(user: string): Promise<Member>;
  open(trigger: string, view: types.ModalView): Promise<void>;
  change(id: string, hash: string, view: types.ModalView): Promise<void>;
  publish(user: string, view: types.HomeView): Promise<void>;
}

export interface Upload {
  readonly name: string;
  readonly alt?: string | undefined;
  readonly bytes: Uint8Array;
}

/** Milliseconds between questions whether Slack has looked at a file. */
const polls = [200, 400, 800, 1500, 3000, 3000];

export function createWire(client: webApi.WebClient): Wire {
  const upload = async (
    { name, alt, bytes }: Upload,
    place: { channel_id?: string; thread_ts?: string },
  ) => {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const about = {
      file,
      filename: name,
      title: name,
      ...(alt && { alt_text: alt.slice(0, 1000) }),
    };
    const { files } = (await client.filesUploadV2({ ...about, ...place } as never)) as unknown as {
      files: { files?: { id?: string }[] }[];
    };
    const id = files[0]?.files?.[0]?.id;
    if (id === undefined) throw new Error('Slack took a file without saying its name');
    return id;
  };
  const info = async (id: string) => (await client.files.info({ file: id })).file;
  return {
    token: client.token ?? '',
    async post(channel, message, thread) {
      const place = { channel, ...(thread !== undefined && { thread_ts: thread }) };
      const { ts, channel: where } = await client.chat.postMessage({
        ...place,
        ...quiet,
        ...message,
      });
      return { channel: where ?? channel, message: ts ?? '' };
    },
    async update({ channel, message: ts }, message) {
      await client.chat.update({ channel, ts, ...message });
    },
    async delete({ channel, message: ts }) {
      await client.chat.delete({ channel, ts });
    },
    async whisper(channel, user, message, thread) {
      const place = { channel, user, ...(thread !== undefined && { thread_ts: thread }) };
      await client.chat.postEphemeral({ ...place, ...message });
    },
    async direct(user) {
      const { channel } = await client.conversations.open({ users: user });
      return channel?.id ?? user;
    },
    async permalink({ channel, message }) {
      try {
        return (await client.chat.getPermalink({ channel, message_ts: message })).permalink;
      } catch {
        // A link is not worth a message.
        return undefined;
      }
    },
    async upload(file) {
      const id = await upload(file, {});
      for (const wait of polls) {
        if ((await info(id))?.mimetype) break;
        await sleep(wait);
      }
      return id;
    },
    async share(file, { channel, message }) {
      await upload(file, { channel_id: channel, thread_ts: message });
    },
    async deleteFile(id) {
      await client.files.delete({ file: id });
    },
    async file(id) {
      const file = await info(id);
      const {
        name = 'picture',
        size = 0,
        mimetype,
        url_private_download,
        url_private,
      } = file ?? {};
      return {
        id,
        name: name ?? 'picture',
        size,
        mimetype,
        url: url_private_download ?? url_private,
      };
    },
    async member(user) {
      const { user: found } = await client.users.info({ user, include_locale: true });
      const { is_admin = false, is_owner = false, locale = 'en-US' } = found ?? {};
      return { admin: is_admin || is_owner, locale };
    },
    async open(trigger, view) {
      await client.views.open({ trigger_id: trigger, view });
    },
    async change(view_id, hash, view) {
      await client.views.update({ view_id, hash, view });
    },
    async publish(user_id, view) {
      await client.views.publish({ user_id, view });
    },
  };
}

/** What is posted shows no cards of the links in it. */
const quiet = { unfurl_links: false, unfurl_media: false } as const;

/** Slack's word for why it refused, e.g. `not_in_channel`. */
export function errorIn(error: unknown): string | undefined {
  const { code, data } = (error ?? {}) as { code?: unknown; data?: { error?: unknown } };
  if (code !== 'slack_webapi_platform_error') return undefined;
  return typeof data?.error === 'string' ? data.error : undefined;
}

/** Words of Slack's, by what they mean here. */
const reasons = {
  gone: ['message_not_found'],
  /** It cannot be changed any more, but a new one can be posted. */
  old: ['cant_update_message', 'edit_window_closed'],
  closed: [
    'not_in_channel',
    'channel_not_found',
    'is_archived',
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel',
    'no_permission',
    'msg_too_long',
  ],
  /** The app is out of the workspace. */
  revoked: ['token_revoked', 'account_inactive', 'invalid_auth', 'not_authed', 'token_expired'],
  /** A file is not there yet. */
  early: ['invalid_blocks', 'invalid_blocks_format', 'slack_file_not_found'],
  unreachable: ['cannot_dm_bot', 'user_not_found', 'user_disabled', 'messages_tab_disabled'],
  /** The dialog was changed or closed meanwhile. */
  stale: ['hash_conflict', 'not_found', 'expired_trigger_id', 'exchanged_trigger_id'],
} as const satisfies Record<string, readonly string[]>;

export function refusedFor(error: unknown, wanted: readonly (keyof typeof reasons)[]): boolean {
  const word = errorIn(error);
  return wanted.some((reason) => (reasons[reason] as readonly string[]).includes(word ?? ''));
}
