/** What of a message or a view can be pressed, and what a message says. */
import { parsePress } from '../../src/commands/index.ts';
import { fieldsOf, optionsOf } from '../../test/bots/slack/twin/fields.ts';
import type { JsonObject, Message, View } from '../../test/bots/slack/twin/shapes.ts';

/** A button, or one choice of a menu or list. */
export interface Control {
  readonly type: 'button' | 'menu' | 'list';
  readonly actionId: string;
  /** What the bot is told: what is to be done. */
  readonly value: string;
}

const types: Readonly<Record<string, Control['type']>> = {
  button: 'button',
  overflow: 'menu',
  static_select: 'list',
};

/** All that can be pressed or chosen. */
export function controlsOf({ blocks = [] }: Pick<Message | View, 'blocks'>): Control[] {
  return fieldsOf(blocks).flatMap(({ block, element }) => {
    const type = types[String(element.type)];
    if (!type || block.type === 'input') return [];
    const actionId = String(element.action_id);
    const values = type === 'button' ? [element.value] : optionsOf(element).map((one) => one.value);
    return values.map((value) => ({ type, actionId, value: String(value) }));
  });
}

/** What a control does, e.g. `weaker`. */
export function actionOf({ value }: Pick<Control, 'value'>): string {
  return parsePress(value)?.action ?? value.split('~')[0] ?? '';
}

/** The jobs that a message's buttons are about. */
export function jobsIn(message: Pick<Message, 'blocks'>): Set<string> {
  return new Set(controlsOf(message).flatMap(({ value }) => parsePress(value)?.ref ?? []));
}

/** Whether blocks show how far something is. */
export function isProgress(blocks: unknown): boolean {
  return ((blocks ?? []) as JsonObject[]).some(({ type, text }) => {
    return type === 'section' && /^[▰▱]{16}/.test(String((text as JsonObject | undefined)?.text));
  });
}

/** What an answer is, as members would call it; undefined while it tells of progress. */
export function outcomeOf(message: Pick<Message, 'blocks'>): string | undefined {
  const { blocks } = message;
  if (isProgress(blocks)) return undefined;
  const code = /\bcode:? `([A-Z_]+)`/i.exec(JSON.stringify(blocks ?? []))?.[1];
  if (code !== undefined) return `problem ${code}`;
  const isResult = controlsOf(message).some((one) => actionOf(one) === 'apply');
  return isResult ? 'result' : 'message';
}
