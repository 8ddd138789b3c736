import type { types } from '@slack/bolt';
import type { Field } from '../../../commands/port.ts';
import { plainText } from '../messages/blocks.ts';
import { limits } from '../messages/limits.ts';
import { label, plainLine } from '../messages/plain.ts';
import { type Words, wordsFor } from '../words/index.ts';

type Element = types.InputBlock['element'];

/** Extensions of pictures; Slack's choice of files goes by them, nothing else does. */
const pictureTypes = ['png', 'jpg', 'jpeg', 'webp', 'gif'];
/** Characters above which a text gets several lines. */
const longText = 200;
/** `action_id` of every input: its block is named as its field. */
const action_id = 'value';

export interface InputOptions {
  /** In place of the words for the field. */
  readonly label?: string | undefined;
  readonly hint?: string | undefined;
  /** Names that a field for an analogy offers; else Slack asks for them while somebody types. */
  readonly analogies?: readonly string[] | undefined;
  /** What is set at present. */
  readonly now?: string | undefined;
}

/** Asks for a field of a command: the block's id is the field's name. */
export function inputOf(
  field: Field,
  locale: string,
  options: InputOptions = {},
): types.InputBlock {
  const words = wordsFor(locale);
  const { name, required } = field;
  const known = Object.hasOwn(words.fields, name)
    ? words.fields[name as keyof Words['fields']]
    : undefined;
  const { now } = options;
  const hints = [options.hint ?? helpOf(field, words), ...(now ? [words.now(now)] : [])];
  const hint = plainLine(hints.filter((text) => text !== '').join(' · '), limits.hint);
  // A box that may stay empty is an answer, too.
  const isOptional = !required || field.kind === 'flag';
  return {
    type: 'input',
    block_id: name,
    label: plainText(label(options.label ?? known ?? name, limits.hint)),
    element: elementOf(field, words, options),
    optional: isOptional,
    ...(hint !== '' && { hint: plainText(hint) }),
  };
}

/** Asks for one of a few things, the first one chosen where nothing else is. */
export function choiceInput(
  block_id: string,
  title: string,
  choices: readonly { readonly value: string; readonly label: string }[],
  chosen = choices[0]?.value,
): types.InputBlock {
  const drawn = choices.map(({ value, label: text }) => option(text, value));
  const initial = drawn.find(({ value }) => value === chosen);
  return {
    type: 'input',
    block_id,
    label: plainText(label(title, limits.hint)),
    element: {
      type: 'static_select',
      action_id,
      options: drawn,
      ...(initial && { initial_option: initial }),
    },
  };
}

/** Asks for a place to write to; the one that is open, where Slack knows it. */
export function channelInput(words: Words): types.InputBlock {
  const { channel, channelHelp } = words.dialogs.analogy;
  return {
    type: 'input',
    block_id: 'channel',
    label: plainText(channel),
    hint: plainText(channelHelp),
    optional: true,
    element: {
      type: 'conversations_select',
      action_id,
      default_to_current_conversation: true,
      filter: { include: ['public', 'private'], exclude_bot_users: true },
    },
  };
}

export function option(text: string, value: string): types.PlainTextOption {
  return { text: plainText(label(text, limits.label)), value };
}

/** Names as a list offers them, or as an answer to Slack's question for them. */
export function options(names: readonly string[]): types.PlainTextOption[] {
  const fits = (name: string) => name.trim() !== '' && name.length <= limits.optionValue;
  return [...new Set(names)]
    .filter(fits)
    .slice(0, limits.options)
    .map((name) => option(name, name));
}

/** What it is, and the numbers that are taken. */
function helpOf({ kind, description, min, max }: Field, words: Words): string {
  if (kind !== 'numbers' || min === undefined || max === undefined) return description;
  const number = (value: number) => String(value).replace('-', '−');
  return `${description} (${words.range(number(min), number(max))})`;
}

function elementOf(field: Field, words: Words, { analogies }: InputOptions): Element {
  const { kind, required, min, max, choices = [] } = field;
  switch (kind) {
    case 'picture':
      return { type: 'file_input', action_id, max_files: 1, filetypes: pictureTypes };
    case 'file':
      return { type: 'file_input', action_id, max_files: 1 };
    case 'flag': {
      const yes = option(words.yes, 'true');
      // Left as it is, where it may be left out: a box knows only two answers.
      if (!required) return { ...select([yes, option(words.no, 'false')], words) };
      return { type: 'checkboxes', action_id, options: [yes] };
    }
    case 'choice':
      return select(options(choices), words);
    case 'analogy': {
      const known = options(analogies ?? []);
      if (known.length > 0) return select(known, words);
      const placeholder = plainText(words.choose);
      return { type: 'external_select', action_id, min_query_length: 0, placeholder };
    }
    case 'number':
      return {
        type: 'number_input',
        action_id,
        is_decimal_allowed: true,
        ...(min !== undefined && { min_value: String(min) }),
        ...(max !== undefined && { max_value: String(max) }),
      };
    case 'text':
      return textInput(required ? min : undefined, max);
    case 'numbers':
    case 'job':
      return textInput(undefined, longText);
  }
}

function select(choices: readonly types.PlainTextOption[], words: Words): types.StaticSelect {
  const placeholder = plainText(words.choose);
  return { type: 'static_select', action_id, options: [...choices], placeholder };
}

function textInput(min = 0, max: number = limits.input): types.PlainTextInput {
  const most = Math.min(Math.max(1, max), limits.input);
  return {
    type: 'plain_text_input',
    action_id,
    multiline: max > longText,
    ...(min > 0 && { min_length: Math.min(min, most) }),
    max_length: most,
  };
}
