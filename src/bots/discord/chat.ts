import type { Attachment, AutocompleteInteraction, ChatInputCommandInteraction } from 'discord.js';
import type { Context, LazyFile, View, Views } from '../../commands/port.ts';
import { answer } from './answer.ts';
import { downloadOf } from './attachments.ts';
import { contextOf } from './context.ts';
import { focusedOf, requestOf } from './definitions/index.ts';
import type { Desk } from './desk.ts';
import { morePairsModal } from './modals.ts';
import { soon } from './soon.ts';

/** Commands whose answers are for all, unless they are asked to be private. */
const shared = new Set(['analogy', 'apply', 'refine', 'show']);
/** Choices of a completion. */
const mostChoices = 25;

/** A slash command: answered, or asked on about in a dialog. */
export async function chat(desk: Desk, interaction: ChatInputCommandInteraction): Promise<void> {
  const { signal, tickets, wire } = desk;
  const asked = requestOf(interaction);
  const wishes = { private: asked.private, spoiler: asked.spoiler };
  const context = contextOf(interaction, { signal, ...wishes });
  const input = { ...asked.input, ...filesOf(desk, asked.attachments) };
  if (asked.pairs) {
    const ticket = tickets.keep({ user: context.user, input, ...wishes });
    await wire.modal(interaction, morePairsModal(ticket, context.locale));
    return;
  }
  await run(desk, interaction, context, asked.command, input);
}

/** Runs a command as the answer of whatever interaction led to it. */
export async function run(
  desk: Desk,
  interaction: Parameters<typeof answer>[1],
  context: Context,
  command: string,
  input: Readonly<Record<string, unknown>>,
): Promise<View | undefined> {
  const views: Views = desk.commands.run(context, command, input);
  return answer(desk, interaction, context, views, { private: !shared.has(command) });
}

/** What members sent with an interaction, not yet read. */
export function filesOf(
  { hosts, most }: Desk,
  files: Readonly<Record<string, Attachment>>,
): Record<string, LazyFile> {
  const lazy = Object.entries(files).map(([name, file]) => [
    name,
    downloadOf(file, { hosts, most }),
  ]);
  return Object.fromEntries(lazy);
}

/** Names of analogies, and one's own jobs: none where they do not come soon. */
export async function complete(desk: Desk, interaction: AutocompleteInteraction): Promise<void> {
  const { commands, signal, wire } = desk;
  const focused = focusedOf(interaction);
  const context = contextOf(interaction, { signal });
  const names = async (text: string) =>
    (await commands.complete(context, text)).map((name) => ({ name, value: name }));
  const found =
    focused && (focused.kind === 'analogy' ? names : (text: string) => jobs(desk, context, text));
  const choices = (found && (await soon(found(focused.text)))) ?? [];
  await wire.choices(
    interaction,
    choices
      .filter(({ value }) => value.length <= 100)
      .map(({ name, value }) => ({ name: name.slice(0, 100), value }))
      .slice(0, mostChoices),
  );
}

async function jobs({ commands }: Desk, context: Context, text: string) {
  for await (const view of commands.run(context, 'status', {})) {
    if (view.kind !== 'list') continue;
    const wanted = text.toLowerCase();
    return view.items
      .map(({ title, text: about, ref }) => ({ name: `${title}: ${about}`, value: ref }))
      .filter(({ name, value }) => value === text || name.toLowerCase().includes(wanted));
  }
  return [];
}
