import { type DefinedCommand, defineCommand, field, optional } from './fields.ts';
import type { CommandDescription } from './port.ts';
import { refuse } from './refuse.ts';
import type { Room } from './room.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { languages, type Texts, textsFor } from './texts/index.ts';
import { textView } from './views.ts';

/** What an admin decides for a tenant: shown, and changed where something is given. */
export function settingsCommand(room: Room, texts = textsFor('en')): DefinedCommand {
  const { fields, commands } = texts;
  return defineCommand({
    name: 'settings',
    description: commands.settings,
    adminOnly: true,
    open: true,
    specs: {
      enabled: optional(field.flag(fields.enabled)),
      roles: optional(field.text(fields.roles, 4000)),
      blocked: optional(field.text(fields.blocked, 4000)),
      perday: optional(field.number(fields.perday, 0, 100_000)),
      roleperday: optional(field.text(fields.roleperday, 4000)),
      cells: optional(field.number(fields.cells, 1, 400)),
      retention: optional(field.number(fields.retention, 1, 3650)),
      agerestricted: optional(field.flag(fields.agerestricted)),
      spoilers: optional(field.flag(fields.spoilers)),
      privatereplies: optional(field.flag(fields.privatereplies)),
    },
    async *run(context, input) {
      const words = textsFor(context.locale);
      const before = await room.settings.get(context.tenant);
      const changes = {
        enabled: input.enabled,
        roles: input.roles === undefined ? undefined : idsOf(input.roles, 'everyone'),
        blocked: input.blocked === undefined ? undefined : idsOf(input.blocked, 'nobody'),
        perDay: input.perday,
        rolePerDay: input.roleperday === undefined ? undefined : rules(input.roleperday, words),
        maxCells: input.cells,
        retentionDays: input.retention,
        ageRestricted: input.agerestricted,
        spoilers: input.spoilers,
        privateReplies: input.privatereplies,
      };
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      const after = settingsSchema.parse({ ...before, ...Object.fromEntries(given) });
      if (given.length > 0) await room.settings.set(context.tenant, after);
      const lines = linesOf(words, after);
      const saved = given.length > 0 ? [words.settingsSaved] : [];
      yield textView([...saved, ...lines], { title: words.settingsTitle });
    },
  });
}

/** What there is, from the commands' own descriptions. */
export function helpCommand(
  room: Room,
  describe: (locale: string) => readonly CommandDescription[],
  texts = textsFor('en'),
): DefinedCommand {
  return defineCommand({
    name: 'help',
    description: texts.commands.help,
    specs: {},
    open: true,
    async *run({ locale, admin, can: { called = (name) => name } }) {
      const { help } = textsFor(locale);
      const shown = describe(locale).filter(({ adminOnly }) => admin || !adminOnly);
      const commands = shown.map(({ name, description }) =>
        help.command(called(name), description),
      );
      const files = room.helpPicture ? [{ alt: help.alt, ...room.helpPicture }] : [];
      yield textView([...help.lines, ...commands], { title: help.title, files });
    },
  });
}

/** @param empty the word for none at all, in any language: whoever reads another may know it in English */
function idsOf(text: string, empty: 'everyone' | 'nobody' | 'none'): string[] {
  const isNone = Object.values(languages).some(
    (texts) => texts[empty].toLowerCase() === text.toLowerCase(),
  );
  return isNone ? [] : [...new Set(text.split(/[\s,;]+/).filter((id) => id !== ''))];
}

function rules(text: string, { reasons }: Texts): Record<string, number> {
  const wrong = refuse('INPUT_INVALID', { field: 'roleperday', reason: reasons.rules });
  const pairs = idsOf(text, 'none').map((rule): [string, number] => {
    const [, role, count] = /^([^=]+)=(\d{1,6})$/.exec(rule) ?? [];
    if (role === undefined) throw wrong;
    return [role, Number(count)];
  });
  return Object.fromEntries(pairs);
}

function linesOf(texts: Texts, settings: Settings): string[] {
  const { fields, yes, no, everyone, nobody, none, noLimit } = texts;
  const flag = (value: boolean) => (value ? yes : no);
  const list = (values: readonly string[], empty: string) => values.join(', ') || empty;
  const byRole = Object.entries(settings.rolePerDay).map(([role, count]) => `${role}=${count}`);
  const shown: [keyof typeof fields & string, string][] = [
    ['enabled', flag(settings.enabled)],
    ['roles', list(settings.roles, everyone)],
    ['blocked', list(settings.blocked, nobody)],
    ['perday', settings.perDay === 0 ? noLimit : String(settings.perDay)],
    ['roleperday', list(byRole, none)],
    ['cells', String(settings.maxCells)],
    ['retention', String(settings.retentionDays)],
    ['agerestricted', flag(settings.ageRestricted)],
    ['spoilers', flag(settings.spoilers)],
    ['privatereplies', flag(settings.privateReplies)],
  ];
  return shown.map(([name, value]) => `${name}: ${value}`);
}
