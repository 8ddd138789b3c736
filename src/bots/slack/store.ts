import {
  type Answer,
  type Answers as AnswersOf,
  type Entry as EntryOf,
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

/** One answer while it is told: what changes is kept once there is something to find again. */
export function entryOf(answers: Pick<Answers, 'put'>, start: AnswerRecord): Entry {
  let record = start;
  return {
    get record() {
      return record;
    },
    change(more) {
      record = { ...record, ...more };
      const { job, message, files = [] } = record;
      if (job !== undefined || message !== undefined || files.length > 0) answers.put(record);
    },
  };
}

/** @param path `:memory:` for one that ends with the process */
export function openSlackAnswers(path: string, now?: () => number): Answers {
  return openAnswers<AnswerRecord>({ path, now });
}
