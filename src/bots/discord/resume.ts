import { tellOf } from './answer.ts';
import { contextAgain } from './context.ts';
import type { Desk } from './desk.ts';
import { drawView } from './messages/index.ts';
import type { AnswerRecord } from './store.ts';
import { textView } from './whisper.ts';
import { refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

/** Goes on telling of what was under way when the bot stopped: the jobs went on in the engine. */
export function resume(desk: Desk): Promise<unknown> {
  const { answers, commands, log, signal } = desk;
  return Promise.all(
    answers.open().map(async (record) => {
      const { job } = record;
      const context = contextAgain(record, signal);
      try {
        if (job === undefined) return await interrupted(desk, record);
        await tellOf(desk, context, record, commands.run(context, 'show', { job }));
      } catch (error) {
        log({ err: error, job }, 'an answer was not taken up again');
      }
    }),
  );
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
