import type { Context } from '../../commands/port.ts';
import type { Desk } from './desk.ts';
import type { Wire } from './wire.ts';

/** Deletes what the bot posted for a user who wants all that is theirs forgotten. */
export async function forgetPosts(
  { answers, log }: Desk,
  wire: Wire,
  { tenant, user }: Context,
): Promise<void> {
  for (const { message, channel } of answers.forget(tenant, user)) {
    if (message === undefined) continue;
    try {
      await wire.delete({ channel, message });
    } catch (error) {
      // Deleted by somebody else, or out of reach: the others are to go all the same.
      log({ err: error, channel }, 'a forgotten result is still posted');
    }
  }
}
