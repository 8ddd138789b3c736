import type { Context } from '../../commands/port.ts';
import type { Desk } from './desk.ts';
import { refusedFor } from './wire.ts';

/** Deletes what the bot posted for a user who wants all that is theirs forgotten. */
export async function forgetPosts(desk: Desk, { tenant, user }: Context): Promise<void> {
  const { answers, wire, log } = desk;
  for (const { message, channel, private: isPrivate } of answers.forget(tenant, user)) {
    if (message === undefined || isPrivate) continue;
    try {
      await wire.delete({ channel, message });
    } catch (error) {
      // Out of reach: the others are to go all the same.
      if (!refusedFor(error, ['gone'])) {
        log({ err: error, channel }, 'a forgotten result is still posted');
      }
    }
  }
}
