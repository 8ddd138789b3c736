import type { Context } from '../../commands/port.ts';
import type { Desk } from './desk.ts';
import { refusedFor, type Wire } from './wire.ts';

/** Deletes what the bot posted for a user who wants all that is theirs forgotten. */
export async function forgetPosts(
  { answers, log }: Desk,
  wire: Wire,
  { tenant, user }: Context,
): Promise<void> {
  for (const { message, channel, files = [] } of answers.forget(tenant, user)) {
    if (message !== undefined) await done(() => wire.delete({ channel, message }));
    for (const file of files) await done(() => wire.deleteFile(file));
  }

  /** Deleted by somebody else, or out of reach: the others are to go all the same. */
  async function done(what: () => Promise<void>): Promise<void> {
    try {
      await what();
    } catch (error) {
      if (!refusedFor(error, ['gone'])) log({ err: error }, 'what was forgotten is still in Slack');
    }
  }
}
