/** What Slack's documents say of the elements of blocks. */
import {
  confirm,
  isJson,
  type Json,
  lengthOf,
  list,
  onlyKeys,
  option,
  type Report,
  type Surface,
  style,
  textObject,
} from './texts.ts';

const common = ['type', 'action_id', 'confirm', 'focus_on_load', 'placeholder'];

/** By type: what it may have beside what all have, and where it may stand. */
const kinds: Readonly<Record<string, { keys: readonly string[]; in: readonly Place[] }>> = {
  button: {
    keys: ['text', 'value', 'url', 'style', 'accessibility_label'],
    in: ['actions', 'section'],
  },
  overflow: { keys: ['options'], in: ['actions', 'section'] },
  static_select: {
    keys: ['options', 'option_groups', 'initial_option'],
    in: ['actions', 'section', 'input'],
  },
  external_select: {
    keys: ['initial_option', 'min_query_length'],
    in: ['actions', 'section', 'input'],
  },
  conversations_select: {
    keys: [
      'initial_conversation',
      'default_to_current_conversation',
      'response_url_enabled',
      'filter',
    ],
    in: ['actions', 'section', 'input'],
  },
  checkboxes: { keys: ['options', 'initial_options'], in: ['actions', 'section', 'input'] },
  radio_buttons: { keys: ['options', 'initial_option'], in: ['actions', 'section', 'input'] },
  plain_text_input: {
    keys: ['initial_value', 'multiline', 'min_length', 'max_length', 'dispatch_action_config'],
    in: ['input'],
  },
  number_input: {
    keys: ['is_decimal_allowed', 'initial_value', 'min_value', 'max_value'],
    in: ['input'],
  },
  file_input: { keys: ['filetypes', 'max_files'], in: ['input'] },
};

export type Place = 'actions' | 'section' | 'input';

export function element(
  value: unknown,
  place: Place,
  surface: Surface,
  path: string,
  report: Report,
): void {
  const kind = isJson(value) ? kinds[String(value.type)] : undefined;
  if (!isJson(value) || !kind) {
    report(path, 'is no element');
    return;
  }
  if (!kind.in.includes(place)) report(path, `cannot be in a block of ${place}`);
  onlyKeys(value, [...common, ...kind.keys], path, report);
  lengthOf(value.action_id, 255, `${path}.action_id`, report);
  confirm(value.confirm, `${path}.confirm`, report);
  if (value.placeholder !== undefined) {
    textObject(value.placeholder, 'plain', 150, `${path}.placeholder`, report);
  }
  rules[String(value.type)]?.(value, path, report, surface);
}

type Rule = (value: Json, path: string, report: Report, surface: Surface) => void;

const rules: Readonly<Record<string, Rule>> = {
  button(value, path, report) {
    textObject(value.text, 'plain', 75, `${path}.text`, report);
    lengthOf(value.value, 2000, `${path}.value`, report);
    lengthOf(value.url, 3000, `${path}.url`, report);
    lengthOf(value.accessibility_label, 75, `${path}.accessibility_label`, report);
    style(value.style, `${path}.style`, report);
  },
  overflow: (value, path, report) => choices(value, 'plain', 5, path, report),
  static_select(value, path, report) {
    if (value.option_groups === undefined) {
      choices(value, 'plain', 100, path, report);
      return;
    }
    if (value.options !== undefined) report(path, 'has both options and groups of them');
    const groups = list(value.option_groups).filter(isJson);
    if (groups.length < 1 || groups.length > 100) report(path, 'has not 1 to 100 groups');
    groups.forEach((group, i) => {
      textObject(group.label, 'plain', 75, `${path}.option_groups.${i}.label`, report);
      choices(group, 'plain', 100, `${path}.option_groups.${i}`, report);
    });
  },
  external_select(value, path, report) {
    const { min_query_length: least } = value;
    const isCount = least === undefined || (Number.isInteger(least) && Number(least) >= 0);
    if (!isCount) report(`${path}.min_query_length`, 'is no count');
  },
  checkboxes: (value, path, report) => choices(value, 'any', 10, path, report),
  radio_buttons: (value, path, report) => choices(value, 'any', 10, path, report),
  plain_text_input(value, path, report) {
    const { min_length: least = 0, max_length: most = 3000, initial_value: initial } = value;
    if (!within(least, 0, 3000)) report(`${path}.min_length`, 'is not 0 to 3000');
    if (!within(most, 1, 3000)) report(`${path}.max_length`, 'is not 1 to 3000');
    if (Number(least) > Number(most)) report(path, 'asks for more characters than it takes');
    const length = typeof initial === 'string' ? initial.length : undefined;
    if (length !== undefined && !within(length, Number(least), Number(most))) {
      report(`${path}.initial_value`, 'is not what it takes');
    }
  },
  number_input(value, path, report) {
    const { is_decimal_allowed: decimal, min_value, max_value, initial_value } = value;
    if (typeof decimal !== 'boolean') report(path, 'does not say whether decimals are allowed');
    const numbers = { min_value, max_value, initial_value };
    for (const [key, text] of Object.entries(numbers)) {
      const isNumber = typeof text === 'string' && text !== '' && Number.isFinite(Number(text));
      if (text !== undefined && !isNumber) report(`${path}.${key}`, 'is no number as text');
    }
    const [least, most] = [Number(min_value ?? -Infinity), Number(max_value ?? Infinity)];
    if (least > most) report(path, 'takes no number at all');
    if (initial_value !== undefined && !within(Number(initial_value), least, most)) {
      report(`${path}.initial_value`, 'is not what it takes');
    }
  },
  file_input(value, path, report, surface) {
    if (surface !== 'modal') report(path, 'can be in a modal only');
    if (!within(value.max_files ?? 10, 1, 10)) report(`${path}.max_files`, 'is not 1 to 10');
    const types = value.filetypes;
    const areTypes = list(types).every((type) => typeof type === 'string' && /^\w+$/.test(type));
    if (types !== undefined && (list(types).length === 0 || !areTypes)) {
      report(`${path}.filetypes`, 'are no extensions');
    }
  },
};

function choices(
  value: Json,
  kind: 'plain' | 'any',
  most: number,
  path: string,
  report: Report,
): void {
  const offered = list(value.options);
  if (offered.length < 1 || offered.length > most) report(path, `has not 1 to ${most} options`);
  for (const [i, each] of offered.entries()) {
    option(each, kind, `${path}.options.${i}`, report);
  }
  const values = offered.map((each) => (isJson(each) ? each.value : undefined));
  if (new Set(values).size !== values.length) report(path, 'has a value twice');
  const known = new Set(offered.map((each) => JSON.stringify(each)));
  for (const initial of [...list(value.initial_options), value.initial_option]) {
    if (initial !== undefined && !known.has(JSON.stringify(initial))) {
      report(`${path}.initial_option`, 'is none of the options');
    }
  }
}

function within(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
