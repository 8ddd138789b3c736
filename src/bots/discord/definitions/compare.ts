import {
  type APIApplicationCommand,
  ApplicationCommandType,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';

export type Definition = RESTPutAPIApplicationCommandsJSONBody[number];

interface Named {
  readonly type?: ApplicationCommandType | undefined;
  readonly name: string;
}

/** Names what is compared: Discord tells commands apart by their type and name. */
export function keyOf({ type, name }: Named): string {
  return `${type ?? ApplicationCommandType.ChatInput}:${name}`;
}

/** A command as members know it. */
export function labelOf({ type, name }: Named): string {
  return (type ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput
    ? `/${name}`
    : `"${name}"`;
}

/** What of a command is ours to say; Discord adds ids, versions and deprecated switches. */
const said = [
  'type',
  'name',
  'name_localizations',
  'description',
  'description_localizations',
  'required',
  'autocomplete',
  'file_types',
  'min_length',
  'max_length',
  'min_value',
  'max_value',
  'choices',
  'value',
  'options',
  'default_member_permissions',
  'contexts',
  'integration_types',
];

/** What holds where nothing is said; an empty description is what Discord notes of a menu's command. */
const isDefault = (name: string, value: unknown) =>
  value === undefined ||
  value === null ||
  value === false ||
  (name === 'description' && value === '') ||
  (name !== 'value' && typeof value === 'object' && Object.keys(value).length === 0);

/** Whether two are the same to members. The order of options and choices counts; they see it. */
export function isSame(definition: Definition, there: APIApplicationCommand): boolean {
  return JSON.stringify(plain(definition)) === JSON.stringify(plain(there));
}

function plain(command: object): object {
  const { type = ApplicationCommandType.ChatInput } = command as { type?: number };
  return reduced({ ...command, type });
}

function reduced(thing: object): object {
  const values = thing as Readonly<Record<string, unknown>>;
  const kept = said.flatMap((name): [string, unknown][] => {
    const value = values[name];
    return isDefault(name, value) ? [] : [[name, reducedValue(name, value)]];
  });
  return Object.fromEntries(kept);
}

function reducedValue(name: string, value: unknown): unknown {
  if (name === 'options' || name === 'choices') return (value as object[]).map(reduced);
  if (name.endsWith('_localizations')) return Object.entries(value as object).sort(byText);
  if (Array.isArray(value)) return [...value].sort(byText);
  return name === 'default_member_permissions' ? String(value) : value;
}

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}
