import type { RgbPicture, Size } from './picture.ts';

/**
 * 8-bit RGB to what the model reads.
 *
 * @returns [3, height, width], RGB, in [-1, 1]: v / 127.5 - 1
 */
export function toModelPixels({ rgb, width, height }: RgbPicture): Float32Array {
  const plane = width * height;
  const pixels = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[channel * plane + i] = (rgb[i * 3 + channel] ?? 0) / 127.5 - 1;
    }
  }
  return pixels;
}

/**
 * What the model drew to 8-bit RGB, the inverse of {@link toModelPixels}: values outside [-1, 1]
 * are clipped, values between two levels go to the nearer one.
 *
 * @param pixels [3, height, width]
 */
export function fromModelPixels(pixels: Float32Array, { width, height }: Size): RgbPicture {
  const plane = width * height;
  if (pixels.length !== 3 * plane) {
    throw new RangeError(`${pixels.length} values are no [3, ${height}, ${width}]`);
  }
  const rgb = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = ((pixels[channel * plane + i] ?? 0) + 1) * 127.5;
      rgb[i * 3 + channel] = Math.round(Math.min(255, Math.max(0, value)));
    }
  }
  return { rgb, width, height };
}
