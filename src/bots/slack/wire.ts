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
  /** Into a thread, where it is seen as a file. @returns its id */
  share(file: Upload, place: Posted, comment?: string): Promise<string>;
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
/** Times that a post waits for a limit: each may be a minute. */
const mostWaits = 8;

/** How Slack is asked, for each kind of question: what waits for a limit holds up nothing else. */
export interface Clients {
  /** What somebody waits for within 3 s. */
  readonly quick: webApi.WebClient;
  readonly patient: webApi.WebClient;
  /** Tries once: a message whose answer got lost would be there twice. */
  readonly once: webApi.WebClient;
}

export function createWire({ quick, patient: client, once }: Clients): Wire {
  /** Waits as long as Slack says, and posts then. */
  const posted = async (message: Parameters<typeof once.chat.postMessage>[0]) => {
    for (let left = mostWaits; ; left--) {
      try {
        return await once.chat.postMessage(message);
      } catch (error) {
        const { code, retryAfter } = error as { code?: unknown; retryAfter?: number };
        if (code !== 'slack_webapi_rate_limited_error' || left === 0) throw error;
        await sleep((retryAfter ?? 1) * 1000);
      }
    }
  };
  const upload = async (
    { name, alt, bytes }: Upload,
    place: { channel_id?: string; thread_ts?: string; initial_comment?: string },
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
      const { ts, channel: where } = await posted({ ...place, ...quiet, ...message });
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
    share: (file, { channel, message }, comment) =>
      upload(file, {
        channel_id: channel,
        thread_ts: message,
        ...(comment !== undefined && { initial_comment: comment }),
      }),
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
      const { user: found } = await quick.users.info({ user, include_locale: true });
      const { is_admin = false, is_owner = false, locale = 'en-US' } = found ?? {};
      return { admin: is_admin || is_owner, locale };
    },
    async open(trigger, view) {
      await quick.views.open({ trigger_id: trigger, view });
    },
    async change(view_id, hash, view) {
      await quick.views.update({ view_id, hash, view });
    },
    async publish(user_id, view) {
      await quick.views.publish({ user_id, view });
    },
  };
}

/** What is posted shows no cards of the links in it. */
const quiet = { unfurl_links: false, unfurl_media: false } as const;

/** Whether nobody knows if Slack did it: the connection broke, or Slack had a fault of its own. */
export function isUncertain(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'slack_webapi_request_error' || code === 'slack_webapi_http_error') return true;
  return ['internal_error', 'fatal_error', 'request_timeout'].includes(errorIn(error) ?? '');
}

/** The permission that the app lacks, where that is why Slack refused. */
export function scopeMissingIn(error: unknown): string | undefined {
  if (errorIn(error) !== 'missing_scope') return undefined;
  const { data } = error as { data: { needed?: unknown } };
  return typeof data.needed === 'string' ? data.needed : '';
}

/** Slack's word for why it refused, e.g. `not_in_channel`. */
export function errorIn(error: unknown): string | undefined {
  const { code, data } = (error ?? {}) as { code?: unknown; data?: { error?: unknown } };
  if (code !== 'slack_webapi_platform_error') return undefined;
  return typeof data?.error === 'string' ? data.error : undefined;
}

/** Words of Slack's, by what they mean here. */
const reasons = {
  gone: ['message_not_found', 'file_not_found', 'file_deleted'],
  /** It cannot be changed any more, but a new one can be posted. */
  old: ['cant_update_message', 'edit_window_closed'],
  uninvited: ['not_in_channel', 'channel_not_found'],
  archived: ['is_archived', 'is_inactive'],
  restricted: [
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'restricted_action_non_threadable_channel',
    'no_permission',
    'user_not_in_channel',
  ],
  /** The app is out of the workspace. */
  revoked: ['token_revoked', 'account_inactive', 'invalid_auth', 'not_authed', 'token_expired'],
  /** A file is not there yet. */
  early: ['invalid_blocks', 'invalid_blocks_format', 'slack_file_not_found'],
  unreachable: ['cannot_dm_bot', 'user_not_found', 'user_disabled', 'messages_tab_disabled'],
  /** The dialog was changed or closed meanwhile. */
  stale: ['hash_conflict', 'not_found', 'expired_trigger_id', 'exchanged_trigger_id'],
} as const satisfies Record<string, readonly string[]>;

/** Why a channel takes nothing of the bot's. */
export const barriers = ['uninvited', 'archived', 'restricted'] as const;
export type Barrier = (typeof barriers)[number];

export function barrierIn(error: unknown): Barrier | undefined {
  return barriers.find((barrier) => refusedFor(error, [barrier]));
}

export function refusedFor(error: unknown, wanted: readonly (keyof typeof reasons)[]): boolean {
  const word = errorIn(error);
  return wanted.some((reason) => (reasons[reason] as readonly string[]).includes(word ?? ''));
}
