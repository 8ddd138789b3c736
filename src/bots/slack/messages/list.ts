import type { types } from '@slack/bolt';
import type { ListView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { header, small, titled } from './blocks.ts';
import { accessoryOf, numbering } from './controls.ts';
import { label, plainLine } from './plain.ts';
import type { Sheet } from './sheet.ts';

/** Items of one list; the rest is counted. */
const mostItems = 15;

/** A numbered list: what can be done with an item is in the menu beside it. */
export function listSheet(view: ListView, words: Words): Sheet {
  const next = numbering();
  return {
    text: view.title,
    blocks: listBlocks(view, words, next),
    controls: { rows: view.buttons },
    next,
  };
}

/** @param next of the message or view that they stand in */
export function listBlocks(
  { title, empty, items }: ListView,
  words: Words,
  next: ReturnType<typeof numbering>,
): types.KnownBlock[] {
  const shown = items.slice(0, mostItems);
  const left = items.length - shown.length;
  return [
    header(title),
    ...(items.length === 0 ? small(empty) : []),
    ...shown.flatMap((item, i) =>
      titled(
        `${i + 1}. ${label(item.title, 200)}`,
        plainLine(item.text, 400),
        accessoryOf(item.buttons, words, next),
      ),
    ),
    ...(left > 0 ? small(words.itemsLeftOut(left)) : []),
  ];
}
