import type { Context, Log } from '../commands/port.ts';
import type { Answer, Answers } from './answers.ts';

export interface Resuming<Kept extends Answer> {
  readonly answers: Pick<Answers<Kept>, 'open'>;
  readonly log: Log;
}

/**
 * Goes on telling of what was under way when the bot stopped: the jobs went on in the engine. Where one
 * cannot be told of, the others are all the same.
 */
export async function resumeTelling<Kept extends Answer>(
  { answers, log }: Resuming<Kept>,
  again: (record: Kept) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    answers.open().map(async (record) => {
      try {
        await again(record);
      } catch (error) {
        log({ err: error, job: record.job }, 'an answer was not taken up again');
      }
    }),
  );
}

/** Who asked, again: they were let through when they did, and decide nothing any more. */
export function contextAgain(
  answer: Answer,
  { can, signal }: Pick<Context, 'can' | 'signal'>,
): Context {
  const { tenant, user, roles, locale, interaction, message, spoiler } = answer;
  return {
    tenant,
    user,
    roles,
    moderator: false,
    admin: false,
    locale,
    interaction,
    ...(message !== undefined && { message }),
    can,
    signal,
    ageRestricted: true,
    private: answer.private,
    ...(spoiler !== undefined && { spoiler }),
  };
}
