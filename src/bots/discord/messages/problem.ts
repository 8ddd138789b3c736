import type { ProblemView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import type { DrawOptions } from './draft.ts';
import { bold, escapedLine } from './plain.ts';
import { type Sheet, small } from './sheet.ts';
import { relativeTime } from './time.ts';

/** Discord's own red. */
const accent = 0xed4245;

/** What happened, what to do, and the code for whoever runs the bot. */
export function problemSheet(view: ProblemView, words: Words, { now }: DrawOptions): Sheet {
  const { sentence, next, retrySeconds, code, buttons } = view;
  const retry =
    retrySeconds === undefined ? [] : [words.retry(relativeTime(now, Math.ceil(retrySeconds)))];
  const lines = [
    bold(sentence, 1500),
    escapedLine(next, 1500),
    ...retry,
    small(words.code(`\`${code.replace(/[^\w.-]/g, '').slice(0, 60)}\``)),
  ];
  const blocks = [{ lines: lines.filter((line) => line !== ''), stays: true }];
  return { accent, blocks, controls: { rows: buttons } };
}
