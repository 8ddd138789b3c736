import type { ListItem, ListView } from '../../../commands/port.ts';
import type { Choice } from './buttons.ts';
import { escapedLine } from './plain.ts';
import type { Sheet } from './sheet.ts';
import { heading } from './text.ts';

/** A numbered list. Three buttons for each of ten items have no room: a list for each kind of them. */
export function listSheet({ title, empty, items, buttons }: ListView): Sheet {
  const [only, second] = items;
  const isOne = only !== undefined && second === undefined;
  const lines = items.map((item, i) => {
    const name = `**${i + 1}\\. ${escapedLine(item.title, 200)}**`;
    const text = escapedLine(item.text, 600);
    const whole = text === '' ? name : `${name}\n${text}`;
    return i === 0 ? whole : `\n${whole}`;
  });
  return {
    blocks: [
      { lines: [heading(title)], stays: true },
      { lines: items.length === 0 ? [escapedLine(empty, 1000)] : lines },
    ],
    controls: {
      choices: isOne ? [] : choicesOf(items),
      rows: isOne ? [only.buttons, ...buttons] : buttons,
    },
  };
}

/** By the words of the buttons, in the order in which they come. */
function choicesOf(items: readonly ListItem[]): Choice[] {
  const byLabel = new Map<string, Choice['options'][number][]>();
  items.forEach((item, i) => {
    for (const { id, label } of item.buttons) {
      // Titles can be the same: the number tells them apart.
      const option = { id, label: `${i + 1}. ${item.title}`, description: item.text };
      byLabel.set(label, [...(byLabel.get(label) ?? []), option]);
    }
  });
  return [...byLabel].map(([placeholder, options]) => ({ placeholder, options }));
}
