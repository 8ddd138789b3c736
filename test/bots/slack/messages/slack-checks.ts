import { expect } from 'vitest';
import { type Draft, filled, pressedIn } from '../../../../src/bots/slack/messages/index.ts';
import { violations } from '../twin/validator.ts';

type Json = Record<string, unknown>;

/** The message once its files are there, and once none could be shown in time. */
export function expectSendable(draft: Draft): void {
  const ids = Object.fromEntries(draft.files.map(({ name }, i) => [name, `F000${i}`]));
  const full = filled(draft, ids);
  for (const { blocks, text } of [full, filled(draft, {})]) {
    expect(violations('chat.postMessage', { channel: 'C1', text, blocks })).toEqual([]);
  }
  const names = draft.files.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(full.rest).toEqual(draft.files.filter(({ inThread }) => inThread));
  expect(filled(draft, {}).rest).toEqual(draft.files);
  const ownIds = elementsOf(draft).map((each) => each.action_id);
  expect(new Set(ownIds).size).toBe(ownIds.length);
}

/** Whatever can be pressed, in its order. */
export function elementsOf({ blocks }: Pick<Draft, 'blocks'>): Json[] {
  return (blocks as readonly unknown[] as readonly Json[]).flatMap((block) => {
    const { elements = [], accessory, type } = block;
    const within = type === 'actions' ? (elements as Json[]) : [];
    return accessory === undefined ? within : [...within, accessory as Json];
  });
}

/** The presses; of lists and menus, those of their options in an array. */
export function pressesOf(draft: Pick<Draft, 'blocks'>): (string | string[])[] {
  return elementsOf(draft).map((each) => {
    if (!Array.isArray(each.options)) return String(pressedIn(each));
    return each.options.map((option) => String(pressedIn({ selected_option: option })));
  });
}

/** All that can be read, a line for each text. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value
      .map(textOf)
      .filter((text) => text !== '')
      .join('\n');
  }
  if (typeof value !== 'object' || value === null) return '';
  const { text, ...rest } = value as Json;
  const own = typeof text === 'string' ? text : textOf(text);
  return [own, textOf(Object.values(rest))].filter((part) => part !== '').join('\n');
}
