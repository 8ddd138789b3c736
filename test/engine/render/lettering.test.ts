import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawForeground, formatDial } from '../../../src/engine/render/drawing.ts';
import { glyph } from '../../../src/engine/render/glyphs.ts';
import { layOut } from '../../../src/engine/render/layout.ts';
import { drawText, textWidth } from '../../../src/engine/render/lettering.ts';

const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const signs = [..."λσ×→↓′'.,:−-+=/()·"];

/** The ink of a text drawn black on white, as the box that it fills and its amount. */
async function ink(text: string) {
  const [width, height] = [400, 200];
  const drawn = drawText(text, 100, 130, { size: 80, colour: '#000' });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${drawn}</svg>`;
  const data = await sharp(Buffer.from(svg)).greyscale().raw().toBuffer();
  const found = { left: width, right: 0, top: height, bottom: 0, amount: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dark = 255 - (data[y * width + x] ?? 255);
      if (dark < 64) continue;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x);
      found.top = Math.min(found.top, y);
      found.bottom = Math.max(found.bottom, y);
      found.amount += dark / 255;
    }
  }
  return found;
}

describe('the lettering', () => {
  test('draws every letter, figure and sign within the room that it takes', async () => {
    for (const character of [...alphabet, ...signs]) {
      const { left, right, top, bottom, amount } = await ink(character);
      expect(amount, character).toBeGreaterThan(50);
      expect(left, character).toBeGreaterThanOrEqual(100 - 9);
      expect(right, character).toBeLessThanOrEqual(100 + glyph(character).width * 0.8 + 9);
      expect(top, character).toBeGreaterThanOrEqual(130 - 100);
      expect(bottom, character).toBeLessThanOrEqual(130 + 32);
    }
  });

  test('tells all of them apart', async () => {
    const seen = new Map<string, string>();
    for (const character of [...alphabet, ...signs.filter((sign) => !"'-".includes(sign))]) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="140">${drawText(character, 20, 100, { size: 80, colour: '#000' })}</svg>`;
      const pixels = (await sharp(Buffer.from(svg)).raw().toBuffer()).toString('base64');
      expect(seen.get(pixels), `${character} looks like another`).toBeUndefined();
      seen.set(pixels, character);
    }
  });

  test('figures are all as wide', () => {
    expect(new Set([...'0123456789'].map((figure) => glyph(figure).width)).size).toBe(1);
  });

  test('anchors by the start, the middle and the end', () => {
    const width = textWidth('B′', 50);
    const style = { size: 50, colour: '#000' };
    expect(drawText('B′', 200, 0, style)).toContain('translate(200 0)');
    expect(drawText('B′', 200, 0, { ...style, anchor: 'end' })).toContain(
      `translate(${200 - width} `,
    );
    const start = Math.round((200 - width / 2) * 100) / 100;
    expect(drawText('B′', 200, 0, { ...style, anchor: 'middle' })).toContain(`translate(${start} `);
  });

  test('a character that it does not have is an error, not a hole', () => {
    expect(() => drawText('ß', 0, 0, { size: 20, colour: '#000' })).toThrow('no glyph for "ß"');
  });

  test('asks for no font: a grid has paths only', () => {
    const box = { width: 32, height: 32 };
    const layout = layOut(
      { examples: [box, box, box], cell: box, columns: 2, rows: 1, rowLabel: 40 },
      256,
    );
    const text = { columns: ['λ −1', 'λ 0.5'], rows: ['σ 3'], marked: { column: 1, row: 0 } };
    expect(drawForeground(layout, text)).not.toMatch(/<text|font/);
  });
});

test.each([
  [1, '1'],
  [0.5, '0.5'],
  [-0.25, '−0.25'],
  [1.125, '1.13'],
  [-0, '0'],
  [12, '12'],
])('the dial %d reads %s', (value, text) => {
  expect(formatDial(value)).toBe(text);
});
