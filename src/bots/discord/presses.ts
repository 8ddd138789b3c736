import { setTimeout as sleep } from 'node:timers/promises';
import type {
  MessageComponentInteraction,
  ModalSubmitInteraction,
  StringSelectMenuInteraction,
} from 'discord.js';
import { formatPress, parsePress } from '../../commands/index.ts';
import type { Context, View, Views } from '../../commands/port.ts';
import { tellForgetting } from '../forget.ts';
import { answer, firstWait } from './answer.ts';
import { filesOf, run } from './chat.ts';
import { contextOf, moderates } from './context.ts';
import type { Desk } from './desk.ts';
import { forgetPosts } from './forget.ts';
import { appliedIn } from './menu.ts';
import { modalOf, valuesOf } from './modals.ts';
import { soon } from './soon.ts';
import type { AnswerRecord } from './store.ts';
import { textView, whisper, whisperText, whisperView } from './whisper.ts';
import { refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

type Pressed = MessageComponentInteraction | StringSelectMenuInteraction;

/** Buttons that change what only one sees, in place of an answer of their own. */
const inPlace = new Set(['library', 'forgetyes', 'deleteyes', 'keep']);

/** A button, or a choice of a select: what it says is all that it needs. */
export async function press(desk: Desk, interaction: Pressed): Promise<void> {
  const { commands, wire } = desk;
  const id = interaction.isStringSelectMenu()
    ? (interaction.values[0] ?? '')
    : interaction.customId;
  const context = pressContext(desk, interaction, id);
  if (id.startsWith('d.remove~')) return remove(desk, interaction, context, id);
  const fields = commands.asks(id, context.locale);
  if (fields.length > 0) {
    const isNamed = fields.some(({ kind }) => kind === 'analogy');
    const analogies = isNamed ? await soon(commands.complete(context, '')) : undefined;
    const title = titleOf(interaction);
    return wire.modal(
      interaction,
      modalOf({ id, title, fields, locale: context.locale, ...(analogies && { analogies }) }),
    );
  }
  if (parsePress(id)?.action === 'cancel') return cancel(desk, interaction, context, id);
  await pressed(desk, interaction, context, id, {});
}

/** A dialog that was sent. */
export async function submit(desk: Desk, interaction: ModalSubmitInteraction): Promise<void> {
  const { tickets } = desk;
  const { customId } = interaction;
  const { values, files } = valuesOf(interaction);
  const first = Object.fromEntries(
    Object.entries(files).flatMap(([name, [file]]) => (file ? [[name, file]] : [])),
  );
  const sent = filesOf(desk, first);
  const applied = appliedIn(customId);
  if (applied) {
    const apply = formatPress({ action: 'apply', ref: applied.job, numbers: [] });
    const where = pressContext(desk, interaction, apply, applied.message);
    await pressed(desk, interaction, where, apply, { ...values, ...sent });
    return;
  }
  const context = pressContext(desk, interaction, customId);
  if (!customId.startsWith('d.')) {
    await pressed(desk, interaction, context, customId, { ...values, ...sent });
    return;
  }
  const [kind, id = ''] = customId.split('~');
  const ticket = tickets.take(id, context.user);
  if (!ticket) return whisperText(desk, interaction, wordsFor(context.locale).ticketGone);
  const { input, private: isPrivate, spoiler } = ticket;
  const mine: Context = { ...context, private: isPrivate, spoiler };
  if (kind === 'd.pairs') {
    const pairs = ['2', '3', '4', '5'].flatMap((n) => {
      const [a, aPrime] = files[`pair${n}`] ?? [];
      const pair = { ...(a && { [`before${n}`]: a }), ...(aPrime && { [`after${n}`]: aPrime }) };
      return Object.entries(filesOf(desk, pair));
    });
    await run(desk, interaction, mine, 'analogy', { ...input, ...Object.fromEntries(pairs) });
  } else if (kind === 'd.usea') {
    await run(desk, interaction, mine, 'analogy', { ...input, picture: sent.b });
  } else if (sent.a || sent.a2) {
    await run(desk, interaction, mine, 'analogy', { ...input, before: sent.a, after: sent.a2 });
  } else {
    await run(desk, interaction, mine, 'apply', { ...input, analogy: values.analogy });
  }
}

function pressContext(
  { answers, signal }: Desk,
  interaction: Pressed | ModalSubmitInteraction,
  id: string,
  message = interaction.message?.id,
): Context {
  const known = message === undefined ? undefined : answers.byMessage(message);
  const context = contextOf(interaction, { signal, message, answer: known });
  const { action, ref } = parsePress(id) ?? {};
  // A dialog from the menu of a message does not say which message it was.
  const shown = known ?? (ref === undefined ? undefined : answers.ofJob(context.tenant, ref));
  // One's own job in one's own list may have been a private one.
  const isMine = known?.private === true || (isEphemeral(interaction) && action === 'show');
  // What is made from a hidden picture is hidden, too, and what only one sees stays theirs.
  return { ...context, spoiler: shown?.spoiler, private: isMine || undefined };
}

function isEphemeral({ message }: Pressed | ModalSubmitInteraction): boolean {
  return message?.flags.has('Ephemeral') === true;
}

async function pressed(
  desk: Desk,
  interaction: Pressed | ModalSubmitInteraction,
  context: Context,
  id: string,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const action = parsePress(id)?.action ?? '';
  const isMine = isEphemeral(interaction);
  const options = { inPlace: isMine && inPlace.has(action), private: isMine };
  const tell = (told: Views) => answer(desk, interaction, context, told, options);
  const views = desk.commands.press(context, id, values);
  if (action !== 'forgetyes') {
    await tell(views);
    return;
  }
  const clear = (doomed: readonly AnswerRecord[], told: Promise<unknown>) =>
    forgetPosts(desk, doomed, async (count) => {
      // Discord takes nothing more to an interaction before it is answered.
      await told;
      await whisper(desk, interaction, textView(wordsFor(context.locale).stillPosted(count)));
    });
  await tellForgetting({ ...desk, views, tell, clear }, context);
}

/** The answer that tells of the job says that it was cancelled; whoever pressed hears what went wrong. */
async function cancel(
  desk: Desk,
  interaction: Pressed,
  context: Context,
  id: string,
): Promise<void> {
  const cancelled = lastOf(desk.commands.press(context, id));
  const isTold = (view: View | undefined) =>
    interaction.isButton() && !isEphemeral(interaction) && view?.kind !== 'problem';
  const late = sleep(firstWait, 'late' as const, { ref: false });
  const early = await Promise.race([cancelled, late]);
  if (early !== 'late' && early && !isTold(early)) return whisperView(desk, interaction, early);
  await desk.wire.deferUpdate(interaction);
  const last = await cancelled;
  if (last && !isTold(last)) await whisper(desk, interaction, last);
}

async function lastOf(views: Views): Promise<View | undefined> {
  let last: View | undefined;
  for await (const view of views) last = view;
  return last;
}

/**
 * Deletes a result: by whoever asked for it, and by moderators of the place where it is. Of what somebody
 * made who added the bot for themselves, nobody else is one by having added it, too.
 */
async function remove(
  desk: Desk,
  interaction: Pressed,
  context: Context,
  id: string,
): Promise<void> {
  const { wire, answers } = desk;
  const owner = id.slice('d.remove~'.length);
  if (owner !== context.user && !moderates(interaction)) {
    return whisperText(desk, interaction, wordsFor(context.locale).notYoursToDelete);
  }
  await wire.deferUpdate(interaction);
  try {
    await wire.deleteOriginal(interaction.token);
  } catch (error) {
    if (!refusedFor(error, ['gone'])) throw error;
  }
  const known = answers.byMessage(interaction.message.id);
  if (known) answers.delete(known.interaction);
}

/** What a dialog is called: as what led to it. */
function titleOf(interaction: Pressed): string {
  const { component } = interaction;
  if ('label' in component && component.label) return component.label;
  return 'placeholder' in component && component.placeholder ? component.placeholder : 'Likewise';
}
