import { Locale } from 'discord.js';
import { list, long } from './rules-components.ts';
import type { JsonObject } from './shapes.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const LOCALES: readonly string[] = Object.values(Locale);

/** A text and its translations. */
function texts(value: JsonObject, key: string): string[] {
  const localized = (value[`${key}_localizations`] ?? {}) as Record<string, unknown>;
  const all = [value[key], ...Object.values(localized)];
  return all.filter((one): one is string => typeof one === 'string');
}

function locales(value: JsonObject): string[] {
  return ['name_localizations', 'description_localizations'].flatMap((key) =>
    Object.keys((value[key] ?? {}) as object)
      .filter((locale) => !LOCALES.includes(locale))
      .map((locale) => `${String(value.name)}: ${locale} is no locale of Discord`),
  );
}

/** Of a chat command, an option or a subcommand. */
function words(value: JsonObject, who: string, partial: boolean): string[] {
  const out = locales(value);
  for (const name of texts(value, 'name')) {
    if (!NAME.test(name) || name !== name.toLowerCase()) out.push(`${who}: the name ${name}`);
  }
  for (const text of texts(value, 'description')) {
    if (text.length < 1 || text.length > 100) {
      out.push(`${who}: a description of ${text.length} characters`);
    }
  }
  if (!partial && (long(value.name) < 1 || typeof value.description !== 'string')) {
    out.push(`${who}: name or description is missing`);
  }
  return out;
}

function choices(option: JsonObject, who: string): string[] {
  const all = list(option.choices);
  const out = all.length > 25 ? [`${who}: ${all.length} choices`] : [];
  if (all.length > 0 && option.autocomplete === true) {
    out.push(`${who}: both choices and autocomplete`);
  }
  if (option.autocomplete === true && ![3, 4, 10].includes(Number(option.type))) {
    out.push(`${who}: autocomplete is for texts and numbers`);
  }
  if (new Set(all.map((one) => one.name)).size < all.length) {
    out.push(`${who}: a choice's name occurs twice`);
  }
  for (const choice of all) {
    out.push(...locales(choice));
    if (texts(choice, 'name').some((name) => name.length < 1 || name.length > 100)) {
      out.push(`${who}: a choice's name is not 1 to 100 characters`);
    }
    if (long(choice.value) > 100) out.push(`${who}: a choice's value over 100 characters`);
  }
  return out;
}

function options(value: JsonObject, who: string, depth: number): string[] {
  const all = list(value.options);
  const out = all.length > 25 ? [`${who}: ${all.length} options`] : [];
  const names = all.map((one) => one.name);
  if (new Set(names).size < names.length) out.push(`${who}: an option's name occurs twice`);
  const branches = all.filter((one) => one.type === 1 || one.type === 2).length;
  if (branches > 0 && branches < all.length) out.push(`${who}: options beside subcommands`);
  if (branches > 0 && depth > 1) out.push(`${who}: subcommands are nested too deep`);
  const optional = all.findIndex((one) => one.required !== true);
  if (optional >= 0 && all.slice(optional).some((one) => one.required === true)) {
    out.push(`${who}: a required option after an optional one`);
  }
  for (const option of all) {
    const here = `${who} ${String(option.name)}`;
    out.push(...words(option, here, false), ...choices(option, here));
    const { min_value: least, max_value: most } = option as Record<string, unknown>;
    if (least !== undefined && most !== undefined && Number(least) > Number(most)) {
      out.push(`${here}: min_value over max_value`);
    }
    out.push(...options(option, here, depth + 1));
  }
  return out;
}

/** Characters of names, descriptions and values; of translations the longest counts. */
function characters(value: JsonObject): number {
  const longest = (key: string) => Math.max(0, ...texts(value, key).map((text) => text.length));
  return [...list(value.options), ...list(value.choices)].reduce(
    (sum, inner) => sum + characters(inner),
    longest('name') + longest('description') + long(value.value),
  );
}

/** What holds for one application command. `partial`: of a PATCH. */
export function commandRules(command: JsonObject, partial = false): string[] {
  const who = `/${String(command.name)}`;
  const type = Number(command.type ?? 1);
  const total = characters(command);
  const out = total > 8000 ? [`${who}: ${total} characters in all`] : [];
  if (type === 1) return [...out, ...words(command, who, partial), ...options(command, who, 0)];
  out.push(...locales(command));
  if (texts(command, 'name').some((name) => name.length < 1 || name.length > 32)) {
    out.push(`${who}: the name is not 1 to 32 characters`);
  }
  if (long(command.description) > 0) out.push(`${who}: a context menu has no description`);
  if (list(command.options).length > 0) out.push(`${who}: a context menu has no options`);
  return out;
}

/** What holds for all commands of a place together. */
export function commandListRules(commands: readonly JsonObject[]): string[] {
  const out = commands.flatMap((command) => commandRules(command));
  for (const [type, most] of [
    [1, 100],
    [2, 15],
    [3, 15],
  ] as const) {
    const names = commands.filter((one) => (one.type ?? 1) === type).map((one) => one.name);
    if (names.length > most) out.push(`${names.length} commands of type ${type}`);
    if (new Set(names).size < names.length) out.push(`a command's name occurs twice`);
  }
  return out;
}
