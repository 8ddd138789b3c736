import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import type { PictureLimits } from '../../../src/engine/intake/index.ts';

/** Pictures made up for the tests: nothing here comes from a file. */

export const limits: PictureLimits = {
  megabytes: 10,
  megapixels: 40,
  minSide: 16,
  maxAspect: 8,
  unpackedMegabytes: 160,
  interlacedMegabytes: 80,
  unusual: 'convert',
};

export type Rgb = [number, number, number];

/** A picture of four quarters: red, green / blue, yellow. */
export function quarters(width: number, height: number): Sharp {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [top, left] = [y < height / 2, x < width / 2];
      const colour: Rgb = top
        ? left
          ? [220, 30, 30]
          : [30, 200, 30]
        : left
          ? [30, 30, 220]
          : [220, 220, 30];
      rgb.set(colour, (y * width + x) * 3);
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

export function flat(width: number, height: number, background: string): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

export async function animatedGif(): Promise<Buffer> {
  const frames = await Promise.all(
    ['#ff0000', '#00ff00', '#0000ff'].map((colour) => flat(40, 30, colour).png().toBuffer()),
  );
  return await sharp(frames, { join: { animated: true } })
    .gif({ delay: [80, 80, 80] })
    .toBuffer();
}

/** A PNG that says it is so large, in a few dozen bytes; RGB, of one depth or another. */
export function hugePng(
  width: number,
  height: number,
  { bits = 8, interlaced = false } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, 2, 0, 0, interlaced ? 1 : 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const empty = Buffer.from([0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', empty),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
