import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { RgbPicture } from '../../../src/engine/intake/index.ts';
import { encodePng, type GridContent, renderGrid } from '../../../src/engine/render/index.ts';
import { cellSide, layOut } from '../../../src/engine/render/layout.ts';

type Rgb = [number, number, number];

function flat(colour: Rgb, width = 32, height = 32): RgbPicture {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) rgb.set(colour, i);
  return { rgb, width, height };
}

/** A grid whose cell (row, column) has the colour [40 + 50 column, 60 + 70 row, 90]. */
function content(lambdas: number[], guidances: number[], width = 32, height = 32): GridContent {
  return {
    example: { a: flat([200, 0, 0]), a2: flat([0, 200, 0]) },
    b: flat([0, 0, 200], width, height),
    cells: guidances.flatMap((guidance, row) =>
      lambdas.map((lambda, column) => ({
        lambda,
        guidance,
        picture: flat([40 + 50 * column, 60 + 70 * row, 90], width, height),
      })),
    ),
  };
}

async function decoded(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(4);
  const pixel = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 4).subarray(0, 4),
  ];
  return { width: info.width, height: info.height, pixel };
}

const square = { width: 32, height: 32 };
const shape = (columns: number, rows: number, cell = square) => ({
  examples: [square, square, cell] as [typeof square, typeof square, typeof square],
  cell,
  columns,
  rows,
  rowLabel: 0,
});

describe('the grid', () => {
  test('is the same bytes for the same content, in whatever order the cells come', async () => {
    const one = content([0, 1], [1, 3]);
    const other = { ...one, cells: [...one.cells].reverse() };
    const png = Buffer.from(await renderGrid(one));
    expect(png.equals(await renderGrid(one))).toBe(true);
    expect(png.equals(await renderGrid(other))).toBe(true);
  });

  test('shows every picture in its place: rows by guidance, columns by strength', async () => {
    const { pixel } = await decoded(await renderGrid(content([-1, 0, 1], [1, 3])));
    // Without row labels nothing lies elsewhere but the cells, by the width of those labels.
    const layout = layOut({ ...shape(3, 2), rowLabel: 1 }, 256);
    for (const [i, colour] of (
      [
        [200, 0, 0],
        [0, 200, 0],
        [0, 0, 200],
      ] as Rgb[]
    ).entries()) {
      const box = layout.examples[i] as (typeof layout.examples)[0];
      expect(pixel(box.left + 128, box.top + 128)).toEqual([...colour, 255]);
    }
    for (const [row, boxes] of layout.cells.entries()) {
      for (const [column, box] of boxes.entries()) {
        const wanted = [40 + 50 * column, 60 + 70 * row, 90, 255];
        expect(pixel(box.left + 128, box.top + 128)).toEqual(wanted);
      }
    }
  });

  test('is a card with round, transparent corners', async () => {
    const { pixel, width, height } = await decoded(await renderGrid(content([0, 1], [3])));
    for (const [x, y] of [
      [0, 0],
      [width - 1, 0],
      [0, height - 1],
      [width - 1, height - 1],
    ] as const) {
      expect(pixel(x, y)[3]).toBe(0);
    }
    expect(pixel(width >> 1, 2)[3]).toBe(255);
  });

  test('marks the suggested cell, and that one only', async () => {
    const marked = { ...content([0, 1], [3]), suggested: { lambda: 1, guidance: 3 } };
    const plain = await decoded(await renderGrid(content([0, 1], [3])));
    const grid = await decoded(await renderGrid(marked));
    const accent = ({ pixel, width, height }: typeof grid, from: number) => {
      let found = 0;
      for (let y = Math.floor(height / 2); y < height; y++) {
        for (let x = from; x < from + width / 2; x++) {
          const [r = 0, g = 0, b = 0] = pixel(Math.floor(x), y);
          if (r === 90 && g === 85 && b === 214) found++;
        }
      }
      return found;
    };
    expect(accent(plain, 0) + accent(plain, plain.width / 2)).toBe(0);
    expect(accent(grid, 0)).toBe(0);
    expect(accent(grid, grid.width / 2)).toBeGreaterThan(1000);
  });

  test('keeps B in its own shape', () => {
    const { cells } = layOut(shape(2, 1, { width: 128, height: 64 }), 256);
    expect(cells[0]?.[0]).toMatchObject({ width: 256, height: 128 });
  });

  test.each([1, 2, 5, 12, 20, 40])('of %i columns is no wider than 4096 pixels', (columns) => {
    const layout = layOut({ ...shape(columns, 1), rowLabel: 60 }, cellSide(columns));
    expect(layout.width).toBeLessThanOrEqual(4096);
    const all = [...layout.examples, ...layout.cells.flat(), layout.answer];
    for (const box of all) {
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(layout.width);
      expect(box.top + box.height).toBeLessThanOrEqual(layout.height);
    }
  });

  test('refuses an empty one, a hole, and cells of two sizes', async () => {
    const full = content([0, 1], [1, 3]);
    const [first, ...rest] = full.cells as [GridContent['cells'][0]];
    await expect(renderGrid({ ...full, cells: [] })).rejects.toThrow('needs a cell');
    await expect(renderGrid({ ...full, cells: rest })).rejects.toThrow('lambda 0, guidance 1');
    const odd = { ...first, picture: flat([0, 0, 0], 16, 32) };
    await expect(renderGrid({ ...full, cells: [odd, ...rest] })).rejects.toThrow('same size');
  });
});

test('a cell is written pixel for pixel', async () => {
  const rgb = Uint8Array.from({ length: 8 * 5 * 3 }, (_, i) => (i * 37) % 256);
  const png = await encodePng({ rgb, width: 8, height: 5 });
  const back = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(back.info).toMatchObject({ width: 8, height: 5, channels: 3 });
  expect(new Uint8Array(back.data)).toEqual(rgb);
});
