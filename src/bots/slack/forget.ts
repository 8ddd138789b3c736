import type { Context } from '../../commands/port.ts';
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
  await deletePosts(desk, () => wire, desk.answers.doom(tenant, user));
}

/** Goes on where a stop of the bot, or a fault of Slack, left posts of who is forgotten. */
export async function resumeForgetting(desk: Forgetting & Pick<Desk, 'wireOf'>): Promise<void> {
  await deletePosts(desk, desk.wireOf, desk.answers.doomed());
}

/** An answer is known until what was posted for it is gone, or out of reach for good. */
async function deletePosts(
  { answers, log, signal }: Forgetting,
  wireOf: Desk['wireOf'],
  doomed: readonly AnswerRecord[],
): Promise<void> {
  const gone: string[] = [];
  for (const { interaction, team, message, channel, files = [] } of doomed) {
    const wire = wireOf(team);
    const steps = [
      ...(message === undefined ? [] : [() => wire?.delete({ channel, message })]),
      ...files.map((file) => () => wire?.deleteFile(file)),
    ];
    let isGone = true;
    for (const step of steps) {
      if (signal.aborted) return answers.erase(gone);
      // Where one of them is in the way, the others are to go all the same.
      isGone = (await done(step)) && isGone;
    }
    if (isGone) gone.push(interaction);
  }
  answers.erase(gone);

  async function done(step: () => Promise<void> | undefined): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      if (refusedFor(error, ['gone', 'revoked'])) return true;
      log({ err: error }, 'what was forgotten is still in Slack');
      return false;
    }
  }
}
