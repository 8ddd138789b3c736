import {
  type Answer,
  type Answers as AnswersOf,
  type Entry as EntryOf,
  openAnswers as open,
} from '../answers.ts';

export { entryOf } from '../answers.ts';

/** An answer, and how Discord lets it be reached. */
export interface AnswerRecord extends Answer {
  readonly guild?: string | undefined;
  /** By which it can be edited until `tokenUntil`, milliseconds since 1970. */
  readonly token: string;
  readonly tokenUntil: number;
  /** Most bytes of its files together. */
  readonly limit: number;
}

export type Answers = AnswersOf<AnswerRecord>;
export type Entry = EntryOf<AnswerRecord>;

/**
 * What is forgotten while it is being told stays so.
 * @param path `:memory:` for one that ends with the process
 */
export function openAnswers(path: string, now?: () => number): Answers {
  // A token that is of no use any more is not kept.
  const told = (answer: AnswerRecord) => ({ ...answer, token: '' });
  const answers = open<AnswerRecord>({ path, now, told });
  const forgotten = new Set<string>();
  return {
    ...answers,
    put(answer) {
      if (!forgotten.has(answer.interaction)) answers.put(answer);
    },
    forget(tenant, user) {
      const found = answers.forget(tenant, user);
      for (const answer of found) if (!answer.told) forgotten.add(answer.interaction);
      return found;
    },
    delete(interaction) {
      forgotten.delete(interaction);
      answers.delete(interaction);
    },
  };
}
