/** The commands' views as Discord's messages. */
import type { View } from '../../../commands/port.ts';
import { type Words, wordsFor } from '../words/index.ts';
import type { Draft, DrawOptions } from './draft.ts';
import { listSheet } from './list.ts';
import { escaped } from './plain.ts';
import { problemSheet } from './problem.ts';
import { progressSheet } from './progress.ts';
import { resultSheet } from './result.ts';
import { drawSheet, type Sheet } from './sheet.ts';
import { textSheet } from './text.ts';

export type { Draft, DraftFile, DrawOptions } from './draft.ts';

/**
 * A message that Discord takes, whatever the view: what is too long is cut, and what has no room as a
 * button is in a list. All text of views is shown as it is, markdown and mentions in it do nothing.
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
      return listSheet(view);
    case 'problem':
      return problemSheet(view, words, options);
    case 'confirm':
    case 'cancelled':
      return {
        blocks: [{ lines: [escaped(view.text, 3000)], stays: true }],
        controls: { rows: view.buttons },
      };
  }
}
