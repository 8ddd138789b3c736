import type { MessageContextMenuCommandInteraction } from 'discord.js';
import { parsePress } from '../../commands/index.ts';
import type { LazyFile } from '../../commands/port.ts';
import { downloadOf, type Sent } from './attachments.ts';
import { contextOf } from './context.ts';
import { messageCommandOf } from './definitions/index.ts';
import type { Desk } from './desk.ts';
import { applyModal, useAsBModal, useAsPairModal } from './modals.ts';
import { soon } from './soon.ts';
import { whisperText } from './whisper.ts';
import { wordsFor } from './words/index.ts';

type Message = MessageContextMenuCommandInteraction['targetMessage'];

/** What the menu of a message offers: each asks on in a dialog. */
export async function menu(
  desk: Desk,
  interaction: MessageContextMenuCommandInteraction,
): Promise<void> {
  const { signal, commands, tickets, wire, answers, hosts, most } = desk;
  const { targetMessage: message } = interaction;
  const command = messageCommandOf(interaction.commandName);
  const context = contextOf(interaction, { signal });
  const { locale, user } = context;
  const words = wordsFor(locale);
  if (command === 'apply') {
    const job = message.author.id === interaction.client.user.id ? jobIn(message) : undefined;
    if (job === undefined) return whisperText(desk, interaction, words.noResult);
    return wire.modal(interaction, applyModal(applyId({ message: message.id, job }), locale));
  }
  const files = picturesIn(message).map((file) => downloadOf(file, { hosts, most }));
  const [first, second] = files;
  if (!first) return whisperText(desk, interaction, words.noPicture);
  // What is made from a hidden picture is hidden, too, and what only one sees stays theirs.
  const known = answers.byMessage(message.id);
  const wishes = { private: known?.private || undefined, spoiler: known?.spoiler };
  const keep = (input: Record<string, LazyFile>) => tickets.keep({ user, input, ...wishes });
  if (command === 'useAsPair') {
    if (!second) return whisperText(desk, interaction, words.onePicture);
    return wire.modal(interaction, useAsPairModal(keep({ before: first, after: second }), locale));
  }
  const names = await soon(commands.complete(context, ''));
  return wire.modal(interaction, useAsBModal(keep({ picture: first }), locale, names));
}

/** A result in a message: what the dialog is about, which says nothing of where it was opened. */
export interface Shown {
  readonly message: string;
  readonly job: string;
}

/** At most 100 characters: those of two ids. */
function applyId({ message, job }: Shown): string {
  return `d.apply~${message}~${job}`;
}

/** @param id of a dialog: undefined for another one */
export function appliedIn(id: string): Shown | undefined {
  const [kind, message, job] = id.split('~');
  return kind === 'd.apply' && message && job ? { message, job } : undefined;
}

/** The job whose result a message of the bot shows: its buttons say it. */
function jobIn({ components }: Pick<Message, 'components'>): string | undefined {
  return customIds(components)
    .map(parsePress)
    .find((press) => press?.action === 'apply' && press.ref !== undefined)?.ref;
}

function customIds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(customIds);
  if (typeof value !== 'object' || value === null) return [];
  const { customId, components, options, value: id } = value as Readonly<Record<string, unknown>>;
  // Buttons that had no room are choices of a list.
  const own = [customId, id].filter((each) => typeof each === 'string');
  return [...own, ...customIds(components), ...customIds(options)];
}

/** Pictures of a message: sent with it, forwarded in it, or shown by a bot. */
function picturesIn(message: Message): Sent[] {
  const sent = [message, ...message.messageSnapshots.values()].flatMap(({ attachments }) => [
    ...attachments.values(),
  ]);
  // Files of messages with galleries are listed among the attachments, too.
  return sent.filter(
    ({ contentType, name }) =>
      contentType?.startsWith('image/') || /\.(png|jpe?g|webp|gif)$/i.test(name),
  );
}
