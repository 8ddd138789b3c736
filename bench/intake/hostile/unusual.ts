import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngChunk, zeroPng } from '../png.ts';
import { frames, type Hostile, latin, noiseOf, scene } from './made.ts';

/** Pictures that are what they say, and rare; sizes at the limits and beyond. */
export async function* unusual(): AsyncGenerator<Hostile> {
  const file = (outcome: Hostile['outcome'], name: string, bytes: Uint8Array): Hostile => ({
    outcome,
    name: `unusual/${name}`,
    bytes,
  });
  const small = () => scene(96, 64);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const turned = small().withMetadata({ orientation });
    yield file('read', `orientation-${orientation}.jpg`, await turned.clone().jpeg().toBuffer());
    yield file('read', `orientation-${orientation}.webp`, await turned.clone().webp().toBuffer());
    yield file('read', `orientation-${orientation}.png`, await turned.png().toBuffer());
  }
  const jpeg = await small().jpeg().toBuffer();
  for (const value of [0, 9, 255, 65_535]) {
    yield file('read', `orientation-${value}.jpg`, withSegment(jpeg, 0xe1, exifOf(value)));
  }
  for (let i = 0; i < 10; i++) {
    const exif = Buffer.concat([exifOf(1).subarray(0, 6 + i * 2), noiseOf(`exif ${i}`, 300)]);
    yield file('read', `exif-of-noise-${i}.jpg`, withSegment(jpeg, 0xe1, exif));
    const icc = Buffer.concat([latin('ICC_PROFILE\0\x01\x01'), noiseOf(`icc ${i}`, i * 100)]);
    yield file('read', `profile-of-noise-${i}.jpg`, withSegment(jpeg, 0xe2, icc));
    const packed = deflateSync(noiseOf(`icc ${i}`, 132 + i * 100));
    const chunk = pngChunk('iCCP', Buffer.concat([latin('icc\0\0'), packed]));
    yield file('read', `profile-of-noise-${i}.png`, zeroPng({ width: 64, height: 64 }, [chunk]));
  }
  const wide = await small().withIccProfile('p3').jpeg().toBuffer();
  yield file('read', 'p3.jpg', wide);
  const print = await small().toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer();
  yield file('read', 'cmyk.jpg', print);
  const profile = (await sharp(print).metadata()).icc as Buffer;
  const short = Buffer.concat([latin('ICC_PROFILE\0\x01\x01'), profile.subarray(0, 5000)]);
  yield file('read', 'profile-of-print-cut.jpg', withSegment(jpeg, 0xe2, short));

  yield file('read', 'grey.jpg', await small().greyscale().jpeg().toBuffer());
  yield file('read', '16-bit.png', await small().toColourspace('rgb16').png().toBuffer());
  yield file('read', '2-colours.png', await small().png({ palette: true, colours: 2 }).toBuffer());
  yield file('read', 'clear.png', zeroPng({ width: 64, height: 64, channels: 4 }));
  yield file('read', 'animated.gif', await (await frames(5)).gif().toBuffer());
  yield file('read', 'animated.webp', await (await frames(5)).webp().toBuffer());

  const flat = async (width: number, height: number) =>
    await sharp({ create: { width, height, channels: 3, background: '#abcdef' } })
      .png()
      .toBuffer();
  yield file('PICTURE_TOO_SMALL', '1x1.png', await flat(1, 1));
  yield file('PICTURE_TOO_SMALL', '5000x1.png', await flat(5000, 1));
  yield file('read', '16x16.png', await flat(16, 16));
  yield file('read', '128x16.png', await flat(128, 16));
  yield file('PICTURE_TOO_NARROW', '16x129.png', await flat(16, 129));
  yield file('PICTURE_BROKEN', '0x0.png', zeroPng({ width: 0, height: 0 }));
  yield file('PICTURE_EMPTY', 'nothing.png', Buffer.alloc(0));
  yield file('PICTURE_UNKNOWN', 'one-zero.png', Buffer.alloc(1));
  yield file('PICTURE_UNKNOWN', 'zeros.jpg', Buffer.alloc(100_000));
  yield file('PICTURE_TOO_HEAVY', 'zeros.png', Buffer.alloc(25_000_001));
}

/** A JPEG with one more segment at its front. */
function withSegment(jpeg: Buffer, marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

/** EXIF that says an orientation and nothing else. */
function exifOf(orientation: number): Buffer {
  const entry = Buffer.from([1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0]);
  entry.writeUInt16BE(orientation, 8);
  return Buffer.concat([latin('Exif\0\0MM\0*\0\0\0\x08\0\x01'), entry, Buffer.alloc(4)]);
}
