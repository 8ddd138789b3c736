import { tellOf } from './answer.ts';
import { contextAgain } from './context.ts';
import type { Desk } from './desk.ts';

/** Goes on telling of what was under way when the bot stopped: the jobs went on in the engine. */
export function resume(desk: Desk): Promise<unknown> {
  const { answers, commands, log, signal, wireOf } = desk;
  return Promise.all(
    answers.open().map(async (record) => {
      const { job, team } = record;
      if (job === undefined) return;
      const context = contextAgain(record, signal);
      try {
        const wire = await wireOf(team);
        if (!wire) return answers.delete(record.interaction);
        await tellOf(desk, wire, context, record, commands.run(context, 'show', { job }));
      } catch (error) {
        log({ err: error, job }, 'an answer was not taken up again');
      }
    }),
  );
}
