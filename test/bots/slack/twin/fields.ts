import { object } from './answers.ts';
import type { JsonObject, SlackFile, Value } from './shapes.ts';

/** Something that a member can press, pick from or fill in. */
export interface Field {
  readonly block: JsonObject;
  readonly element: JsonObject;
  /** Of an input block that is not optional. */
  readonly required: boolean;
}

const list = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];

/** Every interactive element, with the block that it is in. */
export function fieldsOf(blocks: readonly JsonObject[]): Field[] {
  return blocks.flatMap((block) => {
    const elements =
      block.type === 'input'
        ? [object(block.element)]
        : block.type === 'section' && block.accessory !== undefined
          ? [object(block.accessory)]
          : block.type === 'actions' || block.type === 'context_actions'
            ? list(block.elements)
            : [];
    return elements
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => ({
        block,
        element,
        required: block.type === 'input' && block.optional !== true,
      }));
  });
}

/** The options of a select, those of groups too. */
export const optionsOf = (element: JsonObject): JsonObject[] => [
  ...list(element.options),
  ...list(element.option_groups).flatMap((group) => list(group.options)),
];

/** The key of what is in a field, in `state.values`. */
const KEYS: Readonly<Record<string, readonly [key: string, initial: string]>> = {
  plain_text_input: ['value', 'initial_value'],
  email_text_input: ['value', 'initial_value'],
  url_text_input: ['value', 'initial_value'],
  number_input: ['value', 'initial_value'],
  static_select: ['selected_option', 'initial_option'],
  external_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  overflow: ['selected_option', ''],
  multi_static_select: ['selected_options', 'initial_options'],
  multi_external_select: ['selected_options', 'initial_options'],
  checkboxes: ['selected_options', 'initial_options'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  channels_select: ['selected_channel', 'initial_channel'],
  users_select: ['selected_user', 'initial_user'],
  multi_conversations_select: ['selected_conversations', 'initial_conversations'],
  multi_channels_select: ['selected_channels', 'initial_channels'],
  multi_users_select: ['selected_users', 'initial_users'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  file_input: ['files', ''],
};

const plural = (key: string) => key.endsWith('s');

function bounded(element: JsonObject, text: string): void {
  const id = String(element.action_id);
  const { min_length: least = 0, max_length: most = 3000 } = element;
  if (element.type !== 'number_input') {
    if (text.length < Number(least)) throw new Error(`${id}: shorter than ${least}`);
    if (text.length > Number(most)) throw new Error(`${id}: longer than ${most}`);
    return;
  }
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new Error(`${id}: ${text} is no number`);
  if (element.is_decimal_allowed !== true && !Number.isInteger(number)) {
    throw new Error(`${id}: takes no decimals`);
  }
  if (element.min_value !== undefined && number < Number(element.min_value)) {
    throw new Error(`${id}: under ${element.min_value}`);
  }
  if (element.max_value !== undefined && number > Number(element.max_value)) {
    throw new Error(`${id}: over ${element.max_value}`);
  }
}

/** The entry of `state.values` for what a member puts into a field. Throws where they cannot. */
export function filled(
  element: JsonObject,
  given: Value,
  offered: readonly JsonObject[] = optionsOf(element),
): JsonObject {
  const type = String(element.type);
  const id = String(element.action_id);
  const known = KEYS[type];
  if (known === undefined || type === 'file_input')
    throw new Error(`${id}: ${type} takes no value`);
  const [key] = known;
  const several =
    given === null ? [] : Array.isArray(given) ? (given as string[]) : [String(given)];
  if (!plural(key) && several.length > 1) throw new Error(`${id}: takes one value`);
  if (key === 'value') {
    const text = several[0];
    if (text !== undefined && text !== '') bounded(element, text);
    return { type, value: text === undefined || text === '' ? null : text };
  }
  if (!key.startsWith('selected_option')) {
    return { type, [key]: plural(key) ? several : (several[0] ?? null) };
  }
  const most = Number(element.max_selected_items ?? Number.POSITIVE_INFINITY);
  if (several.length > most) throw new Error(`${id}: takes ${most} at most`);
  const chosen = several.map((value) => {
    const found = offered.find((one) => one.value === value);
    if (found === undefined) throw new Error(`${id}: does not offer ${value}`);
    return found;
  });
  return { type, [key]: plural(key) ? chosen : (chosen[0] ?? null) };
}

/** The entry of a file input. Throws where there are too many. */
export function withFiles(element: JsonObject, files: readonly SlackFile[]): JsonObject {
  const most = Number(element.max_files ?? 10);
  if (element.type !== 'file_input') throw new Error(`${element.action_id} takes no files`);
  if (files.length > most) throw new Error(`${element.action_id}: takes ${most} files at most`);
  return { type: 'file_input', files };
}

/** What a field has that nobody touched; undefined for buttons, which have no state. */
export function untouched(element: JsonObject): JsonObject | undefined {
  const type = String(element.type);
  const known = KEYS[type];
  if (known === undefined || type === 'overflow') return undefined;
  const [key, initial] = known;
  return { type, [key]: element[initial] ?? (plural(key) ? [] : null) };
}

/** Whether there is nothing in an entry. */
export const isEmpty = (entry: JsonObject): boolean =>
  Object.entries(entry).every(
    ([key, value]) =>
      key === 'type' || value === null || value === '' || (Array.isArray(value) && !value.length),
  );
