import type { Context } from '../../commands/port.ts';
import { type Deletion, deletePosts } from '../forget.ts';
import type { Desk } from './desk.ts';
import type { AnswerRecord } from './store.ts';
import { refusedFor, type Wire } from './wire.ts';

type Forgetting = Pick<Desk, 'answers' | 'log' | 'signal'>;

/** Deletes what the bot posted for a user who wants all that is theirs forgotten. */
export async function forgetPosts(
  desk: Forgetting,
  wire: Wire,
  { tenant, user }: Context,
): Promise<void> {
  await deletePosts(desk, desk.answers.doom(tenant, user), (answer) => stepsOf(desk, wire, answer));
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
  const deleted = async (deletion: Promise<void>) => {
    try {
      await deletion;
      return true;
    } catch (error) {
      if (refusedFor(error, ['gone', 'revoked'])) return true;
      log({ err: error }, 'what was forgotten is still in Slack');
      return false;
    }
  };
  return [
    ...(message === undefined ? [] : [() => deleted(wire.delete({ channel, message }))]),
    ...files.map((file) => () => deleted(wire.deleteFile(file))),
  ];
}
