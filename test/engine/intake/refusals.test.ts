import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { canonicalPicture, readPicture } from '../../../src/engine/intake/index.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { animatedGif, flat, hugePng, limits, quarters } from './samples.ts';

const size = { width: 64, height: 64 };
const latin = (text: string) => Buffer.from(text, 'latin1');
const half = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2));
const noise = (format: 'jpeg' | 'png' | 'webp' | 'gif') =>
  sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: '#888888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .toFormat(format)
    .toBuffer();

/** name, bytes, code, and a word that the text must have. */
const bad: [string, () => Buffer | Promise<Buffer>, ErrorCode, RegExp][] = [
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
  ['half a GIF', async () => half(await noise('gif')), 'PICTURE_BROKEN', /cut short/],
  ['a PNG of no pixels', () => hugePng(64, 64), 'PICTURE_BROKEN', /damaged/],
  ['a signature alone', () => latin('\x89PNG\r\n\x1a\n'), 'PICTURE_BROKEN', /damaged/],
];

describe('refused bytes', () => {
  test.each(bad)('%s', async (_, make, code, words) => {
    const error = await refusal(canonicalPicture(await make(), { size, limits, name: 'B' }));
    expect(error).toMatchObject({ code, exitStatus: 2 });
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(/^B (is|unpacks) /);
  });

  test('more bytes than the limit', async () => {
    const bytes = await noise('png');
    const tight = { ...limits, megabytes: 0.1 };
    const error = await refusal(canonicalPicture(bytes, { size, limits: tight }));
    expect(error.code).toBe('PICTURE_TOO_HEAVY');
  });

  test('animated, CMYK and 16-bit pictures, where the settings say so', async () => {
    const strict = { size, limits: { ...limits, unusual: 'refuse' as const } };
    const cmyk = await quarters(64, 64).toColourspace('cmyk').jpeg().toBuffer();
    const deep = await quarters(64, 64).toColourspace('rgb16').png().toBuffer();
    for (const [bytes, trait] of [
      [await animatedGif(), /animated/],
      [cmyk, /CMYK/],
      [deep, /16 bits/],
    ] as const) {
      const error = await refusal(canonicalPicture(bytes, strict));
      expect(error.code).toBe('PICTURE_UNUSUAL');
      expect(error.message).toMatch(trait);
    }
  });

  test('any bytes after a signature: read, or refused with a code, never a crash', async () => {
    const heads = ['\xff\xd8\xff\xe0', '\x89PNG\r\n\x1a\n', 'GIF89a', 'RIFF\x40\0\0\0WEBPVP8 ', ''];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...heads),
        fc.uint8Array({ maxLength: 400 }),
        async (head, tail) => {
          const bytes = Buffer.concat([latin(head), tail]);
          const error = await refusal(canonicalPicture(bytes, { size, limits }));
          expect(error.code).toMatch(/^PICTURE_/);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test('one wrong byte anywhere in a good file: read, or refused with a code', async () => {
    const good = await quarters(48, 48).jpeg().toBuffer();
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (place, value) => {
        const bytes = Buffer.from(good);
        bytes[place] = value;
        await canonicalPicture(bytes, { size, limits }).catch((error) => {
          expect(error).toBeInstanceOf(LikewiseError);
        });
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('nothing once it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const bytes = await quarters(48, 48).png().toBuffer();
    await expect(canonicalPicture(bytes, { size, limits, signal })).rejects.toThrow('enough');
  });
});

describe('refused files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-intake-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const read = (path: string) => refusal(readPicture(path, { size, limits, name: "A'" }));

  test('a missing one is named', async () => {
    const error = await read(join(dir, 'none.png'));
    expect(error.code).toBe('PICTURE_MISSING');
    expect(error.message).toMatch(
      /^A' \(.*none\.png\) cannot be read: there is no such file\. Check/,
    );
  });

  test('a folder', async () => {
    expect((await read(dir)).message).toMatch(/it is a folder/);
  });

  test.skipIf(process.platform === 'win32')('a pipe that nobody writes to', async () => {
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    expect((await read(join(dir, 'pipe'))).message).toMatch(/not a file/);
  });

  test('one over the limit is not even read', async () => {
    writeFileSync(join(dir, 'big.png'), Buffer.alloc(10_000_001));
    expect((await read(join(dir, 'big.png'))).code).toBe('PICTURE_TOO_HEAVY');
  });

  test('while a good one passes', async () => {
    const path = join(dir, 'good.png');
    await quarters(64, 64).toFile(path);
    expect(await readPicture(path, { size, limits })).toMatchObject(size);
  });
});

async function refusal(promise: Promise<unknown>): Promise<LikewiseError> {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LikewiseError);
  return error as LikewiseError;
}
