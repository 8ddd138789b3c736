import type { APIAttachment } from 'discord.js';
import type { Files } from './files.ts';
import type { JsonObject, Options, SlashPlace, Upload } from './shapes.ts';

const list = (value: unknown) => (Array.isArray(value) ? (value as JsonObject[]) : []);

/** What a member has typed, as the `data` of a chat command. Throws as the client would refuse it. */
export function commandData(
  command: JsonObject,
  options: Options,
  place: SlashPlace,
  files: Files,
  focused?: { readonly option: string; readonly value: string },
): JsonObject {
  const path = [place.group, place.subcommand].filter((one) => one !== undefined);
  let defined = list(command.options);
  for (const name of path) {
    const found = defined.find((one) => one.name === name);
    if (found === undefined) throw new Error(`/${String(command.name)} has no ${name}`);
    defined = list(found.options);
  }
  const attachments: Record<string, APIAttachment> = {};
  const given: Record<string, unknown> = { ...options };
  for (const [name, upload] of Object.entries(place.attachments ?? {})) {
    const file = files.add(upload, '1', true);
    attachments[file.id] = file;
    given[name] = file.id;
  }
  if (focused !== undefined) given[focused.option] = focused.value;
  for (const name of Object.keys(given)) {
    if (!defined.some((one) => one.name === name)) {
      throw new Error(`/${String(command.name)} has no option ${name}`);
    }
  }
  let filled = defined.flatMap((one) => {
    const name = String(one.name);
    const value = given[name];
    const typing = focused?.option === name;
    if (value === undefined) {
      if (one.required === true && focused === undefined) {
        throw new Error(`The option ${name} is required`);
      }
      return [];
    }
    if (!typing) check(one, value);
    return [{ name, type: one.type, value, ...(typing ? { focused: true } : {}) } as JsonObject];
  });
  if (place.subcommand !== undefined) {
    filled = [{ name: place.subcommand, type: 1, options: filled }];
    if (place.group !== undefined) filled = [{ name: place.group, type: 2, options: filled }];
  }
  return {
    id: command.id,
    name: command.name,
    type: 1,
    ...(command.guild_id === undefined ? {} : { guild_id: command.guild_id }),
    ...(filled.length > 0 ? { options: filled } : {}),
    ...(Object.keys(attachments).length > 0 ? { resolved: { attachments } } : {}),
  };
}

const KINDS: Readonly<Record<number, string>> = {
  3: 'string',
  4: 'number',
  5: 'boolean',
  10: 'number',
  11: 'string',
};

function check(option: JsonObject, value: unknown): void {
  const name = String(option.name);
  const kind = KINDS[Number(option.type)];
  const bad = (why: string): never => {
    throw new Error(`The option ${name} cannot be ${JSON.stringify(value)}: ${why}`);
  };
  if (kind !== undefined && typeof value !== kind) bad(`it is a ${kind}`);
  if (option.type === 4 && !Number.isInteger(value)) bad('it is a whole number');
  const choices = list(option.choices);
  if (choices.length > 0 && !choices.some((one) => one.value === value)) bad('it is no choice');
  const size = typeof value === 'string' ? value.length : Number(value);
  const least = option.min_value ?? (option.type === 3 ? option.min_length : undefined);
  const most = option.max_value ?? (option.type === 3 ? option.max_length : undefined);
  if (typeof least === 'number' && size < least) bad(`at least ${least}`);
  if (typeof most === 'number' && size > most) bad(`at most ${most}`);
}

export type Fields = Readonly<Record<string, string | boolean | readonly string[]>>;

/** What a member has filled in, as the `data` of a modal. Throws where Discord would not send it. */
export function modalData(
  modal: JsonObject,
  fields: Fields,
  uploads: Readonly<Record<string, readonly Upload[]>>,
  files: Files,
): JsonObject {
  const attachments: Record<string, APIAttachment> = {};
  const known = new Set<string>();
  const fill = (component: JsonObject): JsonObject => {
    const name = String(component.custom_id);
    known.add(name);
    const type = Number(component.type);
    const base = { type, id: component.id, custom_id: name };
    const required = component.required !== false;
    if (type === 4) return { ...base, value: text(component, fields[name], required) };
    if (type === 23) return { ...base, value: fields[name] ?? component.default === true };
    if (type === 21) return { ...base, value: fields[name] ?? null };
    const ready = list(component.options).filter((one) => one.default === true);
    let values = (fields[name] ?? ready.map((one) => one.value)) as readonly string[];
    if (typeof values === 'string') values = [values];
    if (type === 19) {
      const added = (uploads[name] ?? []).map((upload) => files.add(upload, '1', true));
      for (const file of added) attachments[file.id] = file;
      values = added.map((file) => file.id);
    } else {
      const offered = list(component.options).map((one) => one.value);
      const odd = values.find((value) => !offered.includes(value));
      if (odd !== undefined) throw new Error(`The field ${name} does not offer ${odd}`);
    }
    const least = Number(component.min_values ?? 1);
    const most = Number(component.max_values ?? 1);
    const few = required
      ? values.length < Math.max(1, least)
      : values.length > 0 && values.length < least;
    if (few || values.length > most) {
      throw new Error(`The field ${name} takes ${least} to ${most}, not ${values.length}`);
    }
    return { ...base, values };
  };
  let id = 0;
  const numbered = (component: JsonObject): JsonObject => ({ ...component, id: ++id });
  const components = list(modal.components).map((given) => {
    const one = numbered(given);
    if (one.type === 10) return { type: 10, id: one.id };
    if (one.type === 18) {
      const inner = fill(numbered(one.component as JsonObject));
      return { type: 18, id: one.id, component: inner };
    }
    return { ...one, components: list(one.components).map((inner) => fill(numbered(inner))) };
  });
  for (const name of [...Object.keys(fields), ...Object.keys(uploads)]) {
    if (!known.has(name)) throw new Error(`The modal has no field ${name}`);
  }
  return {
    custom_id: modal.custom_id,
    components,
    ...(Object.keys(attachments).length > 0 ? { resolved: { attachments } } : {}),
  };
}

function text(component: JsonObject, given: unknown, required: boolean): string {
  const name = String(component.custom_id);
  const value = String(given ?? component.value ?? '');
  if (value === '' && required) throw new Error(`The field ${name} is required`);
  const least = Number(component.min_length ?? 0);
  const most = Number(component.max_length ?? 4000);
  if (value !== '' && (value.length < least || value.length > most)) {
    throw new Error(`The field ${name} takes ${least} to ${most} characters`);
  }
  return value;
}
