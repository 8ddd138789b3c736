import type { types } from '@slack/bolt';
import type { Words } from '../words/index.ts';
import { plainText, small } from './blocks.ts';
import { type Controls, drawControls, type numbering } from './controls.ts';
import { type Draft, type DraftFile, type DrawOptions, placeholder } from './draft.ts';
import { limits } from './limits.ts';
import { escaped, label, plain } from './plain.ts';

/** What a view is made of, before it is fitted into a message. */
export interface Sheet {
  /** Said in notifications. */
  readonly text: string;
  readonly blocks: readonly types.KnownBlock[];
  readonly pictures?: readonly SheetFile[];
  /** To be downloaded. */
  readonly files?: readonly SheetFile[];
  /** Below the pictures. */
  readonly after?: readonly types.KnownBlock[];
  readonly controls: Controls;
  /** Whether the pictures are hidden. */
  readonly spoiler?: boolean;
  /** Of what can be pressed in the blocks already. */
  readonly next?: ReturnType<typeof numbering>;
}

export type SheetFile = {
  readonly name: string;
  readonly alt?: string | undefined;
  /** Above the picture. */
  readonly title?: string | undefined;
} & ({ readonly file: string } | { readonly bytes: Uint8Array });

/** Pictures that are shown in one message; more are in its thread. */
const mostPictures = 10;
/** Blocks for what can be pressed, at most. */
const mostActions = 12;
/** What image blocks show. */
const shows = /\.(png|jpe?g|gif)$/i;

/** A message that Slack takes: what has no room is left out. */
export function drawSheet(sheet: Sheet, words: Words, options: DrawOptions): Draft {
  const { pictures = [], files = [], after = [], spoiler = false } = sheet;
  const names = new Set<string>();
  const kept: DraftFile[] = [];
  const images: types.KnownBlock[] = [];
  const notes: string[] = [];
  const add = (given: SheetFile, isPicture: boolean) => {
    const { title, ...file } = given;
    const name = unique(file.name, names);
    const alt = file.alt === undefined ? undefined : label(file.alt, limits.alt);
    const inThread = !isPicture || spoiler || !shows.test(name) || images.length >= mostPictures;
    kept.push({ ...file, name, alt, inThread });
    if (!inThread) images.push(imageBlock(name, alt ?? name, title));
  };
  for (const picture of pictures) add(picture, true);
  for (const file of files) add(file, false);
  if (spoiler && kept.some(({ inThread }) => inThread)) notes.push(words.hidden);
  else if (kept.some(({ inThread }) => inThread)) notes.push(words.filesBelow);
  const asked = { remove: options.remove, ...sheet.controls };
  const controls = drawControls(asked, words, mostActions, sheet.next);
  const rest = [
    ...images,
    ...small(notes.join('\n')),
    ...after,
    ...controls,
    ...small(options.note ?? ''),
  ];
  const head = cutTo(sheet.blocks, rest, words);
  const text = escaped(plain(sheet.text, limits.text)) || '…';
  const blocks = [...head, ...rest];
  if (blocks.length > 0) return { blocks, text, files: kept };
  return { blocks: [{ type: 'section', text: plainText('…') }], text, files: kept };
}

export function imageBlock(name: string, alt: string, title?: string): types.KnownBlock {
  return {
    type: 'image',
    slack_file: { id: placeholder(name) },
    alt_text: alt,
    ...(title !== undefined && { title: plainText(label(title, limits.alt)) }),
  };
}

type Blocks = readonly types.KnownBlock[];

/** As many as have room beside the others. */
function cutTo(blocks: Blocks, others: Blocks, words: Words): Blocks {
  const room = limits.blocks - others.length;
  let left = limits.allText - textIn(others);
  const cut = small(words.cutShort);
  const count = blocks.findIndex((block, i) => {
    left -= textIn(block);
    return left < 0 || i >= room;
  });
  return count === -1 ? blocks : [...blocks.slice(0, Math.min(count, room - 1)), ...cut];
}

/** Characters of all that is written in it. */
function textIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + textIn(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, each]) => {
    const isText = typeof each === 'string' && (key === 'text' || key === 'alt_text');
    return sum + (isText ? escaped(each).length : textIn(each));
  }, 0);
}

/** @param taken names of the message so far; the answer is added */
function unique(name: string, taken: Set<string>): string {
  const clean = plain(name, 400).replace(/[\\/:*?"<>|\s]+/g, '_');
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 ? clean.slice(dot, dot + 20) : '';
  const base = (dot > 0 ? clean.slice(0, dot) : clean).slice(0, 100).toWellFormed() || 'file';
  for (let count = 1; ; count++) {
    const whole = `${base}${count === 1 ? '' : `-${count}`}${extension}`;
    if (taken.has(whole.toLowerCase())) continue;
    taken.add(whole.toLowerCase());
    return whole;
  }
}
