import type { Box } from '../intake/index.ts';
import type { Layout } from './layout.ts';
import { drawText } from './lettering.ts';

/** The words of a grid and which cell is marked (-1 = none). */
export interface GridText {
  columns: string[];
  rows: string[];
  marked: { column: number; row: number };
}

const colours = {
  card: '#edecea',
  band: '#f8f7f5',
  ink: '#2b2c34',
  muted: '#75767f',
  accent: '#5a55d6',
  line: '#2b2c34',
};

/** What lies under the pictures: the card and the band of the examples. */
export function drawBackground({ width, height, unit, band }: Layout): string {
  return svg(
    { width, height },
    rect({ left: 0, top: 0, width, height }, 40 * unit, `fill="${colours.card}"`) +
      rect(band, 26 * unit, `fill="${colours.band}"`),
  );
}

/** What lies over them: edges, arrows, labels, the mark. */
export function drawForeground(layout: Layout, text: GridText): string {
  const { unit, examples, cells, arrows, answer } = layout;
  const marked = cells[text.marked.row]?.[text.marked.column];
  const all = [...examples, ...cells.flat()];
  return svg(
    layout,
    [
      ...all.map((box) => edge(box, unit)),
      ...arrows.map((arrow) => drawArrow(arrow, unit)),
      ...examples.map((box, i) =>
        caption(['A', 'A′', 'B'].slice(-examples.length)[i] ?? '', box, layout),
      ),
      drawAnswer(answer, unit),
      ...text.columns.map((label, i) => columnLabel(label, i, layout, text)),
      ...text.rows.map((label, i) => rowLabel(label, i, layout, text)),
      marked ? ring(marked, unit) : '',
    ].join(''),
  );
}

/** At most two decimals, none that say nothing: 1, 0.5, −0.25. */
export function formatDial(value: number): string {
  return String(Math.round(value * 100) / 100 || 0).replace('-', '−');
}

/** A hairline keeps a picture apart from a card of its own colour. */
function edge(box: Box, unit: number): string {
  const inset = { ...box, left: box.left + 0.5, top: box.top + 0.5 };
  inset.width -= 1;
  inset.height -= 1;
  return rect(inset, 14 * unit, `fill="none" stroke="${colours.line}" stroke-opacity=".14"`);
}

function ring(box: Box, unit: number): string {
  const out = 4 * unit;
  const around = {
    left: box.left - out,
    top: box.top - out,
    width: box.width + 2 * out,
    height: box.height + 2 * out,
  };
  return rect(
    around,
    17 * unit,
    `fill="none" stroke="${colours.accent}" stroke-width="${5 * unit}"`,
  );
}

function caption(label: string, box: Box, { unit, band }: Layout): string {
  const style = { size: 24 * unit, weight: 0.13, colour: colours.ink, anchor: 'middle' } as const;
  return drawText(label, box.left + box.width / 2, band.top + 42 * unit, style);
}

/** The place of the answer beside B: its name, and the way to it. */
function drawAnswer(box: Box, unit: number): string {
  const middle = box.left + box.width / 2;
  const centre = box.top + box.height / 2;
  return (
    rect(box, 24 * unit, `fill="${colours.accent}"`) +
    drawText('B′', middle, centre + 2 * unit, {
      size: 30 * unit,
      weight: 0.13,
      colour: '#ffffff',
      anchor: 'middle',
    }) +
    drawText('↓', middle, centre + 36 * unit, {
      size: 20 * unit,
      weight: 0.16,
      colour: '#ffffff',
      anchor: 'middle',
    })
  );
}

function columnLabel(label: string, column: number, layout: Layout, text: GridText): string {
  const box = layout.cells[0]?.[column];
  if (!box) return '';
  const marked = column === text.marked.column;
  return drawText(label, box.left + box.width / 2, layout.columnLabels, {
    size: 22 * layout.unit,
    weight: marked ? 0.15 : 0.12,
    colour: marked ? colours.accent : colours.ink,
    anchor: 'middle',
  });
}

function rowLabel(label: string, row: number, layout: Layout, text: GridText): string {
  const box = layout.cells[row]?.[0];
  if (!box) return '';
  const marked = row === text.marked.row && text.rows.length > 1;
  const size = 22 * layout.unit;
  return drawText(label, layout.rowLabels, box.top + box.height / 2 + size / 2, {
    size,
    weight: marked ? 0.15 : 0.12,
    colour: marked ? colours.accent : colours.muted,
    anchor: 'end',
  });
}

function drawArrow({ from, to, y }: { from: number; to: number; y: number }, unit: number): string {
  const head = 13 * unit;
  return `<path d="M${from} ${y}H${to}M${to - head} ${y - head}L${to} ${y}L${to - head} ${y + head}" fill="none" stroke="${colours.ink}" stroke-width="${4 * unit}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

function rect({ left, top, width, height }: Box, radius: number, style: string): string {
  return `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${radius}" ${style}/>`;
}

function svg({ width, height }: { width: number; height: number }, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`;
}
