import { EPHEMERAL, LOADING, V2 } from './messages.ts';
import { componentRules, ids, list, within } from './rules-components.ts';
import type { JsonObject, RecordedRequest } from './shapes.ts';

const LAYOUT = [9, 10, 11, 12, 13, 14, 17];
const MEBIBYTE = 1024 * 1024;

/** Every address of a picture or file that components show. */
function media(components: readonly JsonObject[]): JsonObject[] {
  return components.flatMap((component) => [
    ...list(component.items).map((item) => item.media),
    component.media,
    component.file,
  ]) as JsonObject[];
}

/** Files which a message would have afterwards, and whether its components know them. */
function fileRules(body: JsonObject, request: RecordedRequest, v2: boolean): string[] {
  const out: string[] = [];
  const listed = body.attachments === undefined ? undefined : list(body.attachments);
  const old = request.before?.attachments ?? [];
  const kept = listed
    ? old.filter((file) => listed.some((one) => String(one.id) === file.id))
    : old;
  const names = [...kept.map((file) => file.filename), ...request.files.map((file) => file.name)];
  if (names.length > 10) out.push(`${names.length} files`);
  if (new Set(names).size < names.length) out.push('two files have the same name');
  const total = request.files.reduce((sum, file) => sum + file.size, 0);
  if (total > 25 * MEBIBYTE) out.push(`${total} bytes of files`);
  for (const { key, name } of request.files) {
    if (/[^\w.-]/.test(name)) out.push(`Discord renames the file ${name}`);
    const index = /\d+/.exec(key)?.[0];
    if (listed && !listed.some((one) => String(one.id) === index)) {
      out.push(`attachments does not list the new file ${name}`);
    }
  }
  for (const one of listed ?? []) {
    const id = String(one.id);
    const known = kept.some((file) => file.id === id);
    if (!known && !request.files.some((file) => /\d+/.exec(file.key)?.[0] === id)) {
      out.push(`attachments lists ${id}, which is neither kept nor new`);
    }
  }
  if (body.components === undefined || body.components === null) {
    const shown = media(list(request.before?.components).flatMap(within));
    for (const item of shown) {
      const id = item?.attachment_id;
      if (id !== undefined && !kept.some((file) => file.id === id)) {
        out.push(`a component still shows the file ${String(id)}, which is dropped`);
      }
    }
    if (v2 && request.files.length > 0) out.push('no component names the new files');
    return out;
  }
  const shown = media(list(body.components).flatMap(within)).map((item) => String(item?.url));
  const wanted = shown.flatMap((url) => /^attachment:\/\/(.*)$/.exec(url)?.[1] ?? []);
  for (const name of wanted) {
    if (!names.includes(name)) out.push(`attachment://${name} is neither uploaded nor kept`);
  }
  for (const { name } of v2 ? request.files : []) {
    if (!wanted.includes(name)) out.push(`no component names the file ${name}`);
  }
  return out;
}

/** What holds for a message's body, whether it is created or edited. */
export function messageRules(
  body: JsonObject,
  request: RecordedRequest,
  kind: 'create' | 'edit',
): string[] {
  const out: string[] = [];
  const was = request.before?.flags ?? 0;
  const before = kind === 'edit' ? was : 0;
  const flags = body.flags;
  const sent = typeof flags === 'number' ? flags : 0;
  const v2 = ((sent | before) & V2) !== 0;
  if ((before & V2) !== 0 && typeof flags === 'number' && (sent & V2) === 0) {
    out.push('the edit takes the V2 flag away');
  }
  const top = list(body.components);
  const all = top.flatMap(within);
  if (!v2 && all.some((one) => LAYOUT.includes(Number(one.type)))) {
    out.push('layout components without the V2 flag');
  }
  if (v2) {
    if (body.content) out.push('content together with V2');
    for (const key of ['embeds', 'sticker_ids']) {
      if (list(body[key]).length > 0) out.push(`${key} together with V2`);
    }
    if (body.poll) out.push('poll together with V2');
    if (kind === 'create' && top.length === 0) out.push('a V2 message without components');
    if (all.length > 40) out.push(`${all.length} components`);
  } else if (top.length > 5) {
    out.push(`${top.length} rows`);
  }
  const texts = all.filter((one) => one.type === 10).map((one) => String(one.content));
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters > 4000) out.push(`${characters} characters of text`);
  out.push(...all.flatMap(componentRules), ...ids(all), ...fileRules(body, request, v2));
  // The first edit of a deferred reply is what makes the message: it could ping somebody.
  if (kind === 'create' || (before & LOADING) !== 0) {
    const mentions = body.allowed_mentions as JsonObject | undefined;
    const parse = mentions?.parse;
    if (!Array.isArray(parse) || parse.length > 0) {
      out.push('allowed_mentions does not have an empty parse');
    }
  }
  return out;
}

/** A deferred reply: it is either ephemeral or not, and nothing else. */
export function deferRules(data: JsonObject | undefined | null): string[] {
  if (data === undefined || data === null) return [];
  const odd = Object.keys(data).filter((key) => key !== 'flags' && data[key] !== undefined);
  const flags = Number(data.flags ?? 0);
  return [
    ...odd.map((key) => `a deferred reply takes no ${key}`),
    ...((flags & ~EPHEMERAL) === 0
      ? []
      : [`a deferred reply takes no flags but EPHEMERAL: ${flags}`]),
  ];
}
