import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import type { ErrorCode } from '../../../src/errors.ts';

/** A file, and what must become of it. */
export interface Hostile {
  readonly outcome: 'read' | 'either' | ErrorCode;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const latin = (text: string) => Buffer.from(text, 'latin1');

/** So many bytes that look random; the same for the same name. */
export function noiseOf(name: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${name} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** A whole number from 0 to `below`; the same for the same name. */
export function drawOf(name: string, below: number): number {
  return noiseOf(name, 6).readUIntBE(0, 6) % below;
}

/** A picture of slopes and noise: enough in it for each format to have something to pack. */
export function scene(width: number, height: number): Sharp {
  const noise = noiseOf('scene', width * height);
  const rgb = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    rgb.set([(x * 255) / width, (y * 255) / height, (noise[i] ?? 0) / 4 + 96], i * 3);
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** Frames that differ, one below the other, as sharp takes animations. */
export async function frames(count: number): Promise<Sharp> {
  const pictures = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      scene(60, 40)
        .modulate({ hue: (i * 360) / count })
        .png()
        .toBuffer(),
    ),
  );
  return sharp(pictures, { join: { animated: true } });
}

/** Good files of the four formats, by what they are called. */
export async function goodFiles(): Promise<[name: string, bytes: Buffer][]> {
  const { width, height } = { width: 120, height: 90 };
  const small = () => scene(width, height);
  return await Promise.all(
    (
      [
        ['baseline.jpg', small().jpeg()],
        ['progressive.jpg', small().jpeg({ progressive: true, chromaSubsampling: '4:4:4' })],
        ['plain.png', small().png()],
        ['palette.png', small().png({ palette: true, colours: 32 })],
        ['interlaced16.png', small().toColourspace('rgb16').png({ progressive: true })],
        ['lossy.webp', small().webp()],
        ['lossless.webp', small().ensureAlpha(0.5).webp({ lossless: true })],
        ['still.gif', small().gif()],
        ['animated.gif', (await frames(3)).gif()],
      ] as [string, Sharp][]
    ).map(async ([name, made]): Promise<[string, Buffer]> => [name, await made.toBuffer()]),
  );
}
