import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { canonicalPicture, readPicture } from '../../../src/engine/intake/index.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { latin, noise } from './bad.ts';
import { animatedGif, limits, quarters } from './samples.ts';

const size = { width: 64, height: 64 };

describe('refused bytes', () => {
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
