import {
  type APIComponentInContainer,
  type APIComponentInMessageActionRow,
  type APIMessageTopLevelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
} from 'discord.js';
import { expect } from 'vitest';
import type { Draft } from '../../../../src/bots/discord/messages/index.ts';
import type { RecordedRequest } from '../twin/shapes.ts';
import { violations } from '../twin/validator.ts';

/** Holds a message against Discord's own document, and the rules that it lacks. */
export function expectSendable({ components, files }: Draft): void {
  const attachments = files.map(({ name }, id) => ({ id: String(id), filename: name }));
  const body = { components, attachments, flags: 1 << 15, allowed_mentions: { parse: [] } };
  const sent = files.map(({ name }, i) => ({ key: `files[${i}]`, name, size: 1 }));
  expect(violations(request('/channels/1/messages', body, sent))).toEqual([]);
  // Spaces alone are refused as well.
  for (const each of flat(components)) {
    if (each.type === ComponentType.TextDisplay) expect(each.content.trim()).not.toBe('');
  }
}

export function expectSendableModal(data: APIModalInteractionResponseCallbackData): void {
  const body = { type: 9, data };
  expect(violations(request('/interactions/1/t/callback', body))).toEqual([]);
}

function request(path: string, body: unknown, files: RecordedRequest['files'] = []) {
  return { method: 'POST', path, query: {}, body, files, at: 0, status: 0 };
}

export type Component =
  | APIMessageTopLevelComponent
  | APIComponentInContainer
  | APIComponentInMessageActionRow;

/** All components, with those within others. */
export function flat(components: readonly Component[]): Component[] {
  return components.flatMap((each): Component[] => {
    const isBox = each.type === ComponentType.Container || each.type === ComponentType.ActionRow;
    return isBox ? [each, ...flat(each.components)] : [each];
  });
}

/** All text, a line for each component. */
export function textOf({ components }: Draft): string {
  const texts = flat(components).flatMap((each) =>
    each.type === ComponentType.TextDisplay ? each.content : [],
  );
  return texts.join('\n');
}

/** The ids of what can be pressed; of lists, those of their options in an array. */
export function idsOf({ components }: Draft): (string | string[])[] {
  return flat(components).flatMap((each): (string | string[])[] => {
    if (each.type === ComponentType.StringSelect) return [each.options.map(({ value }) => value)];
    return each.type === ComponentType.Button && 'custom_id' in each ? [each.custom_id] : [];
  });
}
