import {
  type Answer,
  type Answers as AnswersOf,
  type Entry as EntryOf,
  openAnswers,
} from '../answers.ts';

export { entryOf } from '../answers.ts';

/** An answer, and how Slack lets it be reached. */
export interface AnswerRecord extends Answer {
  /** Whose token is used. */
  readonly team: string;
  /** The thread that it belongs into. */
  readonly thread?: string | undefined;
  /** Why it is a direct message, where it is one. */
  readonly direct?: 'private' | 'closed' | undefined;
}

export type Answers = AnswersOf<AnswerRecord>;
export type Entry = EntryOf<AnswerRecord>;

/** @param path `:memory:` for one that ends with the process */
export function openSlackAnswers(path: string, now?: () => number): Answers {
  return openAnswers<AnswerRecord>({ path, now });
}
