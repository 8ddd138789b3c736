import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
  type APISelectMenuOption,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Button } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { limits } from './limits.ts';
import { label } from './plain.ts';

/** Several buttons that share a purpose, as a list to choose from. */
export interface Choice {
  readonly placeholder: string;
  readonly options: readonly { id: string; label: string; description?: string | undefined }[];
}

export interface Controls {
  readonly choices?: readonly Choice[];
  readonly rows?: readonly (readonly Button[])[];
  /** Buttons that stand out; others by their style. */
  readonly strong?: ReadonlySet<string>;
  /** Buttons that do not, whatever their style. */
  readonly quiet?: ReadonlySet<string>;
  /** Id of the button that deletes the message. */
  readonly remove?: string | undefined;
}

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** Before the words of buttons whose kind is told faster so, by the action that begins their id. */
const signs: Readonly<Record<string, string>> = {
  cancel: '⏹️',
  undo: '↩️',
  again: '🔁',
  original: '⬇️',
};

/**
 * Rows of buttons and lists. What has no room as a button is offered in a list, what has none there
 * either is left out.
 * @param room components that may be added, at least 6
 */
export function drawControls(controls: Controls, words: Words, room: number): Row[] {
  const { choices = [], remove } = controls;
  const seen = new Set<string>(remove === undefined ? [] : [remove]);
  // Discord refuses a message in which an id is there twice.
  const fresh = ({ id }: Button) => id.length <= limits.id && !seen.has(id) && !!seen.add(id);
  const rows = (controls.rows ?? [])
    .map((row) => row.filter(fresh))
    .flatMap((row) => chunks(row, limits.rowLength));
  const lists = choices.flatMap(split);
  const spare = room - (remove === undefined ? 0 : 2);
  const kept: Button[][] = [];
  let rest = rows.flat();
  const cost = (more: readonly Button[], left: number) =>
    2 * lists.length + size([...kept, more]) + 2 * Math.ceil(left / limits.options);
  for (const row of rows) {
    if (cost(row, rest.length - row.length) > spare) break;
    kept.push(row);
    rest = rest.slice(row.length);
  }
  if (rest.length > 0) lists.push(...split({ placeholder: words.moreButtons, options: rest }));
  const shown = lists.slice(0, Math.max(0, Math.floor((spare - size(kept)) / 2)));
  const buttonRows = kept.map((row) => row.map((button) => drawButton(button, controls)));
  if (remove !== undefined) {
    const last = buttonRows.at(-1);
    const button = drawRemove(remove, words);
    if (last && last.length < limits.rowLength) last.push(button);
    else buttonRows.push([button]);
  }
  return [
    ...shown.map((list, i) => drawChoice(list, shown.length === 1 ? 'select' : `select:${i + 1}`)),
    ...buttonRows.map((components): Row => ({ type: ComponentType.ActionRow, components })),
  ];
}

function size(rows: readonly (readonly unknown[])[]): number {
  return rows.reduce((sum, row) => sum + (row.length === 0 ? 0 : 1 + row.length), 0);
}

function drawButton(button: Button, { strong, quiet }: Controls): APIButtonComponentWithCustomId {
  const { id, style } = button;
  const styles = {
    plain: ButtonStyle.Secondary,
    primary: ButtonStyle.Primary,
    danger: ButtonStyle.Danger,
  } as const;
  const sign = signs[id.split('~')[0] ?? ''];
  const plain = quiet?.has(id) ? ButtonStyle.Secondary : styles[style];
  return {
    type: ComponentType.Button,
    style: strong?.has(id) ? ButtonStyle.Primary : plain,
    custom_id: id,
    label: label(button.label, limits.label),
    ...(sign !== undefined && { emoji: { name: sign } }),
  };
}

function drawRemove(id: string, words: Words): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: ButtonStyle.Danger,
    custom_id: id,
    label: label(words.remove, limits.label),
    emoji: { name: '🗑️' },
  };
}

function drawChoice({ placeholder, options }: Choice, id: string): Row {
  const drawn = options.map(
    (option): APISelectMenuOption => ({
      label: label(option.label, limits.option),
      value: option.id,
      ...(option.description && { description: label(option.description, limits.option) }),
    }),
  );
  const select = {
    type: ComponentType.StringSelect as const,
    custom_id: id,
    placeholder: label(placeholder, limits.placeholder),
    options: drawn,
  };
  return { type: ComponentType.ActionRow, components: [select] };
}

/** Lists of a length that Discord takes, each value once. */
function split({ placeholder, options }: Choice): Choice[] {
  const byId = new Map(
    options.filter(({ id }) => id.length <= limits.id).map((option) => [option.id, option]),
  );
  return chunks([...byId.values()], limits.options).map((part) => ({ placeholder, options: part }));
}

function chunks<Item>(items: readonly Item[], length: number): Item[][] {
  const parts: Item[][] = [];
  for (let i = 0; i < items.length; i += length) parts.push(items.slice(i, i + length));
  return parts;
}
