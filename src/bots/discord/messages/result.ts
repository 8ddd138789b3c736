import type { Cell, ResultView } from '../../../commands/port.ts';
import type { Words } from '../words/index.ts';
import type { Choice } from './buttons.ts';
import type { DraftFile, DrawOptions } from './draft.ts';
import { limits } from './limits.ts';
import { escapedLine } from './plain.ts';
import { type Sheet, small } from './sheet.ts';

/** Moving pictures are GIFs here: the context asks for them. */
const names = { grid: 'likewise-grid.png', animation: 'likewise.gif', cell: 'likewise.png' };
/** Cells that have no buttons any more. */
const mostPicks = 10;

/** Not in a box: so the picture is as large as Discord shows one. */
export function resultSheet(view: ResultView, words: Words, options: DrawOptions): Sheet {
  const { text, picture, pictureKind, alt, cells, remarks, buttons } = view;
  const pictures: DraftFile[] =
    picture === undefined ? [] : [{ name: names[pictureKind], file: picture, alt }];
  const picks = new Set(cells.map(({ pick }) => pick));
  const suggested = cells[view.suggested ?? -1]?.pick;
  const hasButtons = buttons.flat().some(({ id }) => picks.has(id));
  const isChoice = !hasButtons && pictureKind === 'grid' && cells.length > mostPicks;
  const parent = linkOf(options.parentUrl);
  return {
    blocks: [
      { lines: [escapedLine(text, 1000)], stays: true },
      { lines: remarks.map((remark) => small(escapedLine(remark, 300))) },
      { pictures, spoiler: view.spoiler || options.spoiler === true },
      { lines: parent === undefined ? [] : [small(words.refines(parent))], stays: true },
    ],
    controls: {
      choices: isChoice ? [choiceOf(cells, suggested, words)] : [],
      rows: buttons,
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

/** As many as a list takes, from all over the grid, with the one to look at first. */
function spread(cells: readonly Cell[], suggested: string | undefined): Cell[] {
  if (cells.length <= limits.options) return [...cells];
  const step = (cells.length - 1) / (limits.options - 1);
  const places = Array.from({ length: limits.options }, (_, i) => Math.round(i * step));
  const best = cells.findIndex(({ pick }) => pick === suggested);
  if (best !== -1 && !places.includes(best)) places[Math.round(best / step)] = best;
  return places.map((place) => cells[place] as Cell);
}

/** An address that can stand in a link. */
function linkOf(url: string | undefined): string | undefined {
  return url !== undefined && /^https:\/\/[^\s()<>]{1,500}$/.test(url) ? url : undefined;
}
