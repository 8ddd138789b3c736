import type { types } from '@slack/bolt';
import type { Button } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { plainText } from './blocks.ts';
import { limits } from './limits.ts';
import { label } from './plain.ts';

/** Several buttons that share a purpose, as a list to choose from. */
export interface Choice {
  readonly placeholder: string;
  readonly options: readonly Option[];
}

export interface Option {
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
}

export interface Controls {
  readonly choices?: readonly Choice[];
  readonly rows?: readonly (readonly Button[])[];
  /** Actions, as ids begin with them, whose buttons are in the menu. */
  readonly inMenu?: ReadonlySet<string>;
  /** Ids of buttons that stand out, and of those that do not, whatever their style. */
  readonly strong?: ReadonlySet<string>;
  readonly quiet?: ReadonlySet<string>;
  /** Value of the button that deletes the message. */
  readonly remove?: string | undefined;
  /** Asked before a button that destroys something, where it stands beside others. */
  readonly confirm?: types.Confirm | undefined;
}

/** Buttons of one row that is joined with the next: more would be cut on narrow screens. */
const rowLength = 5;

/** Gives the `action_id`s of a message: Slack wants each once, and buttons say what they do by their values. */
export function numbering(): (kind: 'press' | 'menu' | 'choose') => string {
  let count = 0;
  return (kind) => `${kind}:${++count}`;
}

type Numbering = ReturnType<typeof numbering>;

/** `action_id`s of all buttons, menus and lists whose value is a press. */
export const pressIds = /^(press|menu|choose):\d+$/;

/** What was pressed: the id of a button of the commands, or of the bot's own. */
export function pressedIn(action: object): string | undefined {
  const { value, selected_option: option } = action as {
    value?: unknown;
    selected_option?: { value?: unknown } | null;
  };
  const id = value ?? option?.value;
  return typeof id === 'string' ? id : undefined;
}

/**
 * Rows of buttons, lists, and a menu of what is used less. Where there are too many buttons, they are
 * in lists.
 * @param room blocks that may be added, at least 2
 */
export function drawControls(
  controls: Controls,
  words: Words,
  room: number,
  next: Numbering = numbering(),
): types.ActionsBlock[] {
  const { choices = [], rows = [], inMenu, remove } = controls;
  const seen = new Set(remove === undefined ? [] : [remove]);
  const fresh = ({ id }: Button) =>
    id !== '' && id.length <= limits.optionValue && !seen.has(id) && !!seen.add(id);
  const all = rows.map((row) => row.filter(fresh));
  const isRare = ({ id }: Button) => inMenu?.has(actionOf(id)) === true;
  const lines = joined(all.map((row) => row.filter((button) => !isRare(button))));
  const menu: Option[] = all.flat().filter(isRare);
  const lists = choices.flatMap(split);
  const most = Math.max(1, room - lists.length - 1);
  menu.push(...lines.slice(most).flat());
  const kept = lines.slice(0, most);
  if (remove !== undefined) menu.push({ id: remove, label: words.remove });
  const isAlone = kept.flat().length === 1 && menu.length === 0 && lists.length === 0;
  const drawn: types.ActionsBlockElement[][] = [
    ...lists.map((list) => [drawList(list, next)]),
    ...kept.map((row) => row.map((button) => drawButton(button, controls, next, isAlone))),
  ];
  for (const element of drawMenu(menu, words, next)) {
    const last = drawn.at(-1);
    if (last && kept.length > 0 && last.length < limits.elements) last.push(element);
    else drawn.push([element]);
  }
  return drawn.slice(0, room).map((elements) => ({ type: 'actions', elements }));
}

/** One thing to press beside a text: a button, or a menu of several. */
export function accessoryOf(
  buttons: readonly Button[],
  words: Words,
  next: Numbering,
): types.Button | types.Overflow | types.StaticSelect | undefined {
  const options = once(buttons);
  const [only, second] = options;
  if (only && !second) return drawButton(only, {}, next, true);
  return drawMenu(options, words, next)[0];
}

function actionOf(id: string): string {
  return id.split('~')[0] ?? '';
}

/** Short rows that follow each other become one; long ones are divided. */
function joined(rows: readonly (readonly Button[])[]): Button[][] {
  const lines: Button[][] = [];
  for (const row of rows) {
    if (row.length === 0) continue;
    const last = lines.at(-1);
    if (last && last.length + row.length <= rowLength) last.push(...row);
    else lines.push(...chunks(row, limits.elements));
  }
  return lines;
}

function drawButton(
  { id, label: text, style }: Button,
  { strong, quiet, confirm }: Controls,
  next: Numbering,
  isAlone: boolean,
): types.Button {
  const own = quiet?.has(id) || style === 'plain' ? undefined : style;
  const shown = strong?.has(id) ? 'primary' : own;
  const asked = confirm && style === 'danger' && !isAlone ? { confirm } : {};
  return {
    type: 'button',
    action_id: next('press'),
    text: plainText(label(text, limits.label)),
    value: id,
    ...(shown && { style: shown }),
    ...asked,
  };
}

/** A menu of one would hide it for nothing, one of more than five is a list. */
function drawMenu(
  options: readonly Option[],
  words: Words,
  next: Numbering,
): (types.Button | types.Overflow | types.StaticSelect)[] {
  const [only, second] = options;
  if (!only) return [];
  if (!second) return [drawButton({ ...only, style: 'plain' }, {}, next, true)];
  if (options.length > limits.menu) {
    return split({ placeholder: words.more, options }).map((list) => drawList(list, next));
  }
  return [{ type: 'overflow', action_id: next('menu'), options: options.map(drawOption) }];
}

function drawList({ placeholder, options }: Choice, next: Numbering): types.StaticSelect {
  return {
    type: 'static_select',
    action_id: next('choose'),
    placeholder: plainText(label(placeholder, limits.placeholder)),
    options: options.map(drawOption),
  };
}

function drawOption({ id, label: text, description = '' }: Option): types.PlainTextOption {
  const more = description.trim() === '' ? undefined : plainText(label(description, limits.label));
  return {
    text: plainText(label(text, limits.label)),
    value: id,
    ...(more && { description: more }),
  };
}

/** Lists of a length that Slack takes, each value once. */
function split({ placeholder, options }: Choice): Choice[] {
  return chunks(once(options), limits.options).map((part) => ({ placeholder, options: part }));
}

/** Those that Slack takes as an option: each id once. */
function once<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  const fits = ({ id }: Item) => id !== '' && id.length <= limits.optionValue;
  return [...new Map(items.filter(fits).map((item) => [item.id, item])).values()];
}

function chunks<Item>(items: readonly Item[], length: number): Item[][] {
  const parts: Item[][] = [];
  for (let i = 0; i < items.length; i += length) parts.push(items.slice(i, i + length));
  return parts;
}
