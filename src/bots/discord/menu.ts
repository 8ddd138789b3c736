import type { MessageContextMenuCommandInteraction } from 'discord.js';
import { formatPress, parsePress } from '../../commands/index.ts';
import type { LazyFile } from '../../commands/port.ts';
import { downloadOf, type Sent } from './attachments.ts';
import { contextOf } from './context.ts';
import type { Desk } from './desk.ts';
import { applyModal, useAsBModal, useAsPairModal } from './modals.ts';
import { whisperText } from './whisper.ts';
import { english, wordsFor } from './words/index.ts';

type Message = MessageContextMenuCommandInteraction['targetMessage'];

/** What the menu of a message offers: each asks on in a dialog. */
export async function menu(
  desk: Desk,
  interaction: MessageContextMenuCommandInteraction,
): Promise<void> {
  const { signal, commands, tickets, wire, hosts, most } = desk;
  const { targetMessage: message, commandName } = interaction;
  const context = contextOf(interaction, { signal });
  const { locale, user } = context;
  const words = wordsFor(locale);
  const { messageCommands } = english;
  if (commandName === messageCommands.apply) {
    const job = message.author.id === interaction.client.user.id ? jobIn(message) : undefined;
    if (job === undefined) return whisperText(desk, interaction, words.noResult);
    const id = formatPress({ action: 'apply', ref: job, numbers: [] });
    return wire.modal(interaction, applyModal(id, locale));
  }
  const files = picturesIn(message).map((file) => downloadOf(file, { hosts, most }));
  const [first, second] = files;
  if (!first) return whisperText(desk, interaction, words.noPicture);
  const keep = (input: Record<string, LazyFile>) =>
    tickets.keep({ user, input, private: undefined, spoiler: undefined });
  if (commandName === messageCommands.useAsPair) {
    if (!second) return whisperText(desk, interaction, words.onePicture);
    return wire.modal(interaction, useAsPairModal(keep({ before: first, after: second }), locale));
  }
  const names = await namesSoon(commands.complete(context, ''));
  return wire.modal(interaction, useAsBModal(keep({ picture: first }), locale, names));
}

/** Milliseconds that a dialog waits for the names that it offers; Discord waits for 3 s in all. */
const patience = 1000;

export async function namesSoon(
  names: Promise<readonly string[]>,
): Promise<readonly string[] | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), patience).unref();
  });
  return Promise.race([names, late]);
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
