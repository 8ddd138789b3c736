import type { Context } from '../../commands/port.ts';
import { deletePosts } from '../forget.ts';
import type { Desk } from './desk.ts';
import { drawView } from './messages/index.ts';
import type { AnswerRecord } from './store.ts';
import { textView } from './whisper.ts';
import { refusedFor } from './wire.ts';
import { wordsFor } from './words/index.ts';

type Forgetting = Pick<Desk, 'answers' | 'wire' | 'now' | 'log' | 'signal'>;

/**
 * Deletes what the bot posted for a user who wants all that is theirs forgotten: by the interaction for
 * its 15 minutes, which reaches every place, then as a member of the place.
 * @returns how many are still posted where the bot is no member, and stay so
 */
export async function forgetPosts(desk: Forgetting, { tenant, user }: Context): Promise<number> {
  return (await deleteAll(desk, desk.answers.doom(tenant, user))).length;
}

/**
 * Goes on where a stop of the bot, or a fault of Discord, left posts of who is forgotten. Nobody waits
 * for an answer any more: they hear directly of what stays.
 */
export async function resumeForgetting(desk: Forgetting): Promise<void> {
  const left = await deleteAll(desk, desk.answers.doomed());
  for (const [user, posts] of Map.groupBy(left, (answer) => answer.user)) {
    try {
      await tellDirectly(desk, user, posts);
    } catch (error) {
      desk.log({ err: error, left: posts.length }, 'nobody was told of results that stay posted');
    }
  }
}

/** @returns those that are out of reach */
async function deleteAll(
  desk: Forgetting,
  doomed: readonly AnswerRecord[],
): Promise<AnswerRecord[]> {
  const left: AnswerRecord[] = [];
  const isOver = async (answer: AnswerRecord) => {
    try {
      await erase(desk, answer);
      return true;
    } catch (error) {
      const { channel, guild, tenant } = answer;
      // Where it is a member, what it does not find is not there.
      const isMember = tenant === `discord:${guild}`;
      if (refusedFor(error, isMember ? ['gone', 'nowhere'] : ['gone'])) return true;
      if (refusedFor(error, ['closed'])) {
        left.push(answer);
        return true;
      }
      desk.log({ err: error, channel }, 'a forgotten result is still posted');
      return false;
    }
  };
  await deletePosts(desk, doomed, (answer) =>
    answer.message === undefined || answer.private ? [] : [() => isOver(answer)],
  );
  return left;
}

async function erase({ wire, now }: Forgetting, answer: AnswerRecord): Promise<void> {
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

async function tellDirectly(
  { wire, now }: Forgetting,
  user: string,
  posts: readonly AnswerRecord[],
): Promise<void> {
  const locale = posts.at(-1)?.locale ?? 'en';
  const view = textView(wordsFor(locale).stillPosted(posts.length));
  const { components } = drawView(view, { locale, now: now() });
  await wire.post(await wire.direct(user), { components, files: [] });
}
