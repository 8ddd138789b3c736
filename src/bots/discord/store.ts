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
 * What is doomed soon after it was told comes with the token by which it can be deleted, even where the
 * bot is no member: until then that is known in memory only.
 * @param path `:memory:` for one that ends with the process
 */
export function openAnswers(path: string, now: () => number = Date.now): Answers {
  // What is told can be edited by nobody who reads the file.
  const told = (answer: AnswerRecord) => ({ ...answer, token: '' });
  const answers = open<AnswerRecord>({ path, now, told });
  /** Of what was told, while they can be used, oldest first. */
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();
  const remember = ({ interaction, token, tokenUntil: until }: AnswerRecord) => {
    tokens.delete(interaction);
    tokens.set(interaction, { token, until });
    for (const [id, { until: end }] of tokens) if (end < now()) tokens.delete(id);
  };
  return {
    ...answers,
    put(answer) {
      answers.put(answer);
      if (answer.told && answer.token !== '') remember(answer);
    },
    doom(tenant, user) {
      return answers.doom(tenant, user).map((answer) => {
        const { interaction } = answer;
        const token = tokens.get(interaction)?.token;
        if (token === undefined) return answer;
        tokens.delete(interaction);
        // With its token, for a start in the middle of it.
        const reachable = { ...answer, token };
        answers.put(reachable);
        return reachable;
      });
    },
    delete(interaction) {
      tokens.delete(interaction);
      answers.delete(interaction);
    },
  };
}
