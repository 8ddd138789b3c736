import type { Cell, ResultView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import { section, small, smallMarked } from './blocks.ts';
import type { Choice } from './controls.ts';
import type { DrawOptions } from './draft.ts';
import { plainLine } from './plain.ts';
import { remarksOf } from './progress.ts';
import type { Sheet } from './sheet.ts';

/** Moving pictures are GIFs here: image blocks show no WebP. */
const names = { grid: 'likewise-grid.png', animation: 'likewise.gif', cell: 'likewise.png' };
/** Cells that have no buttons any more. */
const mostPicks = 10;
/** Cells of one list. */
const mostChoices = 50;
/** Refinements that are used less: with "Delete", they are the five that a menu takes. */
const rare = new Set(['table', 'reverse', 'combine', 'animate']);

export function resultSheet(view: ResultView, words: Words, options: DrawOptions): Sheet {
  const { picture, pictureKind, alt, cells, remarks, buttons } = view;
  const text = plainLine(view.text, 1000);
  const title = words.pictures[pictureKind];
  const picks = new Set(cells.map(({ pick }) => pick));
  const suggested = cells[view.suggested ?? -1]?.pick;
  const hasButtons = buttons.flat().some(({ id }) => picks.has(id));
  const isChoice = !hasButtons && pictureKind === 'grid' && cells.length > mostPicks;
  const parent = linkOf(options.parentUrl);
  return {
    text,
    blocks: [...section(text), ...small(remarksOf(remarks))],
    pictures:
      picture === undefined ? [] : [{ name: names[pictureKind], file: picture, alt, title }],
    after: parent === undefined ? [] : [smallMarked(words.refines(parent))],
    spoiler: view.spoiler || options.spoiler === true,
    controls: {
      choices: isChoice ? [choiceOf(cells, suggested, words)] : [],
      rows: buttons,
      inMenu: rare,
      strong: new Set(suggested === undefined ? [] : [suggested]),
      quiet: picks,
    },
  };
}

function choiceOf(cells: readonly Cell[], suggested: string | undefined, words: Words): Choice {
  return {
    placeholder: words.pick,
    options: spread(cells, suggested).map(({ pick, label }) => ({
      id: pick,
      label,
      description: pick === suggested ? words.suggested : undefined,
    })),
  };
}

/** As many as one looks through, from all over the grid, with the one to look at first. */
function spread(cells: readonly Cell[], suggested: string | undefined): readonly Cell[] {
  if (cells.length <= mostChoices) return cells;
  const stride = cells.length / mostChoices;
  return Array.from({ length: mostChoices }, (_, i) => {
    const part = cells.slice(Math.floor(i * stride), Math.floor((i + 1) * stride));
    return part.find(({ pick }) => pick === suggested) ?? (part[0] as Cell);
  });
}

/** An address that can stand in a link. */
function linkOf(url: string | undefined): string | undefined {
  return url !== undefined && /^https:\/\/[^\s<>|]{1,500}$/.test(url)
    ? url.replaceAll('&', '&amp;')
    : undefined;
}
