import type { View } from '../../commands/port.ts';
import type { Answerable } from './answer.ts';
import type { Desk } from './desk.ts';
import { drawView } from './messages/index.ts';
import type { Ready } from './wire.ts';

/** One sentence, seen by whoever asked alone. */
export async function whisperText(
  desk: Desk,
  interaction: Answerable,
  text: string,
): Promise<void> {
  await whisperView(desk, interaction, textView(text));
}

/** The same of a view. */
export async function whisperView(desk: Desk, interaction: Answerable, view: View): Promise<void> {
  await desk.wire.defer(interaction, true);
  await desk.wire.editOriginal(interaction.token, spoken(desk, interaction, view));
}

/** Beside the message of a button that was acknowledged already. */
export async function whisper(desk: Desk, interaction: Answerable, view: View): Promise<void> {
  await desk.wire.whisper(interaction.token, spoken(desk, interaction, view));
}

export function textView(line: string): View {
  return { kind: 'text', lines: [line], files: [], buttons: [], private: true };
}

/** Without files: what is whispered has none. */
function spoken({ now }: Desk, { locale }: Answerable, view: View): Ready {
  const { components } = drawView(view, { locale, now: now() });
  return { components, files: [] };
}
