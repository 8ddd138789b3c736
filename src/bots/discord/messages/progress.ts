import type { ProgressView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import type { DrawOptions } from './draft.ts';
import { bold, escapedLine } from './plain.ts';
import { type Sheet, small } from './sheet.ts';
import { relativeTime } from './time.ts';

/** Discord's own blue. */
const accent = 0x5865f2;
const barLength = 14;

/** How far a job is, and until when. */
export function progressSheet(view: ProgressView, words: Words, options: DrawOptions): Sheet {
  const { text, position, eta, fraction, preview, remarks, buttons } = view;
  const facts = [
    bar(fraction),
    ...(position === undefined ? [] : [`#${position}`]),
    ...(eta ? [words.ready(relativeTime(options.now, eta.seconds))] : []),
  ];
  const lines = [bold(text, 1000), facts.join('  ·  ')];
  const spoiler = view.spoiler === true || options.spoiler === true;
  const shown = preview === undefined ? [] : [{ name: 'preview.png', file: preview }];
  return {
    accent,
    blocks: [
      { lines: lines.filter((line) => line !== ''), stays: true },
      { lines: remarks.map((remark) => small(escapedLine(remark, 300))) },
      { pictures: shown.map((file) => ({ ...file, alt: words.previewAlt })), spoiler },
    ],
    controls: { rows: buttons },
  };
}

function bar(fraction: number): string {
  const part = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const filled = Math.floor(part * barLength);
  return `${'▰'.repeat(filled)}${'▱'.repeat(barLength - filled)} ${Math.floor(part * 100)} %`;
}
