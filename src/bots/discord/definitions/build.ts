import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type LocalizationMap,
  PermissionFlagsBits,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord.js';
import type { CommandDescription, Field } from '../../../commands/port.ts';
import { wordsFor } from '../words/index.ts';
import { descriptions, locales } from './descriptions.ts';
import { type Described, optionOf } from './options.ts';
import { optionNameOf, type Placement, placementOf, type Wish } from './placements.ts';
import { messageCommands } from './requests.ts';

export interface DefinitionsOptions {
  /** The commands in a language, a BCP 47 tag; the same commands and fields in each. */
  readonly describe: (locale: string) => readonly CommandDescription[];
}

type Definition = RESTPutAPIApplicationCommandsJSONBody[number];

/** Wherever it can be used: in servers, with the bot alone, and among friends. */
const everywhere = {
  contexts: [
    InteractionContextType.Guild,
    InteractionContextType.BotDM,
    InteractionContextType.PrivateChannel,
  ],
  integration_types: [
    ApplicationIntegrationType.GuildInstall,
    ApplicationIntegrationType.UserInstall,
  ],
};

/** Settings are a server's: whoever uses the bot by themselves has none to change. */
const adminsOnly = {
  contexts: [InteractionContextType.Guild],
  integration_types: [ApplicationIntegrationType.GuildInstall],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
};

/**
 * All of Discord's commands, as they are registered: one for each command of the chat, or a subcommand;
 * then those of the menu of a message.
 */
export function definitionsOf(options: DefinitionsOptions): RESTPutAPIApplicationCommandsJSONBody {
  const translated = locales.map((locale) => [locale, options.describe(locale)] as const);
  const found = new Map<string, RESTPostAPIChatInputApplicationCommandsJSONBody>();
  for (const command of options.describe('en')) {
    const placement = placementOf(command.name);
    const translations = translated.map(
      ([locale, list]) => [locale, list.find(({ name }) => name === command.name)] as const,
    );
    const described = describedBy(
      command.description,
      (locale) => translations.find(([each]) => each === locale)?.[1]?.description,
    );
    const built = optionsOf(command, placement, translations);
    const { command: name, subcommand } = placement;
    const where = command.adminOnly ? adminsOnly : everywhere;
    const type = ApplicationCommandType.ChatInput;
    if (subcommand === undefined) {
      found.set(name, { type, name, ...described, ...where, options: built });
      continue;
    }
    const parent = found.get(name) ?? { type, name, ...parentText(), ...where, options: [] };
    parent.options?.push({
      type: ApplicationCommandOptionType.Subcommand,
      name: subcommand,
      ...described,
      options: built,
    });
    found.set(name, parent);
  }
  return [...found.values(), ...messageDefinitions()];
}

type Translations = readonly (readonly [string, CommandDescription | undefined])[];

/** Its fields, and what Discord's command asks for besides; what is required comes first. */
function optionsOf(
  { fields }: CommandDescription,
  placement: Placement,
  translations: Translations,
): APIApplicationCommandBasicOption[] {
  const { dialog = [], wishes = [] } = placement;
  const ofFields = fields
    .filter(({ name }) => !dialog.includes(name))
    .map((field) =>
      optionOf(field, optionNameOf(placement, field.name), fieldText(field, translations)),
    );
  return [...ofFields, ...wishes.map(wishOption)].sort(
    (a, b) => Number(b.required ?? false) - Number(a.required ?? false),
  );
}

function fieldText({ name, description }: Field, translations: Translations): Described {
  return describedBy(description, (locale) => {
    const command = translations.find(([each]) => each === locale)?.[1];
    return command?.fields.find((field) => field.name === name)?.description;
  });
}

function wishOption(wish: Wish): APIApplicationCommandBasicOption {
  return {
    type: ApplicationCommandOptionType.Boolean,
    name: wish,
    ...describedBy(descriptions.en.wishes[wish], (locale) => descriptions[locale].wishes[wish]),
    required: false,
  };
}

/** `/library` is the one command with subcommands. */
function parentText(): Described {
  return describedBy(descriptions.en.library, (locale) => descriptions[locale].library);
}

function messageDefinitions(): Definition[] {
  return Object.entries(messageCommands).map(([key, name]) => ({
    type: ApplicationCommandType.Message,
    name,
    name_localizations: Object.fromEntries(
      locales.map((locale) => [
        locale,
        wordsFor(locale).messageCommands[key as keyof typeof messageCommands],
      ]),
    ),
    ...everywhere,
  }));
}

/** Without the translations that say the same as the English text. */
function describedBy(
  description: string,
  translate: (locale: (typeof locales)[number]) => string | undefined,
): Described {
  const texts: LocalizationMap = {};
  for (const locale of locales) {
    const text = translate(locale);
    if (text !== undefined && text !== description) texts[locale] = text;
  }
  return Object.keys(texts).length === 0
    ? { description }
    : { description, description_localizations: texts };
}
