import type { Answer, Answers } from './answers.ts';

export interface Forgetting<Kept extends Answer> {
  readonly answers: Pick<Answers<Kept>, 'erase'>;
  /** Ends it between two steps: the bot stops. */
  readonly signal: AbortSignal;
}

/** Deletes something that was posted; false where that is to be tried again at the next start. */
export type Deletion = () => Promise<boolean>;

/**
 * Deletes what was posted for answers that are doomed. Each is known until all of its posts are gone, or
 * out of reach for good: what a stop of the bot or a fault of the platform leaves goes after the next
 * start.
 * @param stepsOf what is to be deleted for an answer; none of them throws
 */
export async function deletePosts<Kept extends Answer>(
  { answers, signal }: Forgetting<Kept>,
  doomed: readonly Kept[],
  stepsOf: (answer: Kept) => readonly Deletion[],
): Promise<void> {
  const over: string[] = [];
  for (const answer of doomed) {
    let isOver = true;
    for (const step of stepsOf(answer)) {
      if (signal.aborted) return answers.erase(over);
      // Where one of them is in the way, the others are to go all the same.
      isOver = (await step()) && isOver;
    }
    if (isOver) over.push(answer.interaction);
  }
  answers.erase(over);
}
