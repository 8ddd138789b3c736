/** The contact sheet: a row for each of a few analogies, to be looked at. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import sharp, { type OverlayOptions } from 'sharp';
import type { Box, Size } from '../../src/engine/intake/index.ts';
import { drawText, textWidth } from '../../src/engine/render/lettering.ts';
import type { Rgb } from './judge.ts';

/** A picture with what the judge said of it; `right` is undefined for what is not judged. */
export interface Tile {
  readonly picture: Rgb;
  readonly right?: boolean;
}

export interface SheetRow {
  /** Two short lines on the left. */
  readonly title: string;
  readonly subtitle: string;
  readonly tiles: readonly Tile[];
}

export interface SheetContent {
  readonly heading: string;
  /** Columns in groups: `B'` by strength, baselines; a gap between groups. */
  readonly groups: readonly { readonly title: string; readonly columns: readonly string[] }[];
  readonly rows: readonly SheetRow[];
  /** Size of every picture. */
  readonly size: Size;
}

const colours = {
  card: '#f3f2ef',
  band: '#ffffff',
  ink: '#2b2c34',
  muted: '#75767f',
  right: '#23915a',
  wrong: '#c9483f',
};
const side = 128;
const gap = 12;
const groupGap = 34;
const margin = 40;
const rowHeight = side + 22;
const top = 150;

/** Draws the sheet as a PNG. @throws RangeError for a row that has not a tile a column */
export async function drawSheet(content: SheetContent): Promise<Uint8Array> {
  const { groups, rows } = content;
  const labels = rows.flatMap(({ title, subtitle }) => [
    textWidth(title, 15),
    textWidth(subtitle, 12),
  ]);
  const gutter = Math.ceil(Math.max(0, ...labels)) + 24;
  const boxes = place(groups, margin + gutter);
  const lefts = boxes.flatMap((group) => group.lefts);
  const width = (lefts.at(-1) ?? 0) + side + margin;
  const height = top + rows.length * rowHeight + margin - 10;
  const overlays: OverlayOptions[] = [];
  for (const [y, row] of rows.entries()) {
    if (row.tiles.length !== lefts.length) {
      throw new RangeError(
        `row ${row.title} has ${row.tiles.length} tiles for ${lefts.length} columns`,
      );
    }
    for (const [x, tile] of row.tiles.entries()) {
      const box = { left: lefts[x] as number, top: top + y * rowHeight, width: side, height: side };
      overlays.push(await rounded(tile.picture, content.size, box));
    }
  }
  const under = svg(width, height, background(width, height, boxes, rows.length));
  const over = svg(width, height, foreground(content, boxes, lefts));
  return await sharp(Buffer.from(under))
    .composite([...overlays, { input: Buffer.from(over), left: 0, top: 0 }])
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}

interface Placed {
  title: string;
  columns: readonly string[];
  lefts: number[];
}

function place(groups: SheetContent['groups'], from: number): Placed[] {
  let x = from;
  return groups.map(({ title, columns }) => {
    const lefts = columns.map((_, i) => x + i * (side + gap));
    x += columns.length * (side + gap) - gap + groupGap;
    return { title, columns, lefts };
  });
}

function background(width: number, height: number, groups: Placed[], rows: number): string {
  const bands = groups.map(({ lefts }) => {
    const left = (lefts[0] ?? 0) - 14;
    const right = (lefts.at(-1) ?? 0) + side + 14;
    return `<rect x="${left}" y="76" width="${right - left}" height="${top - 76 + rows * rowHeight - 4}" rx="16" fill="${colours.band}"/>`;
  });
  return `<rect width="${width}" height="${height}" rx="24" fill="${colours.card}"/>${bands.join('')}`;
}

function foreground(content: SheetContent, groups: Placed[], lefts: number[]): string {
  const heading = drawText(content.heading, margin, 52, {
    size: 20,
    weight: 0.13,
    colour: colours.ink,
  });
  const heads = groups.flatMap(({ title, columns, lefts: xs }) => {
    const middle = ((xs[0] ?? 0) + (xs.at(-1) ?? 0) + side) / 2;
    return [
      drawText(title, middle, 106, {
        size: 15,
        weight: 0.14,
        colour: colours.ink,
        anchor: 'middle',
      }),
      ...columns.map((label, i) =>
        drawText(label, (xs[i] ?? 0) + side / 2, 135, {
          size: 12,
          weight: 0.13,
          colour: colours.muted,
          anchor: 'middle',
        }),
      ),
    ];
  });
  const rows = content.rows.flatMap(({ title, subtitle, tiles }, y) => {
    const middle = top + y * rowHeight + side / 2;
    return [
      drawText(title, margin, middle - 2, { size: 15, weight: 0.13, colour: colours.ink }),
      drawText(subtitle, margin, middle + 22, { size: 12, weight: 0.13, colour: colours.muted }),
      ...tiles.map((tile, x) => mark(tile.right, lefts[x] as number, top + y * rowHeight)),
    ];
  });
  return [heading, ...heads, ...rows].join('');
}

/** A frame and a tick for what is right, a small cross for what is not. */
function mark(right: boolean | undefined, x: number, y: number): string {
  const frame = `<rect x="${x + 0.5}" y="${y + 0.5}" width="${side - 1}" height="${side - 1}" rx="10" fill="none" stroke="${colours.ink}" stroke-opacity=".14"/>`;
  if (right === undefined) return frame;
  const [cx, cy] = [x + side - 13, y + 13];
  const shape = right ? 'M-4.5 0.5L-1.2 4L5-3.6' : 'M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6';
  const colour = right ? colours.right : colours.wrong;
  const ring = right
    ? `<rect x="${x - 1}" y="${y - 1}" width="${side + 2}" height="${side + 2}" rx="11" fill="none" stroke="${colour}" stroke-width="3"/>`
    : frame;
  return (
    `${ring}<g transform="translate(${cx} ${cy})"><circle r="10" fill="${colour}" stroke="#fff" stroke-width="1.5"/>` +
    `<path d="${shape}" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></g>`
  );
}

async function rounded(picture: Rgb, size: Size, box: Box): Promise<OverlayOptions> {
  const mask = svg(
    box.width,
    box.height,
    `<rect width="${box.width}" height="${box.height}" rx="10"/>`,
  );
  const input = await sharp(picture, { raw: { ...size, channels: 3 } })
    .resize(box.width, box.height, { fit: 'fill', kernel: 'lanczos3' })
    .ensureAlpha()
    .composite([{ input: Buffer.from(mask), blend: 'dest-in' }])
    .png()
    .toBuffer();
  return { input, left: box.left, top: box.top };
}

function svg(width: number, height: number, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`;
}

/** A picture as text for the journal, and back. */
export function packPicture(picture: Rgb): string {
  return deflateRawSync(picture).toString('base64');
}

export function unpackPicture(text: string): Rgb {
  return new Uint8Array(inflateRawSync(Buffer.from(text, 'base64')));
}
