import type { types } from '@slack/bolt';
import type { Attachment, TextView } from '../../../commands/port.ts';
import { header, section } from './blocks.ts';
import type { DrawOptions } from './draft.ts';
import { limits } from './limits.ts';
import { escaped, plain } from './plain.ts';
import type { Sheet } from './sheet.ts';

export function textSheet(view: TextView, { spoiler = false }: DrawOptions): Sheet {
  const { title, lines, files, buttons } = view;
  const head = title === undefined || title.trim() === '' ? [] : [header(title)];
  return {
    text: [title, ...lines].filter((line) => line !== undefined).join('\n'),
    blocks: [...head, ...paragraphs(lines)],
    pictures: files.filter(isSeen),
    files: files.filter((file) => !isSeen(file)),
    spoiler,
    controls: { rows: buttons },
  };
}

/** As few blocks as hold all lines. */
function paragraphs(lines: readonly string[]): types.KnownBlock[] {
  const parts: string[] = [];
  for (const line of lines) {
    const whole = plain(line, limits.text);
    const together = parts.length === 0 ? whole : `${parts.at(-1)}\n${whole}`;
    if (parts.length === 0 || escaped(together).length > limits.text) parts.push(whole);
    else parts[parts.length - 1] = together;
  }
  return parts.flatMap((part) => section(part));
}

/** A picture that is described is to be looked at; what is not, to be downloaded. */
function isSeen({ type, alt }: Attachment): boolean {
  return type.startsWith('image/') && alt !== undefined;
}
