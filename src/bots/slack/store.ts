import {
  type Answer,
  type Answers as AnswersOf,
  type Entry as EntryOf,
  entryOf as entryOfAny,
  openAnswers,
} from '../answers.ts';
import type { Barrier } from './wire.ts';

/** An answer, and how Slack lets it be reached. */
export interface AnswerRecord extends Answer {
  /** Whose token is used. */
  readonly team: string;
  /** The thread that it belongs into. */
  readonly thread?: string | undefined;
  /** Why it is a direct message, where it is one. */
  readonly direct?: 'private' | 'closed' | undefined;
  /** What closes the channel. */
  readonly barrier?: Barrier | undefined;
  /** Ids of the files that were uploaded for it, and are still in Slack. */
  readonly files?: readonly string[] | undefined;
}

export type Answers = AnswersOf<AnswerRecord>;
export type Entry = EntryOf<AnswerRecord>;

/** A message or a file that is there is found again, too, where it is not known yet of which job. */
export function entryOf(answers: Pick<Answers, 'put'>, start: AnswerRecord): Entry {
  return entryOfAny(
    answers,
    start,
    ({ job, message, files = [] }) =>
      job !== undefined || message !== undefined || files.length > 0,
  );
}

/** @param path `:memory:` for one that ends with the process */
export function openSlackAnswers(path: string, now?: () => number): Answers {
  return openAnswers<AnswerRecord>({ path, now });
}
