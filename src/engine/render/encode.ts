import sharp from 'sharp';
import type { RgbPicture } from '../intake/index.ts';

/** A picture as a PNG file's bytes: lossless, no metadata, the same bytes every time. */
export async function encodePng({ rgb, width, height }: RgbPicture): Promise<Uint8Array> {
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** The pixels of a PNG that `encodePng` made. */
export async function decodePng(png: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}
