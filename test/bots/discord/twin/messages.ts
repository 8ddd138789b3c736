import type { APIAttachment, APIMessage, APIUser } from 'discord.js';
import type { Files } from './files.ts';
import { snowflake } from './ids.ts';
import type { Body } from './multipart.ts';
import type { JsonObject } from './shapes.ts';

export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const V2 = 1 << 15;

/** A message, and what Discord knows of it besides. */
export interface Held {
  message: APIMessage;
  /** Of the guild; undefined in a DM. */
  readonly guildId: string | undefined;
  /** The interaction that it answers. */
  readonly actId?: string | undefined;
}

const record = (value: unknown): JsonObject => (value ?? {}) as JsonObject;

/**
 * Components as Discord answers them: each with an id, and `attachment://NAME` as the address that
 * the file has now.
 */
export function resolved(components: unknown, attachments: readonly APIAttachment[]): unknown {
  let id = 0;
  const walk = (value: unknown, component: boolean): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, component));
    if (value === null || typeof value !== 'object') return value;
    const own = value as JsonObject;
    const numbered = component && typeof own.type === 'number' && own.id === undefined;
    const out: JsonObject = numbered ? { id: ++id } : {};
    for (const [key, inner] of Object.entries(own)) {
      if (key === 'media' || key === 'file') out[key] = media(record(inner), attachments);
      else out[key] = walk(inner, ['components', 'accessory', 'component'].includes(key));
    }
    return out;
  };
  return walk(components, true);
}

function media(item: JsonObject, attachments: readonly APIAttachment[]): JsonObject {
  const url = String(item.url);
  const name = /^attachment:\/\/(.*)$/.exec(url)?.[1];
  const file = attachments.find((one) => one.filename === name || one.url === url);
  if (file === undefined) return { ...item, loading_state: 3 };
  return {
    id: file.id,
    url: file.url,
    proxy_url: file.proxy_url,
    attachment_id: file.id,
    content_type: file.content_type ?? null,
    width: file.width ?? null,
    height: file.height ?? null,
    loading_state: 2,
    flags: 0,
  };
}

/** The messages of every channel. What is written goes out at the gateway by `announce`. */
export function createMessages(
  files: Files,
  announce: (event: string, data: JsonObject, held: Held) => void,
) {
  const all = new Map<string, Held>();

  /** Attachments after a request: the kept ones which it lists, then the new ones. */
  function attachments(body: JsonObject, uploads: Body['files'], before: Held, creating: boolean) {
    const listed = body.attachments as readonly JsonObject[] | null | undefined;
    const old = before.message.attachments;
    const kept = listed
      ? old.filter((file) => listed.some((one) => String(one.id) === file.id))
      : old;
    const added = uploads.flatMap((upload) => {
      const index = /\d+/.exec(upload.key)?.[0];
      const entry = listed?.find((one) => String(one.id) === index);
      // An edit's list is all that there is: a file which is not in it is dropped.
      if (!creating && listed && entry === undefined) return [];
      const named = typeof entry?.filename === 'string' ? entry.filename : upload.name;
      const alt = typeof entry?.description === 'string' ? entry.description : undefined;
      return files.add({ ...upload, name: named }, before.message.channel_id, false, alt);
    });
    return [...kept, ...added];
  }

  function write(held: Held, json: unknown, uploads: Body['files'], creating: boolean) {
    const body = record(json);
    const { message } = held;
    const next = attachments(body, uploads, held, creating);
    const sent = typeof body.flags === 'number' ? body.flags : 0;
    // What was ephemeral or of V2 stays so; what was loading has come.
    const flags = ((message.flags ?? 0) & ~LOADING) | (sent & (creating ? ~LOADING : V2 | 4));
    const components = body.components ?? (creating ? [] : message.components);
    held.message = {
      ...message,
      content: String(body.content ?? (creating ? '' : message.content)),
      attachments: next,
      components: resolved(components, next) as NonNullable<APIMessage['components']>,
      flags: flags as NonNullable<APIMessage['flags']>,
    };
  }

  return {
    all,
    create(
      place: { channelId: string; guildId: string | undefined; actId?: string; author: APIUser },
      json: unknown,
      uploads: Body['files'],
      extra: JsonObject = {},
    ): Held {
      const message = {
        id: snowflake(),
        channel_id: place.channelId,
        author: place.author,
        content: '',
        timestamp: new Date().toISOString(),
        edited_timestamp: null,
        tts: false,
        mention_everyone: false,
        mentions: [],
        mention_roles: [],
        attachments: [],
        embeds: [],
        components: [],
        pinned: false,
        type: 0,
        ...extra,
      } as unknown as APIMessage;
      const held: Held = { message, guildId: place.guildId, actId: place.actId };
      write(held, json, uploads, true);
      if (extra.flags !== undefined) {
        held.message.flags = (held.message.flags ?? 0) | Number(extra.flags);
      }
      all.set(message.id, held);
      announce('MESSAGE_CREATE', { ...held.message }, held);
      return held;
    },
    edit(held: Held, json: unknown, uploads: Body['files']): void {
      const loading = ((held.message.flags ?? 0) & LOADING) !== 0;
      write(held, json, uploads, false);
      if (!loading) held.message.edited_timestamp = new Date().toISOString();
      announce('MESSAGE_UPDATE', { ...held.message }, held);
    },
    remove(held: Held): void {
      const { id, channel_id } = held.message;
      if (all.delete(id)) announce('MESSAGE_DELETE', { id, channel_id }, held);
    },
  };
}

export type Messages = ReturnType<typeof createMessages>;
