import { contextAgain, resumeTelling } from '../resume.ts';
import { tellOf } from './answer.ts';
import { can } from './context.ts';
import type { Desk } from './desk.ts';
import { resumeForgetting } from './forget.ts';
import { drawView } from './messages/index.ts';
import type { AnswerRecord } from './store.ts';
import { textView } from './whisper.ts';
import { refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

/**
 * Goes on with what was under way when the bot stopped: telling of jobs, and deleting what was posted for
 * whoever is forgotten.
 */
export function resume(desk: Desk): Promise<unknown> {
  const { commands, signal } = desk;
  const telling = resumeTelling(desk, async (record) => {
    const { job } = record;
    if (job === undefined) return interrupted(desk, record);
    const context = contextAgain(record, { can, signal });
    return tellOf(desk, context, record, commands.run(context, 'show', { job }));
  });
  return Promise.all([resumeForgetting(desk), telling]);
}

/** Its pictures had not been read to their end, and their addresses were for that one time. */
async function interrupted(desk: Desk, { interaction, token, tokenUntil, locale }: AnswerRecord) {
  const { answers, wire, now } = desk;
  if (now() < tokenUntil) {
    const view = textView(wordsFor(locale).interrupted);
    const { components } = drawView(view, { locale, now: now() });
    try {
      await wire.editOriginal(token, { components, files: [] });
    } catch (error) {
      if (!refusedFor(error, ['gone', 'nowhere', 'expired'])) throw error;
    }
  }
  answers.delete(interaction);
}
