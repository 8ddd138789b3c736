import type { Context } from '../../commands/port.ts';
import type { Desk } from './desk.ts';
import type { AnswerRecord } from './store.ts';
import { refusedFor } from './wire.ts';

/**
 * Deletes what the bot posted for a user who wants all that is theirs forgotten: by the interaction for
 * its 15 minutes, which reaches every place, then as a member of the place.
 * @returns how many are still posted where the bot is no member
 */
export async function forgetPosts(desk: Desk, { tenant, user }: Context): Promise<number> {
  let left = 0;
  for (const answer of desk.answers.forget(tenant, user)) {
    if (answer.message === undefined || answer.private) continue;
    try {
      await erase(desk, answer);
    } catch (error) {
      const { channel, guild, tenant } = answer;
      // Where it is a member, what it does not find is not there.
      const isMember = tenant === `discord:${guild}`;
      if (refusedFor(error, isMember ? ['gone', 'nowhere'] : ['gone'])) continue;
      if (refusedFor(error, ['closed'])) left++;
      // Out of reach: the others are to go all the same.
      else desk.log({ err: error, channel }, 'a forgotten result is still posted');
    }
  }
  return left;
}

async function erase({ wire, now }: Desk, answer: AnswerRecord): Promise<void> {
  const { channel, message = '', token, tokenUntil } = answer;
  if (token !== '' && now() < tokenUntil) {
    try {
      return await wire.deleteOriginal(token);
    } catch (error) {
      if (refusedFor(error, ['nowhere'])) return;
      // It may be over earlier than it was said to be.
      if (!refusedFor(error, ['expired'])) throw error;
    }
  }
  await wire.delete({ channel, message });
}
