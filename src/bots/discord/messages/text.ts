import type { Attachment, TextView } from '../../../commands/port.ts';
import type { DraftFile, DrawOptions } from './draft.ts';
import { escaped, escapedLine } from './plain.ts';
import type { Sheet } from './sheet.ts';

export function textSheet(view: TextView, options: DrawOptions): Sheet {
  const { title, lines, files, buttons } = view;
  const spoiler = view.spoiler === true || options.spoiler === true;
  return {
    blocks: [
      {
        lines: [
          ...(title === undefined ? [] : [heading(title)]),
          ...lines.map((line) => escaped(line, 3000)),
        ],
      },
      { pictures: files.filter(isSeen).map(draftOf), spoiler },
      { files: files.filter((file) => !isSeen(file)).map(draftOf), spoiler },
    ],
    controls: { rows: buttons },
  };
}

export function heading(text: string): string {
  const line = escapedLine(text, 300);
  return line === '' ? '' : `### ${line}`;
}

/** A picture that is described is to be looked at; what is not, to be downloaded. */
function isSeen({ type, alt }: Attachment): boolean {
  return type.startsWith('image/') && alt !== undefined;
}

function draftOf(file: Attachment): DraftFile {
  const { name, alt } = file;
  return 'file' in file ? { name, alt, file: file.file } : { name, alt, bytes: file.bytes };
}
