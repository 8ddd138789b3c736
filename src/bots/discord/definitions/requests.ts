import {
  ApplicationCommandOptionType,
  type Attachment,
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
} from 'discord.js';
import { wordsFor } from '../words/index.ts';
import { fieldNameOf, findPlacement, type Wish } from './placements.ts';

/** What a member asks for, in the words of the commands. */
export interface DiscordRequest extends Readonly<Partial<Record<Wish, boolean>>> {
  /** A name of `Commands.list`, or what was called and is not there. */
  readonly command: string;
  /** By the names of the command's fields, without the files. */
  readonly input: Record<string, unknown>;
  /** Its pictures and files, by the same names: nothing has been fetched. */
  readonly attachments: Record<string, Attachment>;
}

/** The way back from Discord's options to the fields of a command. Never throws. */
export function requestOf(interaction: ChatInputCommandInteraction): DiscordRequest {
  const [subcommand, options] = called(interaction);
  const found = findPlacement(interaction.commandName, subcommand);
  const spoken = [interaction.commandName, ...(subcommand === undefined ? [] : [subcommand])];
  const [command, placement] = found ?? [spoken.join(' '), undefined];
  const input: Record<string, unknown> = {};
  const attachments: Record<string, Attachment> = {};
  const wished: Partial<Record<Wish, boolean>> = {};
  for (const { name, value, attachment } of options) {
    const wish = placement?.wishes?.find((each) => each === name);
    const field = placement ? fieldNameOf(placement, name) : name;
    if (wish) wished[wish] = value === true;
    else if (attachment) attachments[field] = attachment;
    else if (placement?.mentions && typeof value === 'string') input[field] = idsIn(value);
    else input[field] = value;
  }
  return { command, input, attachments, ...wished };
}

function called({ options }: Pick<ChatInputCommandInteraction, 'options'>) {
  const [first] = options.data;
  return first?.type === ApplicationCommandOptionType.Subcommand
    ? ([first.name, first.options ?? []] as const)
    : ([undefined, options.data] as const);
}

/** `<@&1>` of a role and `<@2>` of a user are their ids; two in a row are two. */
function idsIn(text: string): string {
  return text.replace(/<@[&!]?(\d+)>(?=(<)?)/g, (_, id: string, next?: string) =>
    next === undefined ? id : `${id} `,
  );
}

/** What is being typed, where the bot completes it. */
export function focusedOf(
  interaction: AutocompleteInteraction,
): { readonly kind: 'analogy' | 'job'; readonly text: string } | undefined {
  const { name, value } = interaction.options.getFocused(true);
  // Fields of these kinds are called so in every command.
  return name === 'analogy' || name === 'job' ? { kind: name, text: String(value) } : undefined;
}

/** In the menu of a message: what is done by each, and what interactions call it. */
export const messageCommands = wordsFor('en').messageCommands;

/** @param name as an interaction gives it, whatever the language of the member */
export function messageCommandOf(name: string): keyof typeof messageCommands | undefined {
  const keys = Object.keys(messageCommands) as (keyof typeof messageCommands)[];
  return keys.find((key) => messageCommands[key] === name);
}
