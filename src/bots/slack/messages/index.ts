/** The commands' views as Slack's messages. */
import type { View } from '../../../commands/port.ts';
import { type Words, wordsFor } from '../words/index.ts';
import { section } from './blocks.ts';
import type { Draft, DrawOptions } from './draft.ts';
import { listSheet } from './list.ts';
import { problemSheet } from './problem.ts';
import { progressSheet } from './progress.ts';
import { resultSheet } from './result.ts';
import { drawSheet, type Sheet } from './sheet.ts';
import { textSheet } from './text.ts';

export { pressedIn, pressIds } from './controls.ts';
export type { Draft, DraftFile, DrawOptions, Filled } from './draft.ts';
export { filled } from './draft.ts';

/**
 * A message that Slack takes, whatever the view: what is too long is cut, what is used less is in a
 * menu. All text of views is shown as it is: marks, mentions and links in it do nothing.
 */
export function drawView(view: View, options: DrawOptions): Draft {
  const words = wordsFor(options.locale);
  return drawSheet(sheetOf(view, words, options), words, options);
}

function sheetOf(view: View, words: Words, options: DrawOptions): Sheet {
  switch (view.kind) {
    case 'progress':
      return progressSheet(view, words, options);
    case 'result':
      return resultSheet(view, words, options);
    case 'text':
      return textSheet(view, options);
    case 'list':
      return listSheet(view, words);
    case 'problem':
      return problemSheet(view, words, options);
    case 'confirm':
    case 'cancelled':
      return { text: view.text, blocks: section(view.text), controls: { rows: view.buttons } };
  }
}
