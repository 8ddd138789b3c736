import { type Deletion, deletePosts } from '../forget.ts';
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
 * @param doomed theirs
 * @param say tells them how many are still posted where the bot is no member, and stay so
 */
export async function forgetPosts(
  desk: Forgetting,
  doomed: readonly AnswerRecord[],
  say: (count: number) => Promise<void>,
): Promise<void> {
  const left = await deleteAll(desk, doomed);
  await giveUp(desk, left, () => say(left.length));
}

/**
 * Goes on where a stop of the bot, or a fault of Discord, left posts of who is forgotten. Nobody waits
 * for an answer any more: they hear directly of what stays.
 */
export async function resumeForgetting(desk: Forgetting): Promise<void> {
  const left = await deleteAll(desk, desk.answers.doomed());
  for (const [user, posts] of Map.groupBy(left, (answer) => answer.user)) {
    await giveUp(desk, posts, () => tellDirectly(desk, user, posts));
  }
}

/** @returns those that are out of reach, which are known still */
async function deleteAll(
  desk: Forgetting,
  doomed: readonly AnswerRecord[],
): Promise<AnswerRecord[]> {
  const left: AnswerRecord[] = [];
  await deletePosts(desk, doomed, (answer) =>
    stepsOf(desk, answer, () => {
      left.push(answer);
    }),
  );
  return left;
}

/** Those out of reach are known until whoever they were for knows, also across a stop of the bot. */
async function giveUp(
  desk: Forgetting,
  posts: readonly AnswerRecord[],
  say: () => Promise<void>,
): Promise<void> {
  if (posts.length === 0 || desk.signal.aborted) return;
  try {
    await say();
  } catch (error) {
    desk.log({ err: error, left: posts.length }, 'nobody was told yet of results that stay posted');
    return;
  }
  const told = new Set(posts.map(nameOf));
  await deletePosts(desk, posts, (answer) =>
    stepsOf(desk, answer, () => {}).filter(({ name }) => !told.has(name)),
  );
}

const nameOf = ({ channel, message }: AnswerRecord) => `${channel}/${message}`;

/** @param onLeft where it is out of reach */
function stepsOf(desk: Forgetting, answer: AnswerRecord, onLeft: () => void): Deletion[] {
  // What only one sees is theirs.
  if (answer.message === undefined || answer.private) return [];
  const run = async () => {
    try {
      await erase(desk, answer);
      return true;
    } catch (error) {
      const { channel, guild, tenant } = answer;
      // Where it is a member, what it does not find is not there.
      const isMember = tenant === `discord:${guild}`;
      if (refusedFor(error, isMember ? ['gone', 'nowhere'] : ['gone'])) return true;
      if (refusedFor(error, ['closed'])) onLeft();
      else desk.log({ err: error, channel }, 'a forgotten result is still posted');
      return false;
    }
  };
  return [{ name: nameOf(answer), run }];
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

/** Where they take no direct messages, that they cannot be told is told in the log. */
async function tellDirectly(
  { wire, now, log }: Forgetting,
  user: string,
  posts: readonly AnswerRecord[],
): Promise<void> {
  const locale = posts.at(-1)?.locale ?? 'en';
  const view = textView(wordsFor(locale).stillPosted(posts.length));
  const { components } = drawView(view, { locale, now: now() });
  try {
    await wire.post(await wire.direct(user), { components, files: [] });
  } catch (error) {
    if (!refusedFor(error, ['unreachable', 'closed'])) throw error;
    log({ err: error, left: posts.length }, 'nobody was told of results that stay posted');
  }
}
