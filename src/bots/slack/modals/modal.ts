import type { types } from '@slack/bolt';
import type { Field } from '../../../commands/port.ts';
import { plainText } from '../messages/blocks.ts';
import { limits } from '../messages/limits.ts';
import { label } from '../messages/plain.ts';
import { wordsFor } from '../words/index.ts';
import { inputOf } from './inputs.ts';

export interface DialogOptions {
  /** Says what is to be done with the answers: at most 255 characters. */
  readonly callbackId: string;
  /** Comes back with the answers: at most 3000 characters. */
  readonly privateMetadata: string;
  readonly locale: string;
}

export interface ModalOptions extends DialogOptions {
  readonly title: string;
  readonly fields: readonly Field[];
  /** Names that a field for an analogy offers; else Slack asks the bot for them. */
  readonly analogies?: readonly string[] | undefined;
  /** The word on its button. @default that for starting something */
  readonly submit?: string | undefined;
}

/** A dialog that asks for fields of a command or a button; each block is named as its field. */
export function modalOf(options: ModalOptions): types.ModalView {
  const { title, fields, locale, analogies, submit } = options;
  const blocks = fields.map((field) => inputOf(field, locale, { analogies }));
  return modal(options, title, blocks, submit);
}

/** Settings without a meaning here: members of Slack have no roles, and channels no age. */
const elsewhere = new Set(['roles', 'roleperday', 'agerestricted']);

/**
 * Asks for settings; what is left empty stays as it is.
 * @param lines of the view of the settings, each `name: value`: they say what is set at present
 */
export function settingsModal(
  options: DialogOptions & {
    readonly fields: readonly Field[];
    readonly lines?: readonly string[];
  },
): types.ModalView {
  const { fields, lines = [], locale } = options;
  const words = wordsFor(locale);
  const set = new Map(
    lines.map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, Math.max(0, at)), line.slice(at + 2)] as const;
    }),
  );
  const asked = fields.filter(({ name }) => !elsewhere.has(name));
  const blocks = asked.map((field) => {
    const now = set.get(field.name);
    return inputOf({ ...field, required: false }, locale, { now });
  });
  return modal(options, words.dialogs.settings.title, blocks, words.save);
}

/** @param blocks at most 100 */
export function modal(
  { callbackId, privateMetadata, locale }: DialogOptions,
  title: string,
  blocks: readonly types.KnownBlock[],
  submit?: string,
): types.ModalView {
  const words = wordsFor(locale);
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: privateMetadata,
    title: plainText(label(title, limits.title)),
    submit: plainText(label(submit ?? words.submit, limits.title)),
    close: plainText(label(words.close, limits.title)),
    blocks: blocks.slice(0, limits.viewBlocks),
  };
}
