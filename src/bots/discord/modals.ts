import {
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  type Attachment,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';
import type { Field } from '../../commands/port.ts';
import { label } from './messages/plain.ts';
import { type Words, wordsFor } from './words/index.ts';

type Modal = APIModalInteractionResponseCallbackData;
type Input = APILabelComponent['component'];

/** What Discord takes of a dialog. */
const limits = { title: 45, label: 45, help: 100, inputs: 5, text: 4000, options: 25, option: 100 };
/** Characters above which a text gets several lines. */
const longText = 200;
/** Names above which a list would not show all. */
const mostNames = 24;

export interface ModalOptions {
  /** Comes back with the answers: at most 100 characters. */
  readonly id: string;
  readonly title: string;
  /** At most five are asked. */
  readonly fields: readonly Field[];
  readonly locale: string;
  /** Names that are known: 1 to 24 are offered as a list, otherwise a name is to be written. */
  readonly analogies?: readonly string[] | undefined;
}

/** A dialog that asks for a button's fields; each answer is named as its field. */
export function modalOf({ id, title, fields, locale, analogies }: ModalOptions): Modal {
  const words = wordsFor(locale);
  return dialog(
    id,
    title,
    fields.slice(0, limits.inputs).map((field) => {
      const name: string | undefined = Object.hasOwn(words.fields, field.name)
        ? words.fields[field.name as keyof Words['fields']]
        : undefined;
      const help = helpOf(field, words);
      return labelled(name ?? field.name, help, inputOf(field, words, analogies));
    }),
  );
}

/** Asks for further pairs. @param ticket names what was sent with the command */
export function morePairsModal(ticket: string, locale: string): Modal {
  const { pairs } = wordsFor(locale).dialogs;
  const inputs = [2, 3, 4, 5].map((pair) =>
    labelled(pairs.label(pair), pairs.description, upload(`pair${pair}`, { most: 2 })),
  );
  return dialog(`d.pairs~${ticket}`, pairs.title, inputs);
}

/** Asks for an analogy by its name (`analogy`), or for its A and A' (`a`, `a2`). */
export function useAsBModal(ticket: string, locale: string, analogies?: readonly string[]): Modal {
  const { useAsB } = wordsFor(locale).dialogs;
  return dialog(`d.useb~${ticket}`, useAsB.title, [
    labelled(useAsB.analogy, useAsB.analogyHelp, nameInput('analogy', false, analogies)),
    labelled(useAsB.before, useAsB.beforeHelp, upload('a')),
    labelled(useAsB.after, useAsB.afterHelp, upload('a2')),
  ]);
}

/** Asks for B (`b`), where A and A' are there. */
export function useAsPairModal(ticket: string, locale: string): Modal {
  const { useAsPair } = wordsFor(locale).dialogs;
  return dialog(`d.usea~${ticket}`, useAsPair.title, [
    labelled(useAsPair.picture, useAsPair.help, upload('b', { required: true })),
  ]);
}

/** Asks for the `picture` to apply a posted result to. @param id of the button that does it */
export function applyModal(id: string, locale: string): Modal {
  const { apply } = wordsFor(locale).dialogs;
  return dialog(id, apply.title, [
    labelled(apply.picture, apply.help, upload('picture', { required: true })),
  ]);
}

export interface ModalValues {
  /** What was written or chosen; what was left empty is not there. */
  readonly values: Readonly<Record<string, string>>;
  /** In the order in which they were put there. */
  readonly files: Readonly<Record<string, readonly Attachment[]>>;
}

/** The answers, by the names of what was asked. */
export function valuesOf({ fields }: Pick<ModalSubmitInteraction, 'fields'>): ModalValues {
  const values: Record<string, string> = {};
  const files: Record<string, Attachment[]> = {};
  for (const [name, field] of fields.fields) {
    if (field.type === ComponentType.TextInput) values[name] = field.value ?? '';
    if (field.type === ComponentType.StringSelect) values[name] = (field.values ?? []).join(',');
    if (field.type === ComponentType.FileUpload) {
      // By the answer's own order: that of the files beside it is not said to be the same.
      files[name] = (field.values ?? []).flatMap((id) => field.attachments?.get(id) ?? []);
    }
    if (values[name]?.trim() === '') delete values[name];
    if (files[name]?.length === 0) delete files[name];
  }
  return { values, files };
}

function dialog(id: string, title: string, components: readonly APILabelComponent[]): Modal {
  return { custom_id: id, title: label(title, limits.title), components: [...components] };
}

function labelled(name: string, help: string, component: Input): APILabelComponent {
  const text = label(name.charAt(0).toUpperCase() + name.slice(1), limits.label);
  const description = help === '' ? {} : { description: label(help, limits.help) };
  return { type: ComponentType.Label, label: text, ...description, component };
}

/** What it is, and the numbers that are taken. */
function helpOf({ kind, description, min, max }: Field, words: Words): string {
  if ((kind !== 'number' && kind !== 'numbers') || min === undefined || max === undefined) {
    return description;
  }
  const number = (value: number) => String(value).replace('-', '−');
  const range = ` (${words.range(number(min), number(max))})`;
  return label(description, limits.help - range.length) + range;
}

function inputOf(field: Field, words: Words, analogies: readonly string[] | undefined): Input {
  const { name, kind, required, choices = [] } = field;
  switch (kind) {
    case 'picture':
    case 'file':
      return upload(name, { required });
    case 'flag':
      return select(name, required, [
        { label: words.yes, value: 'true' },
        { label: words.no, value: 'false' },
      ]);
    case 'choice':
      return select(
        name,
        required,
        choices.map((choice) => ({ label: choice, value: choice })),
      );
    case 'analogy':
      return nameInput(name, required, analogies, field.max);
    case 'text':
      return textInput(name, required, field.min, field.max);
    case 'number':
      return textInput(name, required, 1, 20);
    case 'numbers':
    case 'job':
      return textInput(name, required, 1, longText);
  }
}

function nameInput(
  name: string,
  required: boolean,
  analogies: readonly string[] | undefined,
  max = 200,
): Input {
  const known = [...new Set(analogies)];
  const fits = known.every((each) => each.trim() !== '' && each.length <= limits.option);
  if (known.length === 0 || known.length > mostNames || !fits) {
    return textInput(name, required, 1, max);
  }
  return select(
    name,
    required,
    known.map((each) => ({ label: each, value: each })),
  );
}

function textInput(id: string, required: boolean, min = 0, max = limits.text): Input {
  return {
    type: ComponentType.TextInput,
    custom_id: id,
    style: max > longText ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required,
    // An answer that may be left out is empty, however long others have to be.
    ...(required && min > 0 && { min_length: Math.min(min, limits.text) }),
    max_length: Math.min(Math.max(1, max), limits.text),
  };
}

function select(
  id: string,
  required: boolean,
  options: readonly { label: string; value: string }[],
): Input {
  return {
    type: ComponentType.StringSelect,
    custom_id: id,
    options: options
      .slice(0, limits.options)
      .map((option) => ({ ...option, label: label(option.label, limits.option) })),
    required,
    min_values: required ? 1 : 0,
    max_values: 1,
  };
}

function upload(id: string, { required = false, most = 1 } = {}): Input {
  const least = required ? 1 : 0;
  return {
    type: ComponentType.FileUpload,
    custom_id: id,
    required,
    min_values: least,
    max_values: most,
  };
}
