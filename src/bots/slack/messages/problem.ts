import type { ProblemView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { clock, smallMarked, strong } from './blocks.ts';
import type { DrawOptions } from './draft.ts';
import { plainLine } from './plain.ts';
import type { Sheet } from './sheet.ts';

/** What happened, what to do, and the code for whoever runs the bot. */
export function problemSheet(view: ProblemView, words: Words, { now }: DrawOptions): Sheet {
  const { sentence, next, retrySeconds, code, buttons } = view;
  const [what, todo] = [plainLine(sentence, 1400), plainLine(next, 1400)];
  const shownCode = code.replace(/[^\w.-]/g, '').slice(0, 60) || '-';
  const facts = [
    ...(retrySeconds === undefined ? [] : [words.retry(clock(now, Math.ceil(retrySeconds)))]),
    words.code(`\`${shownCode}\``),
  ];
  return {
    text: `${what} ${todo}`,
    blocks: [...strong(`⚠️ ${what}`, todo), smallMarked(facts.join('  ·  '))],
    controls: { rows: buttons },
  };
}
