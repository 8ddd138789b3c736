import sharp, { type OverlayOptions } from 'sharp';
import type { Box, RgbPicture } from '../intake/index.ts';
import { drawBackground, drawForeground, formatDial, type GridText } from './drawing.ts';
import { cellSide, layOut } from './layout.ts';
import { textWidth } from './lettering.ts';

/** A B' and the two dials it was made with. */
export interface GridCell {
  /** Strength of the analogy, lambda of Eq. 1. */
  lambda: number;
  /** Guidance scale, sigma. */
  guidance: number;
  picture: RgbPicture;
}

export interface GridContent {
  /** A and A', in their own shape: cropped from the letterbox; absent where they are no longer known. */
  example?: { a: RgbPicture; a2: RgbPicture } | undefined;
  b: RgbPicture;
  /** One for each pair of the lambdas and sigmas that occur, in any order, all of one size. */
  cells: GridCell[];
  /** The pair that is marked, where it occurs. */
  suggested?: { lambda: number; guidance: number } | undefined;
}

export interface GridOptions {
  /** Longer side of a picture in the grid, pixels. @default 256, less where columns are many */
  side?: number;
}

/**
 * One PNG that tells the whole story: A → A', B → B' above; below, B' by strength (columns) and
 * guidance (rows). Corners outside the card are transparent, and the card is light enough for a
 * white chat and calm enough for a dark one. The same content gives the same bytes.
 *
 * @throws RangeError if there is no cell, or one is missing or of another size
 */
export async function renderGrid(
  content: GridContent,
  options: GridOptions = {},
): Promise<Uint8Array> {
  const lambdas = ascending(content.cells.map(({ lambda }) => lambda));
  const guidances = ascending(content.cells.map(({ guidance }) => guidance));
  const rows = guidances.map((guidance) =>
    lambdas.map((lambda) => find(content.cells, lambda, guidance)),
  );
  const [first] = content.cells as [GridCell];
  const { width, height } = first.picture;
  if (content.cells.some(({ picture }) => picture.width !== width || picture.height !== height)) {
    throw new RangeError('the cells of a grid must all have the same size');
  }

  const side = cellSide(lambdas.length, options.side);
  const text: GridText = {
    columns: lambdas.map((lambda) => `λ ${formatDial(lambda)}`),
    rows: guidances.map((guidance) => `σ ${formatDial(guidance)}`),
    marked: {
      column: lambdas.indexOf(content.suggested?.lambda ?? Number.NaN),
      row: guidances.indexOf(content.suggested?.guidance ?? Number.NaN),
    },
  };
  const labelSize = (22 * side) / 256;
  const { example, b } = content;
  const examples = example ? ([example.a, example.a2, b] as const) : ([b] as const);
  const layout = layOut(
    {
      examples,
      cell: first.picture,
      columns: lambdas.length,
      rows: guidances.length,
      rowLabel: Math.max(...text.rows.map((label) => textWidth(label, labelSize))),
    },
    side,
  );

  const placed: [RgbPicture, Box][] = [
    ...examples.map((p, i) => [p, layout.examples[i]] as [RgbPicture, Box]),
    ...rows.flatMap((row, y) =>
      row.map(({ picture }, x) => [picture, layout.cells[y]?.[x]] as [RgbPicture, Box]),
    ),
  ];
  const radius = Math.round(14 * layout.unit);
  const pictures = await Promise.all(placed.map(([picture, box]) => tile(picture, box, radius)));
  return await sharp(Buffer.from(drawBackground(layout)))
    .composite([...pictures, { input: Buffer.from(drawForeground(layout, text)), left: 0, top: 0 }])
    // A grid is waited for: level 9 takes three times as long for a file 4 % smaller.
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** A picture scaled to its place, with round corners. */
async function tile(picture: RgbPicture, box: Box, radius: number): Promise<OverlayOptions> {
  const { width, height } = box;
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const mask = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" rx="${radius}"/></svg>`;
  const input = await sharp(picture.rgb, { raw })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .ensureAlpha()
    .composite([{ input: Buffer.from(mask), blend: 'dest-in' }])
    .raw()
    .toBuffer();
  return { input, raw: { width, height, channels: 4 }, left: box.left, top: box.top };
}

function find(cells: GridCell[], lambda: number, guidance: number): GridCell {
  const cell = cells.find((one) => one.lambda === lambda && one.guidance === guidance);
  if (cell) return cell;
  throw new RangeError(`the grid has no cell for lambda ${lambda}, guidance ${guidance}`);
}

function ascending(values: number[]): number[] {
  if (values.length === 0) throw new RangeError('a grid needs a cell');
  return [...new Set(values)].sort((a, b) => a - b);
}
