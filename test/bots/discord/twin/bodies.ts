import type { APIMessage } from 'discord.js';
import type { JsonObject, RecordedRequest } from './shapes.ts';
import { violations } from './validator.ts';

export const V2 = 1 << 15;
export const text = (content: string) => ({ type: 10, content });
export const button = (id: string, more: JsonObject = {}) => ({
  type: 2,
  style: 1,
  label: 'Go',
  custom_id: id,
  ...more,
});
export const row = (...components: JsonObject[]) => ({ type: 1, components });
export const media = (name: string, description = 'what is seen') => ({
  media: { url: `attachment://${name}` },
  description,
});
export const gallery = (...items: JsonObject[]) => ({ type: 12, items });
export const option = (value: string, more: JsonObject = {}) => ({ label: value, value, ...more });
export const select = (options: JsonObject[], more: JsonObject = {}) =>
  row({ type: 3, custom_id: 'select', options, ...more });
/** As many as asked for. */
export const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

export type Files = readonly { name: string; size: number }[];
export const request = (
  method: string,
  path: string,
  body: unknown,
  files: Files = [],
  before?: JsonObject,
): RecordedRequest => ({
  method,
  path,
  query: {},
  body,
  files: files.map((file, index) => ({ key: `files[${index}]`, ...file })),
  at: 0,
  status: 200,
  ...(before === undefined ? {} : { before: before as unknown as APIMessage }),
});
export const base = { flags: V2, allowed_mentions: { parse: [] } };
export const create = (body: JsonObject, files?: Files) =>
  violations(request('POST', '/channels/1/messages', { ...base, ...body }, files));
export const edit = (body: JsonObject, before: JsonObject, files?: Files) =>
  violations(request('PATCH', '/channels/1/messages/2', body, files, before));
export const callback = (type: number, data?: JsonObject) =>
  violations(request('POST', '/interactions/1/token/callback', { type, data }));
export const png = { name: 'a.png', size: 10 };
