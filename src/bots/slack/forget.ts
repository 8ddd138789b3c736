import { type Deletion, deletePosts } from '../forget.ts';
import type { Desk } from './desk.ts';
import type { AnswerRecord } from './store.ts';
import { refusedFor, type Wire } from './wire.ts';

type Forgetting = Pick<Desk, 'answers' | 'log' | 'signal'>;

/**
 * Deletes what the bot posted for a user who wants all that is theirs forgotten.
 * @param doomed theirs
 */
export async function forgetPosts(
  desk: Forgetting,
  wire: Wire,
  doomed: readonly AnswerRecord[],
): Promise<void> {
  await deletePosts(desk, doomed, (answer) => stepsOf(desk, wire, answer));
}

/** Goes on where a stop of the bot, or a fault of Slack, left posts of who is forgotten. */
export async function resumeForgetting(desk: Forgetting & Pick<Desk, 'wireOf'>): Promise<void> {
  await deletePosts(desk, desk.answers.doomed(), (answer) =>
    stepsOf(desk, desk.wireOf(answer.team), answer),
  );
}

/** @param wire undefined where the app is no longer in the workspace: nothing can be deleted there */
function stepsOf(
  { log }: Forgetting,
  wire: Wire | undefined,
  { channel, message, files = [] }: AnswerRecord,
): Deletion[] {
  if (!wire) return [];
  const deletion = (name: string, ask: () => Promise<void>): Deletion => ({
    name,
    async run() {
      try {
        await ask();
        return true;
      } catch (error) {
        if (refusedFor(error, ['gone', 'revoked'])) return true;
        log({ err: error }, 'what was forgotten is still in Slack');
        return false;
      }
    },
  });
  return [
    ...(message === undefined
      ? []
      : [deletion(`${channel}/${message}`, () => wire.delete({ channel, message }))]),
    ...files.map((file) => deletion(file, () => wire.deleteFile(file))),
  ];
}
