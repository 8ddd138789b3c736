import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type PngShape, pngChunk, pngHeader, pngSignature, zeroPng } from '../png.ts';
import { frames, goodFiles, type Hostile, latin, scene } from './made.ts';

const zeros = () => deflateSync(Buffer.alloc(64e6), { level: 9 });

/** A PNG that says what it is and then has next to nothing. */
const claims = (shape: PngShape) =>
  Buffer.concat([
    pngSignature,
    pngHeader(shape),
    pngChunk('IDAT', deflateSync(Buffer.alloc(8))),
    pngChunk('IEND'),
  ]);

/** Little that becomes much. */
export async function* bombs(): AsyncGenerator<Hostile> {
  const file = (outcome: Hostile['outcome'], name: string, bytes: Uint8Array): Hostile => ({
    outcome,
    name: `bomb/${name}`,
    bytes,
  });
  const square = (side: number) => ({ width: side, height: side });

  yield file('PICTURE_TOO_LARGE', '256mp.png', zeroPng({ ...square(16000), channels: 1 }));
  yield file('PICTURE_TOO_LARGE', 'claims.png', claims(square(100_000)));
  yield file('PICTURE_BROKEN', 'claims-too-much.png', claims(square(0x7fffffff)));
  yield file(
    'PICTURE_UNPACKED',
    '48mp-16-bit.png',
    claims({ width: 8000, height: 6000, bits: 16 }),
  );
  const passes = { interlaced: true, bits: 16, channels: 4 } as const;
  yield file('PICTURE_INTERLACED', '25mp-16-bit.png', zeroPng({ ...square(5000), ...passes }));
  yield file('PICTURE_INTERLACED', 'claims-16-bit.png', claims({ ...square(4000), ...passes }));
  yield file('PICTURE_BROKEN', 'nothing-after.png', claims(square(6000)));
  // The worst that the limits let through.
  yield file('read', '12mp-16-bit-interlaced.png', zeroPng({ ...square(3500), ...passes }));
  yield file('read', '33mp-interlaced.png', zeroPng({ ...square(5700), interlaced: true }));
  yield file('read', '49mp.png', zeroPng({ ...square(7000), channels: 4 }));

  const text = Buffer.concat([latin('Comment\0\0'), zeros()]);
  const profile = Buffer.concat([latin('icc\0\0'), zeros()]);
  yield file('either', 'text.png', zeroPng(square(64), [pngChunk('zTXt', text)]));
  yield file('either', 'profile.png', zeroPng(square(64), [pngChunk('iCCP', profile)]));
  const chunks = Array.from({ length: 20_000 }, (_, i) => pngChunk('tEXt', latin(`k${i}\0v`)));
  yield file('either', 'chunks.png', zeroPng(square(64), chunks));

  const good = new Map(await goodFiles());
  const patched = (name: string, at: number, bytes: number[]) => {
    const copy = Buffer.from(good.get(name) as Buffer);
    copy.set(bytes, at);
    return copy;
  };
  const frame = (good.get('baseline.jpg') as Buffer).indexOf(Buffer.from([0xff, 0xc0]));
  const large = patched('baseline.jpg', frame + 5, [0xff, 0xdc, 0xff, 0xdc]);
  yield file('PICTURE_TOO_LARGE', 'claims.jpg', large);
  const picture = (good.get('still.gif') as Buffer).indexOf(0x2c, 13 + 3 * 256);
  const all = [0xff, 0xff, 0xff, 0xff];
  const screen = patched('still.gif', 6, all);
  yield file('either', 'claims-screen.gif', screen);
  screen.set(all, picture + 5);
  yield file('PICTURE_TOO_LARGE', 'claims.gif', screen);
  yield file('either', 'frame-beyond-its-screen.gif', patched('still.gif', 6, [20, 0, 20, 0]));
  const vp8 = patched('lossy.webp', 26, [0xff, 0x3f, 0xff, 0x3f]);
  yield file('either', 'claims.webp', vp8);

  yield file('read', '3000-frames.gif', many(await (await frames(2)).gif().toBuffer(), 1500));
  // Each scan goes over every coefficient once more.
  const plain = { width: 6000, height: 5000, channels: 3, background: '#405060' } as const;
  const flat = await sharp({ create: plain }).jpeg({ progressive: true }).toBuffer();
  const last = flat.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = flat.subarray(last, -2);
  const scans = Array<Buffer>(Math.floor(15e6 / scan.length)).fill(scan);
  yield file(
    'either',
    'scans.jpg',
    Buffer.concat([flat.subarray(0, last), ...scans, flat.subarray(-2)]),
  );
  const jpeg = await scene(200, 150).jpeg().toBuffer();
  const comments = Array.from({ length: 200 }, () =>
    Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65_533, 0x20)]),
  );
  const [head, rest] = [jpeg.subarray(0, 2), jpeg.subarray(2)];
  yield file('read', '13mb-of-comments.jpg', Buffer.concat([head, ...comments, rest]));
}

/** A GIF whose frames come so many times. */
function many(gif: Buffer, times: number): Buffer {
  // The first frame begins at its graphic control extension.
  const start = gif.indexOf(Buffer.from([0x21, 0xf9, 0x04]));
  const body = gif.subarray(start, -1);
  return Buffer.concat([gif.subarray(0, start), ...Array(times).fill(body), gif.subarray(-1)]);
}
