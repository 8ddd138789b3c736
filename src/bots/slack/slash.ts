import type { CommandDescription, View } from '../../commands/port.ts';
import { answer, type Place } from './answer.ts';
import { type Asked, contextOf } from './context.ts';
import type { Desk } from './desk.ts';
import { metadataOf } from './metadata.ts';
import { analogyModal, applyModal, modalOf, settingsModal } from './modals/index.ts';
import { whisper } from './whisper.ts';
import { wordsFor } from './words/index.ts';

/** The one slash command; what is behind it says the rest. */
const command = '/analogy';

/** What members write, where it is not the command's own name. */
const aliases: Readonly<Record<string, string>> = { queue: 'status', 'forget-me': 'forget' };

/** Commands that take what is behind their name; what has to be asked for is asked in a dialog. */
const arguments_: Readonly<Record<string, string>> = {
  library: 'search',
  cancel: 'job',
  show: 'job',
};

/** What members type for a command of the chat. */
export function calledOn(name: string): string {
  if (name === 'analogy') return command;
  const alias = Object.keys(aliases).find((each) => aliases[each] === name);
  return `${command} ${alias ?? name}`;
}

/** `/analogy …`: runs a command, or opens its dialog. */
export async function slash(
  desk: Desk,
  asked: Asked,
  text: string,
  trigger: string,
  place: Place,
): Promise<void> {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([\s\S]*?)\s*$/.exec(text) ?? [];
  const name = aliases[word.toLowerCase()] ?? word.toLowerCase();
  const { locale } = asked.member;
  const dialog = (callbackId: string, more: Record<string, string> = {}) => ({
    callbackId,
    privateMetadata: metadataOf({ ...placeOf(place), ...more }),
    locale,
  });
  if (name === '' || name === 'analogy') {
    return asked.wire.open(trigger, analogyModal(dialog('new')));
  }
  if (name === 'apply') {
    return asked.wire.open(
      trigger,
      applyModal(dialog('apply', rest === '' ? {} : { analogy: rest })),
    );
  }
  const described = desk.commands.describe(locale);
  const found = described.find((each) => each.name === name);
  if (!found) {
    const known = described.map((each) => calledOn(each.name).slice(command.length + 1));
    const unknown = wordsFor(locale).unknownCommand(word, known.filter(Boolean).join(', '));
    return whisper(desk, asked, unknown, place);
  }
  if (name === 'settings' && rest === '') return settings(desk, asked, found, trigger, place);
  const taken = arguments_[name];
  if (taken === undefined && found.fields.some(({ required }) => required)) {
    const { fields } = found;
    return asked.wire.open(trigger, modalOf({ ...dialog(`run~${name}`), title: name, fields }));
  }
  const context = contextOf(asked, { signal: desk.signal });
  const input = taken === undefined || rest === '' ? {} : { [taken]: rest };
  await answer(desk, asked, context, desk.commands.run(context, name, input), place);
}

/** Shows what is set in the dialog that changes it. */
export async function settings(
  desk: Desk,
  asked: Asked,
  { fields }: CommandDescription,
  trigger: string,
  place: Place,
): Promise<void> {
  const { locale, admin } = asked.member;
  if (!admin) return whisper(desk, asked, wordsFor(locale).adminsOnly, place);
  const context = contextOf(asked, { signal: desk.signal });
  let last: View | undefined;
  for await (const view of desk.commands.run(context, 'settings', {})) last = view;
  const lines = last?.kind === 'text' ? last.lines : [];
  const privateMetadata = metadataOf(placeOf(place));
  const dialog = { callbackId: 'run~settings', privateMetadata, locale };
  await asked.wire.open(trigger, settingsModal({ ...dialog, fields, lines }));
}

function placeOf({ channel, thread }: Place) {
  return { ...(channel !== undefined && { channel }), ...(thread !== undefined && { thread }) };
}
