/** What Slack's documents say of blocks. */
import { element } from './elements.ts';
import {
  isJson,
  type Json,
  lengthOf,
  list,
  onlyKeys,
  type Report,
  type Surface,
  textObject,
} from './texts.ts';

/** Reported by developers for `msg_blocks_too_long`; Slack's documents say no number. */
const mostText = 13_200;

export function blocks(value: unknown, surface: Surface, path: string, report: Report): void {
  if (!Array.isArray(value)) {
    report(path, 'is no list of blocks');
    return;
  }
  const most = surface === 'message' ? 50 : 100;
  if (value.length > most) report(path, `has more than ${most} blocks`);
  if (value.length === 0) report(path, 'has no block');
  const ids = value.flatMap((each) => (isJson(each) && each.block_id ? [each.block_id] : []));
  if (new Set(ids).size !== ids.length) report(path, 'has a block_id twice');
  const focused = JSON.stringify(value).match(/"focus_on_load":true/g) ?? [];
  if (focused.length > 1) report(path, 'has more than one focus');
  if (surface === 'message' && textIn(value) > mostText) report(path, 'has too much text');
  for (const [i, each] of value.entries()) {
    block(each, surface, `${path}.${i}`, report);
  }
}

function block(value: unknown, surface: Surface, path: string, report: Report): void {
  const kind = isJson(value) ? kinds[String(value.type)] : undefined;
  if (!isJson(value) || !kind) {
    report(path, 'is no block that this bot uses');
    return;
  }
  onlyKeys(value, ['type', 'block_id', ...kind.keys], path, report);
  lengthOf(value.block_id, 255, `${path}.block_id`, report);
  const elements = [...list(value.elements), value.accessory, value.element].filter(isJson);
  const actions = elements.flatMap(({ action_id: id }) => (id === undefined ? [] : [id]));
  if (new Set(actions).size !== actions.length) report(path, 'has an action_id twice');
  kind.check(value, path, report, surface);
}

interface Kind {
  readonly keys: readonly string[];
  check(value: Json, path: string, report: Report, surface: Surface): void;
}

const kinds: Readonly<Record<string, Kind>> = {
  divider: { keys: [], check: () => {} },
  header: {
    keys: ['text'],
    check: ({ text }, path, report) => textObject(text, 'plain', 150, `${path}.text`, report),
  },
  section: {
    keys: ['text', 'fields', 'accessory', 'expand'],
    check({ text, fields, accessory }, path, report, surface) {
      if (text === undefined && fields === undefined) report(path, 'has neither text nor fields');
      if (text !== undefined) textObject(text, 'any', 3000, `${path}.text`, report);
      if (list(fields).length > 10) report(path, 'has more than 10 fields');
      for (const [i, each] of list(fields).entries()) {
        textObject(each, 'any', 2000, `${path}.fields.${i}`, report);
      }
      if (accessory !== undefined) {
        element(accessory, 'section', surface, `${path}.accessory`, report);
      }
    },
  },
  context: {
    keys: ['elements'],
    check({ elements }, path, report) {
      counted(elements, 10, path, report);
      for (const [i, each] of list(elements).entries()) {
        textObject(each, 'any', 3000, `${path}.elements.${i}`, report);
      }
    },
  },
  actions: {
    keys: ['elements'],
    check({ elements }, path, report, surface) {
      counted(elements, 25, path, report);
      for (const [i, each] of list(elements).entries()) {
        element(each, 'actions', surface, `${path}.elements.${i}`, report);
      }
    },
  },
  image: {
    keys: ['alt_text', 'title', 'image_url', 'slack_file'],
    check({ alt_text, title, image_url, slack_file }, path, report) {
      lengthOf(alt_text, 2000, `${path}.alt_text`, report, true);
      if (title !== undefined) textObject(title, 'plain', 2000, `${path}.title`, report);
      if ((image_url === undefined) === (slack_file === undefined)) {
        report(path, 'needs either an address or a file');
      }
      lengthOf(image_url, 3000, `${path}.image_url`, report);
      if (slack_file === undefined) return;
      const { id, url } = isJson(slack_file) ? slack_file : {};
      const isFile =
        (typeof id === 'string' && /^F[A-Z0-9]{3,}$/.test(id)) ||
        (id === undefined && typeof url === 'string' && /^https?:\/\//.test(url));
      if (!isFile) report(`${path}.slack_file`, 'is no file of Slack');
    },
  },
  input: {
    keys: ['label', 'hint', 'element', 'optional', 'dispatch_action'],
    check({ label, hint, element: input }, path, report, surface) {
      textObject(label, 'plain', 2000, `${path}.label`, report);
      if (hint !== undefined) textObject(hint, 'plain', 2000, `${path}.hint`, report);
      element(input, 'input', surface, `${path}.element`, report);
    },
  },
  rich_text: {
    keys: ['elements'],
    check({ elements }, path, report) {
      counted(elements, Number.POSITIVE_INFINITY, path, report);
      for (const [i, each] of list(elements).entries()) {
        richText(each, `${path}.elements.${i}`, report);
      }
    },
  },
};

function richText(value: unknown, path: string, report: Report): void {
  if (!isJson(value) || value.type !== 'rich_text_section') {
    report(path, 'is no rich text that this bot uses');
    return;
  }
  counted(value.elements, Number.POSITIVE_INFINITY, path, report);
  list(value.elements).forEach((each, i) => {
    const at = `${path}.elements.${i}`;
    if (!isJson(each) || each.type !== 'text') {
      report(at, 'is not a text');
      return;
    }
    onlyKeys(each, ['type', 'text', 'style'], at, report);
    if (typeof each.text !== 'string' || each.text === '') report(at, 'is empty');
    lengthOf(each.text, 3000, at, report);
  });
}

function counted(elements: unknown, most: number, path: string, report: Report): void {
  const { length } = list(elements);
  if (length < 1) report(path, 'has no elements');
  if (length > most) report(path, `has more than ${most} elements`);
}

function textIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + textIn(each), 0);
  if (!isJson(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, each]) =>
      sum + (key === 'text' && typeof each === 'string' ? each.length : textIn(each)),
    0,
  );
}
