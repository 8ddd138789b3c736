import { crc32, deflateSync } from 'node:zlib';

/** PNG files put together by hand, well-formed or not, as no encoder would write them. */
export interface PngShape {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. @default 8 */
  readonly bits?: 8 | 16;
  /** @default 3 */
  readonly channels?: 1 | 3 | 4;
  /** In the seven passes of Adam7. @default false */
  readonly interlaced?: boolean;
}

export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Column and row where each pass of Adam7 begins, and how far apart its pixels are. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A chunk with its length and checksum. */
export function pngChunk(name: string, data: Uint8Array = new Uint8Array()): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

export function pngHeader({ width, height, bits = 8, channels = 3, interlaced }: PngShape): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, { 1: 0, 3: 2, 4: 6 }[channels], 0, 0, interlaced ? 1 : 0], 8);
  return pngChunk('IHDR', header);
}

/** Bytes of the unpacked picture: each row of each pass, a filter byte before it. */
export function pngRawBytes({
  width,
  height,
  bits = 8,
  channels = 3,
  interlaced,
}: PngShape): number {
  const rows = (w: number, h: number) => (w > 0 ? h * (1 + (w * channels * bits) / 8) : 0);
  if (!interlaced) return rows(width, height);
  const sizes = passes.map(([x, y, across, down]) =>
    rows(Math.ceil((width - x) / across), Math.ceil((height - y) / down)),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * A whole picture of zeros: black, or clear where it has four channels. It packs a thousand to one.
 *
 * @param extra chunks between header and pixels
 */
export function zeroPng(shape: PngShape, extra: readonly Uint8Array[] = []): Buffer {
  const packed = deflateSync(Buffer.alloc(pngRawBytes(shape)), { level: 1 });
  return Buffer.concat([
    pngSignature,
    pngHeader(shape),
    ...extra,
    pngChunk('IDAT', packed),
    pngChunk('IEND'),
  ]);
}
