import {
  type APIComponentInContainer,
  type APIMediaGalleryItem,
  type APIMessageTopLevelComponent,
  ComponentType,
} from 'discord.js';
import type { Words } from '../words/index.ts';
import { type Controls, drawControls } from './buttons.ts';
import type { Draft, DraftFile, DrawOptions } from './draft.ts';
import { fileName } from './files.ts';
import { componentsIn, limits } from './limits.ts';
import { escapedLine, label } from './plain.ts';

/** A part of a message, from top to bottom. */
export type Block =
  /** Markdown, a line each; what has no room is cut off from its end, unless it is to stay. */
  | { readonly lines: readonly string[]; readonly stays?: boolean }
  | { readonly pictures: readonly DraftFile[]; readonly spoiler?: boolean }
  /** To be downloaded. */
  | { readonly files: readonly DraftFile[]; readonly spoiler?: boolean };

export interface Sheet {
  readonly blocks: readonly Block[];
  readonly controls?: Controls;
  /** A colour, 0xRRGGBB: all is in a box with an edge of that colour. */
  readonly accent?: number;
}

/** Small print. */
export function small(markdown: string): string {
  return `-# ${markdown}`;
}

/** The message, within all that Discord takes of one. */
export function drawSheet(sheet: Sheet, words: Words, options: DrawOptions): Draft {
  const files: DraftFile[] = [];
  const names = new Set<string>();
  let leftOut = 0;

  /** What is sent of some files; the sentences about the others. */
  const send = (wanted: readonly DraftFile[], isPicture: boolean) => {
    const notes: string[] = [];
    const sent: DraftFile[] = [];
    for (const file of wanted) {
      // Those that are left out keep their names: then the others do not change theirs.
      const name = fileName(file.name, names);
      const isLarge = [file.name, name, ...('file' in file ? [file.file] : [])].some((each) =>
        options.tooLarge?.has(each),
      );
      if (isLarge) {
        const shown = escapedLine(file.name, 100);
        notes.push(small(isPicture ? words.pictureTooLarge : words.fileTooLarge(shown)));
      } else if (files.length >= limits.files) {
        leftOut += 1;
      } else {
        files.push({ ...file, name });
        sent.push({ ...file, name });
      }
    }
    return { sent, notes: [...new Set(notes)].slice(0, limits.files) };
  };

  const parts: (readonly string[] | APIComponentInContainer)[] = [];
  const staying = new Set<readonly string[]>();
  const stay = (lines: readonly string[]) => {
    staying.add(lines);
    parts.push(lines);
  };
  for (const block of sheet.blocks) {
    if ('lines' in block) {
      if (block.stays) stay(block.lines);
      else parts.push(block.lines);
      continue;
    }
    const spoiler = block.spoiler ? { spoiler: true } : {};
    const isPicture = 'pictures' in block;
    const { sent, notes } = send(isPicture ? block.pictures : block.files, isPicture);
    if (isPicture && sent.length > 0) {
      const items = sent.map(({ name, alt }): APIMediaGalleryItem => {
        const description = alt ? { description: label(alt, limits.alt) } : {};
        return { media: { url: `attachment://${name}` }, ...description, ...spoiler };
      });
      parts.push({ type: ComponentType.MediaGallery, items });
    } else {
      for (const { name } of sent) {
        const file = { url: `attachment://${name}` };
        parts.push({ type: ComponentType.File, file, ...spoiler });
      }
    }
    stay(notes);
  }
  if (options.note) stay([small(escapedLine(options.note, 500))]);
  if (leftOut > 0) stay([small(words.filesLeftOut(leftOut))]);

  const content = fitText(parts, staying, words);
  const room = limits.components - componentsIn(content) - (sheet.accent === undefined ? 0 : 1);
  const { remove } = options;
  const rows = drawControls({ ...sheet.controls, remove }, words, room);
  const all: APIComponentInContainer[] = [...content, ...rows];
  if (all.length === 0) all.push({ type: ComponentType.TextDisplay, content: words.done });
  const components: APIMessageTopLevelComponent[] =
    sheet.accent === undefined
      ? all
      : [{ type: ComponentType.Container, accent_color: sheet.accent, components: all }];
  return { components, files };
}

/** Texts in place of lines: those that stay first, the others as far as there is room. */
function fitText(
  parts: readonly (readonly string[] | APIComponentInContainer)[],
  staying: ReadonlySet<unknown>,
  words: Words,
): APIComponentInContainer[] {
  const lengthOf = (lines: readonly string[]) => lines.join('\n').length;
  const texts = parts.filter(isLines);
  const kept = texts.filter((lines) => staying.has(lines));
  let room = limits.text - kept.reduce((sum, lines) => sum + lengthOf(lines), 0);
  const rest = small(words.cutShort);
  return parts.flatMap((part): APIComponentInContainer[] => {
    if (!isLines(part)) return [part];
    const fits = staying.has(part) || lengthOf(part) <= room;
    const lines = fits ? [...part] : cutLines(part, room - rest.length - 1);
    if (!fits) lines.push(rest);
    if (!staying.has(part)) room -= lengthOf(lines);
    const content = lines.join('\n');
    return content.trim() === '' ? [] : [{ type: ComponentType.TextDisplay, content }];
  });
}

function isLines(part: readonly string[] | APIComponentInContainer): part is readonly string[] {
  return Array.isArray(part);
}

function cutLines(lines: readonly string[], room: number): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > room) break;
    kept.push(line);
  }
  return kept;
}
