import type { APIMessage } from 'discord.js';
import { parsePress } from '../../src/commands/index.ts';

/** A button or a list of a message. */
export interface Control {
  readonly type: 2 | 3;
  readonly custom_id: string;
  readonly disabled?: boolean;
  readonly options?: readonly { readonly value: string }[];
}

/** All that can be pressed or chosen from. */
export function controlsOf(components: unknown): Control[] {
  if (Array.isArray(components)) return components.flatMap(controlsOf);
  if (typeof components !== 'object' || components === null) return [];
  const one = components as Partial<Control> & { components?: unknown; accessory?: unknown };
  const isControl = (one.type === 2 || one.type === 3) && one.custom_id !== undefined;
  const own = isControl && one.disabled !== true ? [one as Control] : [];
  return [...own, ...controlsOf(one.components), ...controlsOf(one.accessory)];
}

/** Buttons by what they do, e.g. `weaker`: those that can be pressed. */
export function actionsOf({ components }: APIMessage): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const { type, custom_id: id } of controlsOf(components)) {
    if (type !== 2) continue;
    const action = parsePress(id)?.action ?? id.split('~')[0] ?? '';
    all.set(action, [...(all.get(action) ?? []), id]);
  }
  return all;
}
