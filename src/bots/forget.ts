import type { Context, Log, Views } from '../commands/port.ts';
import type { Answer, Answers } from './answers.ts';

export interface Telling<Kept extends Answer> {
  readonly answers: Pick<Answers<Kept>, 'doom'>;
  readonly log: Log;
  /** Of the engine, as it forgets. */
  readonly views: Views;
  tell(views: Views): Promise<unknown>;
  /**
   * Deletes what was posted.
   * @param told is over once the views were told, or could not be
   */
  clear(doomed: readonly Kept[], told: Promise<unknown>): Promise<void>;
}

/**
 * Tells somebody that they are forgotten. Once the engine has forgotten them, what was posted for them is
 * doomed before that is told, and deleted meanwhile: it goes, too, where nothing can be told, or where the
 * bot stops before.
 */
export async function tellForgetting<Kept extends Answer>(
  { answers, log, views, tell, clear }: Telling<Kept>,
  { tenant, user }: Pick<Context, 'tenant' | 'user'>,
): Promise<void> {
  let clearing: Promise<void> | undefined;
  async function* heard(): Views {
    for await (const view of views) {
      // Anything else is a problem: then they are not forgotten.
      if (view.kind === 'text') {
        clearing = clear(answers.doom(tenant, user), told).catch((error: unknown) =>
          log({ err: error }, 'what was forgotten may still be posted'),
        );
      }
      yield view;
    }
  }
  const told = tell(heard());
  try {
    await told;
  } finally {
    await clearing;
  }
}

export interface Forgetting<Kept extends Answer> {
  readonly answers: Pick<Answers<Kept>, 'doomed' | 'erase'>;
  /** Ends it between two steps: the bot stops. */
  readonly signal: AbortSignal;
}

/** How something that was posted is deleted. */
export interface Deletion {
  /** Its name, among all of the platform. */
  readonly name: string;
  /** @returns false where its answer is to stay known: it is tried again at the next start */
  run(): Promise<boolean>;
}

/**
 * Deletes what was posted for answers that are doomed. Each is known until all of its posts are gone, or
 * out of reach for good: what a stop of the bot or a fault of the platform leaves goes after the next
 * start. What is noted of them meanwhile, by whatever still tells of them, goes with them.
 * @param stepsOf what is to be deleted for an answer; none of them throws
 */
export async function deletePosts<Kept extends Answer>(
  { answers, signal }: Forgetting<Kept>,
  doomed: readonly Kept[],
  stepsOf: (answer: Kept) => readonly Deletion[],
): Promise<void> {
  const ours = new Set(doomed.map(({ interaction }) => interaction));
  const tried = new Set<string>();
  const stuck = new Set<string>();
  /** What is to be done yet, as they are known now. */
  const left = () =>
    answers
      .doomed()
      .filter(({ interaction }) => ours.has(interaction))
      .map((answer) => ({
        interaction: answer.interaction,
        steps: stepsOf(answer).filter(({ name }) => !tried.has(name)),
      }));
  let round = left();
  while (!signal.aborted && round.some(({ steps }) => steps.length > 0)) {
    for (const { interaction, steps } of round) {
      for (const { name, run } of steps) {
        if (signal.aborted) break;
        tried.add(name);
        // Where one of them is in the way, the others are to go all the same.
        if (!(await run())) stuck.add(interaction);
      }
    }
    round = left();
  }
  const over = round.filter(
    ({ interaction, steps }) => steps.length === 0 && !stuck.has(interaction),
  );
  answers.erase(over.map(({ interaction }) => interaction));
}
