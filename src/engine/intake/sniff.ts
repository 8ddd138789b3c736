import type { PictureOrigin } from './picture.ts';

/** The codes of formats that are known and not read. */
export type FormatCode =
  | 'PICTURE_HEIC'
  | 'PICTURE_AVIF'
  | 'PICTURE_TIFF'
  | 'PICTURE_SVG'
  | 'PICTURE_PDF'
  | 'PICTURE_VIDEO'
  | 'PICTURE_FORMAT';

/** What a file is by its first bytes: a format that is read here, one known by name, or neither. */
export type Sniffed =
  | { kind: 'picture'; format: PictureOrigin['format'] }
  | { kind: 'other'; name: string; code: FormatCode }
  | { kind: 'unknown' };

const picture = (format: PictureOrigin['format']): Sniffed => ({ kind: 'picture', format });
const other = (name: string, code: FormatCode = 'PICTURE_FORMAT'): Sniffed => ({
  kind: 'other',
  name,
  code,
});
const tiff = other('a TIFF picture', 'PICTURE_TIFF');
const video = other('a video', 'PICTURE_VIDEO');

/** Signatures at fixed offsets, as latin-1; the first that fits wins. */
const signatures: [offset: number, signature: string, is: Sniffed][] = [
  [0, '\xff\xd8\xff', picture('jpeg')],
  [0, '\x89PNG\r\n\x1a\n', picture('png')],
  [0, 'GIF87a', picture('gif')],
  [0, 'GIF89a', picture('gif')],
  [8, 'WEBP', picture('webp')],
  [0, 'II*\0', tiff],
  [0, 'MM\0*', tiff],
  [0, 'II+\0', tiff],
  [0, 'MM\0+', tiff],
  [0, '%PDF', other('a PDF document', 'PICTURE_PDF')],
  [0, '8BPS', other('a Photoshop file')],
  [0, 'BM', other('a BMP picture')],
  [0, '\0\0\x01\0', other('an icon file')],
  [0, '\xff\x0a', other('a JPEG XL picture')],
  [0, '\0\0\0\x0cJXL ', other('a JPEG XL picture')],
  [0, '\0\0\0\x0cjP  ', other('a JPEG 2000 picture')],
  [0, '\x1aE\xdf\xa3', video],
  [0, 'PK\x03\x04', other('an archive or a document')],
];

/** Brands of the ISO media container, the four bytes after `ftyp`; others are videos. */
const brands: [RegExp, Sniffed][] = [
  [/^(heic|heix|heim|heis|hevc|hevx|mif1|msf1|heif)/, other('a HEIC picture', 'PICTURE_HEIC')],
  [/^(avif|avis)/, other('an AVIF picture', 'PICTURE_AVIF')],
];

/** Names a file by its first bytes; its name and what its sender says of it count for nothing. */
export function sniff(bytes: Uint8Array): Sniffed {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const latin = head.toString('latin1');
  if (latin.startsWith('ftyp', 4)) {
    const brand = latin.slice(8, 12);
    return brands.find(([pattern]) => pattern.test(brand))?.[1] ?? video;
  }
  for (const [offset, signature, is] of signatures) {
    if (latin.startsWith(signature, offset)) return is;
  }
  return sniffText(latin);
}

function sniffText(latin: string): Sniffed {
  const text = latin.replace(/^\xef\xbb\xbf/, '');
  if (/<svg[\s>]/i.test(text)) return other('an SVG drawing', 'PICTURE_SVG');
  if (/^\s*<(!doctype html|html)/i.test(text)) return other('a web page');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: binary data is told by them
  return /[\0-\x08\x0e-\x1f]/.test(text) ? { kind: 'unknown' } : other('text');
}
