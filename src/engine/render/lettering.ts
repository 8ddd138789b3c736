import { glyph } from './glyphs.ts';

export interface TextStyle {
  /** Height of a capital, pixels. */
  size: number;
  /** Pen width, as a share of the height. @default 0.115 */
  weight?: number;
  colour: string;
  /** What of the text stands at x. @default 'start' */
  anchor?: 'start' | 'middle' | 'end';
}

/** Room between the centre lines of neighbouring glyphs, glyph units. */
const spacing = 27;

/** Width of a text from its first centre line to its last, pixels. */
export function textWidth(text: string, size: number): number {
  const glyphs = [...text].map(glyph);
  const units = glyphs.reduce((sum, { width }) => sum + width, 0);
  return ((units + spacing * Math.max(0, glyphs.length - 1)) * size) / 100;
}

/** A text as an SVG element, its baseline at y. */
export function drawText(text: string, x: number, y: number, style: TextStyle): string {
  const { size, weight = 0.115, colour, anchor = 'start' } = style;
  const shift = { start: 0, middle: 0.5, end: 1 }[anchor] * textWidth(text, size);
  const scale = size / 100;
  let pen = 0;
  const paths = [...text].map(glyph).map(({ width, path }) => {
    const placed = path && `<path transform="translate(${pen})" d="${path}"/>`;
    pen += width + spacing;
    return placed;
  });
  return (
    `<g transform="translate(${round(x - shift)} ${round(y)}) scale(${scale})" fill="none" ` +
    `stroke="${colour}" stroke-width="${weight * 100}" stroke-linecap="round" ` +
    `stroke-linejoin="round">${paths.join('')}</g>`
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
