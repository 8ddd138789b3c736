import sharp from 'sharp';
import type { ErrorCode } from '../../../src/errors.ts';
import { flat, hugePng, quarters } from './samples.ts';

/** Bytes that every decoder refuses. */

export const latin = (text: string) => Buffer.from(text, 'latin1');
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2));
export const noise = (format: 'jpeg' | 'png' | 'webp' | 'gif', side = 300) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: '#888888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .toFormat(format)
    .toBuffer();

/** name, bytes, code, and a word that the text must have. */
export const bad: [string, () => Buffer | Promise<Buffer>, ErrorCode, RegExp][] = [
  ['an empty file', () => Buffer.alloc(0), 'PICTURE_EMPTY', /no bytes/],
  ['text', () => latin('Hello, this is no picture.\n'), 'PICTURE_FORMAT', /is text/],
  ['SVG', () => latin('<?xml version="1.0"?>\n<svg xmlns="x"/>'), 'PICTURE_SVG', /SVG/],
  ['a web page', () => latin('<!DOCTYPE html><title>404'), 'PICTURE_FORMAT', /web page/],
  ['HEIC', () => latin('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'PICTURE_HEIC', /HEIC/],
  ['AVIF', () => latin('\0\0\0\x1cftypavif\0\0\0\0'), 'PICTURE_AVIF', /AVIF/],
  ['a video', () => latin('\0\0\0\x1cftypisom\0\0\0\0'), 'PICTURE_VIDEO', /video/],
  ['TIFF', () => quarters(40, 40).tiff().toBuffer(), 'PICTURE_TIFF', /TIFF/],
  ['PDF', () => latin('%PDF-1.7\n%\xe2\xe3'), 'PICTURE_PDF', /PDF/],
  ['BMP', () => latin('BM\x46\0\0\0'), 'PICTURE_FORMAT', /BMP/],
  ['an archive', () => latin('PK\x03\x04\x14\0'), 'PICTURE_FORMAT', /archive/],
  ['binary data', () => latin('\x01\x02\x03\x04garbage\0'), 'PICTURE_UNKNOWN', /PNG, JPEG/],
  ['1 x 1', () => flat(1, 1, '#fff').png().toBuffer(), 'PICTURE_TOO_SMALL', /1 x 1.* 16 or/],
  ['15 high', () => flat(90, 15, '#fff').png().toBuffer(), 'PICTURE_TOO_SMALL', /90 x 15/],
  ['20,000 x 20,000', () => hugePng(20000, 20000), 'PICTURE_TOO_LARGE', /20000 x 20000.*40 mil/],
  ['a ribbon', () => flat(900, 20, '#fff').png().toBuffer(), 'PICTURE_TOO_NARROW', /900 x 20/],
  ['27 MP of 16 bits', () => hugePng(6000, 4500, { bits: 16 }), 'PICTURE_UNPACKED', /162 MB.* 160/],
  [
    '30 MP in passes',
    () => hugePng(6000, 5000, { interlaced: true }),
    'PICTURE_INTERLACED',
    /90 MB/,
  ],
  ['half a JPEG', async () => half(await noise('jpeg')), 'PICTURE_BROKEN', /cut short/],
  ['half a PNG', async () => half(await noise('png')), 'PICTURE_BROKEN', /cut short/],
  ['half a WebP', async () => half(await noise('webp')), 'PICTURE_BROKEN', /cut short/],
  ['half a GIF', async () => half(await noise('gif', 60)), 'PICTURE_BROKEN', /cut short/],
  ['a PNG of no pixels', () => hugePng(64, 64), 'PICTURE_BROKEN', /damaged/],
  ['a signature alone', () => latin('\x89PNG\r\n\x1a\n'), 'PICTURE_BROKEN', /damaged/],
];
