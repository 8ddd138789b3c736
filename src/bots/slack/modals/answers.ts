import type { ProblemView } from '../../../commands/port.ts';
import { label } from '../messages/plain.ts';
import { wordsFor } from '../words/index.ts';

/** `view.state.values` as Slack sends it: by block, then by action. */
export type State = Readonly<Record<string, Readonly<Record<string, StateValue>>>>;

export interface StateValue {
  readonly type: string;
  readonly value?: string | null | undefined;
  readonly selected_option?: { readonly value?: string | undefined } | null | undefined;
  readonly selected_options?: readonly { readonly value?: string | undefined }[] | undefined;
  readonly selected_conversation?: string | null | undefined;
  readonly files?: readonly { readonly id: string }[] | null | undefined;
}

export interface Answers {
  /** What was written or chosen, by the names of the fields; what was left empty is not there. */
  readonly values: Readonly<Record<string, string>>;
  /** Ids of files, in the order in which they were put there. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

/** The answers of a dialog, by the names of what was asked. */
export function valuesOf(state: State): Answers {
  const values: Record<string, string> = {};
  const files: Record<string, string[]> = {};
  for (const [name, actions] of Object.entries(state)) {
    for (const each of Object.values(actions)) {
      if (each.type === 'file_input') {
        const ids = (each.files ?? []).map(({ id }) => id);
        if (ids.length > 0) files[name] = ids;
        continue;
      }
      const value = answerOf(each)?.trim();
      if (value) values[name] = value;
    }
  }
  return { values, files };
}

function answerOf(state: StateValue): string | undefined {
  if (state.type === 'checkboxes') return String((state.selected_options ?? []).length > 0);
  return state.value ?? state.selected_option?.value ?? state.selected_conversation ?? undefined;
}

/** For `response_action: 'errors'`: a sentence below each block that is to be mended. */
export type BlockErrors = Readonly<Record<string, string>>;

/**
 * What hinders the command or the button, below the field that it names, else below the first one.
 * @param blocks names of the dialog's inputs, at least one
 */
export function errorsOf(
  { sentence, next }: Pick<ProblemView, 'sentence' | 'next'>,
  blocks: readonly string[],
): BlockErrors {
  const words = sentence.split(/[^\p{L}\p{N}]+/u);
  const place = (name: string) => {
    const at = words.indexOf(name);
    return at === -1 ? Number.POSITIVE_INFINITY : at;
  };
  const [first] = blocks.toSorted((a, b) => place(a) - place(b));
  return first === undefined ? {} : { [first]: label(`${sentence} ${next}`, longestError) };
}

/** Slack says no number; what is longer is hard to read there. */
const longestError = 300;

/**
 * What is missing in the answers of `analogyModal`, before the dialog is closed.
 * @returns undefined where the command can be run: `analogy`, or `apply` where a saved one was chosen
 */
export function missingIn({ values, files }: Answers, locale: string): BlockErrors | undefined {
  const { errors } = wordsFor(locale);
  const found: Record<string, string> = {};
  const has = (name: string) => files[name] !== undefined;
  const isSaved = values.analogy !== undefined;
  const pairs = ['', '2', '3', '4', '5'].map((n) => [`before${n}`, `after${n}`] as const);
  const given = pairs.filter(([a, aPrime]) => has(a) || has(aPrime));
  if (isSaved && given.length > 0) found.analogy = errors.bothWays;
  if (!isSaved && given.length === 0) found.before = errors.pairOrSaved;
  for (const [a, aPrime] of isSaved ? [] : given) {
    if (!has(a)) found[a] = errors.halfPair;
    if (!has(aPrime)) found[aPrime] = errors.halfPair;
  }
  // The first pair is the one that the command asks for.
  const isFirstGiven = has('before') || has('after');
  if (!isSaved && given.length > 0 && !isFirstGiven) found.before = errors.halfPair;
  if (!has('picture')) found.picture = errors.noPicture;
  return Object.keys(found).length > 0 ? found : undefined;
}

export type Use = 'before' | 'after' | 'picture';

export type Uses<Item> =
  | { readonly ok: true; readonly uses: Readonly<Partial<Record<Use, Item>>> }
  | { readonly ok: false; readonly errors: BlockErrors };

/**
 * What the pictures of a message are used as, by the answers of `usePicturesModal`; a picture that was
 * chosen in the dialog itself stays in `answers.files.picture`.
 * @param items the message's files, in the order of the dialog's names
 */
export function usesOf<Item>(
  { values, files }: Answers,
  items: readonly Item[],
  locale: string,
): Uses<Item> {
  const { errors } = wordsFor(locale);
  const found: Record<string, string> = {};
  const uses: Partial<Record<Use, Item>> = {};
  items.forEach((item, i) => {
    const use = values[`use${i + 1}`];
    if (use !== 'before' && use !== 'after' && use !== 'picture') return;
    if (uses[use] !== undefined) found[`use${i + 1}`] = errors.twice;
    else uses[use] = item;
  });
  const isSaved = values.analogy !== undefined;
  const hasPair = uses.before !== undefined && uses.after !== undefined;
  const hasHalf = uses.before !== undefined || uses.after !== undefined;
  if (isSaved && hasHalf) found.analogy = errors.bothWays;
  else if (!isSaved && !hasPair) found.analogy = hasHalf ? errors.halfPair : errors.pairOrSaved;
  const isGiven = files.picture !== undefined;
  if (isGiven && uses.picture !== undefined) found.picture = errors.twoPictures;
  if (!isGiven && uses.picture === undefined) found.picture = errors.noPicture;
  return Object.keys(found).length > 0 ? { ok: false, errors: found } : { ok: true, uses };
}
