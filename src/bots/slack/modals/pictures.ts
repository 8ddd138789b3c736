/** Dialogs that ask for pictures. */
import type { types } from '@slack/bolt';
import type { Field } from '../../../commands/port.ts';
import { plainText, small } from '../messages/blocks.ts';
import { type Words, wordsFor } from '../words/index.ts';
import { channelInput, choiceInput, inputOf } from './inputs.ts';
import { type DialogOptions, modal } from './modal.ts';

/** Where the answer can be: in the channel that the dialog comes from, or in one to be chosen. */
export type Place = 'here' | 'ask';

interface PlacedOptions extends DialogOptions {
  /** @default 'here' */
  readonly place?: Place | undefined;
}

/** Most pairs that the command takes, and pictures of a message that can be used. */
export const mostPairs = 5;
export const mostUses = 5;
/** `action_id` of the button that adds a pair. */
export const addPairId = 'pair:add';

const picture = (name: string, required: boolean): Field => ({
  name,
  kind: 'picture',
  description: '',
  required,
});

/**
 * Asks for A, A' and B, or a saved analogy and B; answers are named as the fields of the commands, and
 * `where` (`here`, `me`) or `channel`.
 * @param options.pairs 1 to 5: drawn again with one more, what was filled in stays
 */
export function analogyModal(
  options: PlacedOptions & { readonly pairs?: number | undefined },
): types.ModalView {
  const { locale, pairs = 1 } = options;
  const words = wordsFor(locale).dialogs.analogy;
  const count = Math.min(Math.max(1, Math.trunc(pairs)), mostPairs);
  const more = Array.from({ length: count - 1 }, (_, i) => i + 2).flatMap((n) => [
    inputOf(picture(`before${n}`, false), locale, { label: words.moreBefore(n) }),
    inputOf(picture(`after${n}`, false), locale, { label: words.moreAfter(n) }),
  ]);
  const add: types.Button = {
    type: 'button',
    action_id: addPairId,
    text: plainText(words.addPair),
    value: String(count + 1),
  };
  return modal(options, words.title, [
    ...small(words.intro),
    inputOf(picture('before', false), locale),
    inputOf(picture('after', false), locale),
    ...more,
    ...(count < mostPairs
      ? [{ type: 'actions' as const, block_id: 'pairs', elements: [add] }]
      : []),
    savedInput(locale),
    inputOf(picture('picture', true), locale),
    ...dials(locale),
    whereInput(options),
  ]);
}

/** Asks for the `picture` that a posted result's analogy is applied to. */
export function applyModal(options: PlacedOptions): types.ModalView {
  const { locale } = options;
  const { apply } = wordsFor(locale).dialogs;
  return modal(options, apply.title, [
    inputOf(picture('picture', true), locale, { hint: apply.help }),
    ...dials(locale),
    whereInput(options),
  ]);
}

/**
 * Asks what pictures of a message are to be used as: `use1` and so on, see `usesOf`.
 * @param options.names of the files, 1 to 5
 */
export function usePicturesModal(
  options: PlacedOptions & { readonly names: readonly string[] },
): types.ModalView {
  const { locale, names } = options;
  const words = wordsFor(locale);
  const { use } = words.dialogs;
  const uses = usesFor(words);
  const first = firstUses(names.length);
  return modal(options, use.title, [
    ...names.slice(0, mostUses).map((name, i) => {
      const title = name.trim() === '' ? use.untitled(i + 1) : `${i + 1}. ${name}`;
      return choiceInput(`use${i + 1}`, title, uses, first[i] ?? 'none');
    }),
    savedInput(locale),
    inputOf(picture('picture', false), locale, { label: use.picture }),
    ...dials(locale),
    whereInput(options),
  ]);
}

function usesFor(words: Words) {
  const { before, after, picture: b } = words.fields;
  return [
    { value: 'before', label: before },
    { value: 'after', label: after },
    { value: 'picture', label: b },
    { value: 'none', label: words.dialogs.use.none },
  ];
}

/** What so many pictures most likely are. */
function firstUses(count: number): readonly string[] {
  return count === 1 ? ['picture'] : ['before', 'after', 'picture'];
}

function savedInput(locale: string): types.InputBlock {
  const field: Field = { name: 'analogy', kind: 'analogy', description: '', required: false };
  return inputOf(field, locale, { label: wordsFor(locale).dialogs.analogy.saved });
}

function dials(locale: string): types.InputBlock[] {
  const { strengths, guidance, text } = wordsFor(locale).dialogs.analogy;
  const field = (name: string, kind: Field['kind'], description: string): Field => {
    return { name, kind, description, required: false, ...(kind === 'text' && { max: 300 }) };
  };
  return [
    field('strengths', 'numbers', strengths),
    field('guidance', 'numbers', guidance),
    field('text', 'text', text),
  ].map((each) => inputOf(each, locale));
}

function whereInput({ place = 'here', locale }: PlacedOptions): types.InputBlock {
  const words = wordsFor(locale);
  if (place === 'ask') return channelInput(words);
  const { where, here, me } = words.dialogs.analogy;
  return choiceInput('where', where, [
    { value: 'here', label: here },
    { value: 'me', label: me },
  ]);
}
