import { contextAgain, resumeTelling } from '../resume.ts';
import { tellOf } from './answer.ts';
import { can } from './context.ts';
import type { Desk } from './desk.ts';
import { resumeForgetting } from './forget.ts';
import { drawView, filled } from './messages/index.ts';
import type { AnswerRecord } from './store.ts';
import { textView } from './whisper.ts';
import { refusedFor, type Wire } from './wire.ts';
import { wordsFor } from './words/index.ts';

/**
 * Goes on with what was under way when the bot stopped: telling of jobs, and deleting what was posted for
 * whoever is forgotten.
 */
export function resume(desk: Desk): Promise<unknown> {
  const { answers, commands, signal, wireOf } = desk;
  const telling = resumeTelling(desk, async (record) => {
    const { job, team, interaction } = record;
    const wire = wireOf(team);
    if (!wire) return answers.delete(interaction);
    if (job === undefined) return interrupted(desk, wire, record);
    const context = contextAgain(record, { can, signal });
    return tellOf(desk, wire, context, record, commands.run(context, 'show', { job }));
  });
  return Promise.all([resumeForgetting(desk), telling]);
}

/** Its pictures had not been read to their end: there is no job. */
async function interrupted({ answers, now }: Desk, wire: Wire, record: AnswerRecord) {
  const { channel, message, locale, interaction } = record;
  const view = textView(wordsFor(locale).interrupted);
  const { blocks, text } = filled(drawView(view, { locale, now: now() }), {});
  try {
    if (message !== undefined) await wire.update({ channel, message }, { blocks, text });
  } catch (error) {
    if (!refusedFor(error, ['gone'])) throw error;
  }
  answers.delete(interaction);
}
