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

/** @param path `:memory:` for one that ends with the process */
export function openAnswers(path: string, now?: () => number): Answers {
  // A token that is of no use any more is not kept.
  return open<AnswerRecord>({ path, now, told: (answer) => ({ ...answer, token: '' }) });
}
