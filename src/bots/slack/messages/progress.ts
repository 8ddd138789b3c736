import type { types } from '@slack/bolt';
import type { ProgressView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { clock, plainText, small, strong } from './blocks.ts';
import type { DrawOptions } from './draft.ts';
import { inert, plainLine } from './plain.ts';
import type { Sheet } from './sheet.ts';

const barLength = 16;
/** Seconds of waiting from which the hour is said, too: it stays true between two edits. */
const longWait = 300;

/** How far a job is, and until when. */
export function progressSheet(view: ProgressView, words: Words, options: DrawOptions): Sheet {
  const { text, position, eta, fraction, preview, remarks, buttons } = view;
  const part = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const percent = `${Math.floor(part * 100)} %`;
  const facts = [
    `${barOf(part)}  ${percent}`,
    ...(position === undefined ? [] : [`#${position}`]),
    ...(eta ? [inert(eta.text, 200)] : []),
    ...(eta && eta.seconds >= longWait ? [words.ready(clock(options.now, eta.seconds))] : []),
  ];
  const line = facts.filter((fact) => fact !== '').join('  ·  ');
  return {
    text: `${plainLine(text, 1000)} (${percent})`,
    blocks: [
      ...strong(plainLine(text, 1000)),
      { type: 'section', text: { type: 'mrkdwn', text: line, verbatim: true } },
      ...small(remarksOf(remarks)),
    ],
    // A hidden result has no preview: a thread would keep each of them.
    pictures:
      preview === undefined || options.spoiler
        ? []
        : [{ name: 'preview.png', file: preview, alt: words.previewAlt }],
    controls: { rows: buttons, confirm: confirmOf(words) },
  };
}

export function remarksOf(remarks: readonly string[]): string {
  return remarks.map((remark) => plainLine(remark, 300)).join('\n');
}

function barOf(part: number): string {
  const count = Math.floor(part * barLength);
  return '▰'.repeat(count) + '▱'.repeat(barLength - count);
}

function confirmOf({ cancel }: Words): types.Confirm {
  return {
    title: plainText(cancel.title),
    text: plainText(cancel.text),
    confirm: plainText(cancel.yes),
    deny: plainText(cancel.no),
    style: 'danger',
  };
}
