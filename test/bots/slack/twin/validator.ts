/** What Slack would refuse, by its documents: the stand-in for Slack takes nearly everything. */
import { blocks } from './rules/blocks.ts';
import {
  isJson,
  type Json,
  lengthOf,
  list,
  noPing,
  onlyKeys,
  type Report,
  textObject,
} from './rules/texts.ts';

/** Characters of a message's text: Slack takes more, and recommends no more. */
const mostText = 4000;

/**
 * @param method of Slack's Web API, or `response_url`
 * @param body as an object; blocks, views and files may be JSON within it, as forms carry them
 * @returns what is wrong with it, empty where nothing is; what this bot never calls is not looked at
 */
export function violations(method: string, body: unknown): string[] {
  const found: string[] = [];
  const report: Report = (path, what) => void found.push(`${method}: ${path} ${what}`);
  if (!isJson(body)) return [`${method}: body is no object`];
  const unpacked = Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, packed.includes(key) ? opened(value) : value]),
  );
  methods[method]?.(unpacked, report);
  return found;
}

const packed = ['blocks', 'view', 'files', 'attachments'];

function opened(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const methods: Readonly<Record<string, (body: Json, report: Report) => void>> = {
  'chat.postMessage'(body, report) {
    needs(body, ['channel'], report);
    message(body, report);
  },
  'chat.update'(body, report) {
    needs(body, ['channel', 'ts'], report);
    message(body, report);
  },
  'chat.postEphemeral'(body, report) {
    needs(body, ['channel', 'user'], report);
    message(body, report);
  },
  response_url(body, report) {
    if (body.delete_original === true) return;
    const { response_type: type } = body;
    if (type !== undefined && type !== 'ephemeral' && type !== 'in_channel') {
      report('response_type', 'is none');
    }
    message(body, report);
  },
  'views.open'(body, report) {
    needs(body, ['trigger_id'], report);
    view(body.view, 'modal', report);
  },
  'views.push'(body, report) {
    needs(body, ['trigger_id'], report);
    view(body.view, 'modal', report);
  },
  'views.update'(body, report) {
    if (!body.view_id && !body.external_id) report('body', 'does not say which view');
    view(body.view, undefined, report);
  },
  'views.publish'(body, report) {
    needs(body, ['user_id'], report);
    view(body.view, 'home', report);
  },
  'files.completeUploadExternal'(body, report) {
    const files = list(body.files);
    if (files.length === 0) report('files', 'are none');
    files.forEach((file, i) => {
      if (!isJson(file) || typeof file.id !== 'string') report(`files.${i}`, 'has no id');
      else onlyKeys(file, ['id', 'title', 'highlight_type'], `files.${i}`, report);
    });
    if (body.thread_ts !== undefined && body.channel_id === undefined) {
      report('thread_ts', 'needs a channel');
    }
    if (body.initial_comment !== undefined && body.blocks !== undefined) {
      report('initial_comment', 'is left out where there are blocks');
    }
    words(body.initial_comment, 'initial_comment', report);
    if (body.blocks !== undefined) blocks(body.blocks, 'message', 'blocks', report);
  },
};

function needs(body: Json, names: readonly string[], report: Report): void {
  for (const name of names) {
    if (typeof body[name] !== 'string' || body[name] === '') report(name, 'is missing');
  }
}

function message(body: Json, report: Report): void {
  const { text } = body;
  if (typeof text !== 'string' || text.trim() === '')
    report('text', 'is missing: it is what is read aloud');
  words(text, 'text', report);
  if (body.blocks !== undefined) blocks(body.blocks, 'message', 'blocks', report);
}

function words(text: unknown, path: string, report: Report): void {
  lengthOf(text, mostText, path, report);
  if (typeof text === 'string') noPing(text, path, report);
}

const viewKeys = {
  modal: ['title', 'submit', 'close', 'clear_on_close', 'notify_on_close', 'submit_disabled'],
  home: [],
} as const;

function view(value: unknown, expected: 'modal' | 'home' | undefined, report: Report): void {
  if (!isJson(value)) {
    report('view', 'is missing');
    return;
  }
  const { type } = value;
  if (type !== 'modal' && type !== 'home') {
    report('view.type', 'is none');
    return;
  }
  if (expected !== undefined && type !== expected) report('view.type', `is not ${expected}`);
  const own = ['type', 'blocks', 'private_metadata', 'callback_id', 'external_id'];
  onlyKeys(value, [...own, ...viewKeys[type]], 'view', report);
  lengthOf(value.private_metadata, 3000, 'view.private_metadata', report);
  lengthOf(value.callback_id, 255, 'view.callback_id', report);
  lengthOf(value.external_id, 255, 'view.external_id', report);
  blocks(value.blocks, type, 'view.blocks', report);
  if (type === 'home') return;
  textObject(value.title, 'plain', 24, 'view.title', report);
  for (const key of ['submit', 'close'] as const) {
    if (value[key] !== undefined) textObject(value[key], 'plain', 24, `view.${key}`, report);
  }
  const asks = list(value.blocks).some((block) => isJson(block) && block.type === 'input');
  if (asks && value.submit === undefined)
    report('view.submit', 'is missing where there are inputs');
}
