import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import {
  type CanonicalPicture,
  canonicalPicture,
  crop,
  type RgbPicture,
} from '../../../src/engine/intake/index.ts';
import { animatedGif, flat, limits, quarters, type Rgb } from './samples.ts';

const size = { width: 64, height: 64 };
const read = (bytes: Uint8Array) => canonicalPicture(bytes, { size, limits });

/** Colour at a relative place, 0 to 1, of the picture within its letterbox. */
function at(picture: CanonicalPicture, x: number, y: number): Rgb {
  return pixel(crop(picture, picture.crop), x, y);
}

function pixel({ rgb, width, height }: RgbPicture, x: number, y: number): Rgb {
  const start = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
  return [...rgb.subarray(start, start + 3)] as Rgb;
}

function expectColour(found: Rgb, wanted: Rgb, tolerance = 12): void {
  const off = found.map((value, i) => Math.abs(value - (wanted[i] ?? 0)));
  expect(Math.max(...off), `${found} is not ${wanted}`).toBeLessThanOrEqual(tolerance);
}

/** The four quarters, in reading order. */
const corners = (picture: CanonicalPicture): Rgb[] => [
  at(picture, 0.25, 0.25),
  at(picture, 0.75, 0.25),
  at(picture, 0.25, 0.75),
  at(picture, 0.75, 0.75),
];
const [red, green, blue, yellow]: [Rgb, Rgb, Rgb, Rgb] = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [220, 220, 30],
];

describe('a canonical picture', () => {
  test('has the model size and, at that size already, every pixel as it was', async () => {
    const rgb = await quarters(64, 64).raw().toBuffer();
    const picture = await read(await quarters(64, 64).png().toBuffer());
    expect(picture).toMatchObject({ ...size, crop: { left: 0, top: 0, ...size } });
    expect(Buffer.from(picture.rgb).equals(rgb)).toBe(true);
    expect(picture.sha256).toBe(createHash('sha256').update(rgb).digest('hex'));
  });

  test.each(['jpeg', 'png', 'webp', 'gif'] as const)('is read from %s', async (format) => {
    const picture = await read(await quarters(90, 60).toFormat(format).toBuffer());
    expect(picture.origin).toEqual({ format, width: 90, height: 60, notes: [] });
    for (const [i, colour] of [red, green, blue, yellow].entries()) {
      expectColour(corners(picture)[i] as Rgb, colour, 20);
    }
  });

  test('is the same on every run', async () => {
    const bytes = await quarters(333, 217).jpeg().toBuffer();
    const [first, second] = [await read(bytes), await read(bytes)];
    expect(first.rgb).toEqual(second.rgb);
    expect(first.sha256).toBe(second.sha256);
  });

  test.each([
    [200, 100, { left: 0, top: 16, width: 64, height: 32 }],
    [100, 200, { left: 16, top: 0, width: 32, height: 64 }],
    [32, 16, { left: 0, top: 16, width: 64, height: 32 }],
    [1000, 333, { left: 0, top: 21, width: 64, height: 21 }],
  ])('of %i x %i remembers where it lies', async (width, height, box) => {
    const picture = await read(await quarters(width, height).png().toBuffer());
    expect(picture.crop).toEqual(box);
    expect(crop(picture, picture.crop)).toMatchObject({ width: box.width, height: box.height });
  });
});

describe('what a file carries besides pixels', () => {
  test.each([
    [1, [red, green, blue, yellow]],
    [2, [green, red, yellow, blue]],
    [3, [yellow, blue, green, red]],
    [4, [blue, yellow, red, green]],
    [5, [red, blue, green, yellow]],
    [6, [blue, red, yellow, green]],
    [7, [yellow, green, blue, red]],
    [8, [green, yellow, red, blue]],
  ] as const)('EXIF orientation %i is applied', async (orientation, wanted) => {
    const picture = await read(
      await quarters(80, 40).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer(),
    );
    const upright = orientation < 5;
    expect(picture.origin).toMatchObject(
      upright ? { width: 80, height: 40 } : { width: 40, height: 80 },
    );
    expect(picture.crop).toMatchObject(upright ? { top: 16 } : { left: 16 });
    for (const [i, colour] of wanted.entries()) expectColour(corners(picture)[i] as Rgb, colour);
  });

  test('a colour profile is applied: a P3 file looks as its sRGB original', async () => {
    const bytes = await quarters(64, 64).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(Math.abs((stored[0] ?? 0) - 220)).toBeGreaterThan(10); // the file's numbers differ
    for (const [i, colour] of [red, green, blue, yellow].entries()) {
      expectColour(corners(await read(bytes))[i] as Rgb, colour, 3);
    }
  });

  test('CMYK becomes sRGB', async () => {
    const bytes = await quarters(64, 64).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const picture = await read(bytes);
    expect(picture.origin.notes).toEqual(['cmyk']);
    expectColour(at(picture, 0.25, 0.25), red, 40); // print colours are duller
    expectColour(at(picture, 0.75, 0.75), yellow, 40);
  });

  test('16 bits a channel become 8', async () => {
    const raw = { width: 32, height: 32, channels: 3 } as const;
    const values = new Uint16Array(32 * 32 * 3).fill(0x8080);
    const bytes = await sharp(values, { raw }).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    const picture = await read(bytes);
    expect(picture.origin.notes).toEqual(['deep']);
    expectColour(at(picture, 0.5, 0.5), [128, 128, 128], 1);
  });

  test('grey becomes three equal channels', async () => {
    const picture = await read(await flat(40, 40, '#777777').greyscale().png().toBuffer());
    expectColour(at(picture, 0.5, 0.5), [119, 119, 119], 1);
  });

  test('transparency lies on white', async () => {
    const clear = { width: 40, height: 40, channels: 4, background: '#ff000080' } as const;
    const picture = await read(await sharp({ create: clear }).png().toBuffer());
    expectColour(at(picture, 0.5, 0.5), [255, 127, 127], 2);
  });

  test('of an animation the first frame is read, and it is said', async () => {
    const picture = await read(await animatedGif());
    expect(picture.origin).toEqual({ format: 'gif', width: 40, height: 30, notes: ['animated'] });
    expectColour(at(picture, 0.5, 0.5), [255, 0, 0], 2);
  });
});
