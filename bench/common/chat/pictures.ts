import { encodePng } from '../../../src/engine/render/index.ts';
import type { Upload } from '../../../test/bots/discord/twin/shapes.ts';

/** Sizes of what members send. */
const sizes = [
  [256, 256],
  [320, 240],
  [240, 320],
] as const;

/** A picture that nobody has sent before: soft colours, of a number. */
export async function pictureOf(n: number): Promise<Upload> {
  const [width, height] = sizes[n % sizes.length] ?? sizes[0];
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < rgb.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    rgb[i] = 127 + 120 * Math.sin(n * 0.7 + (i % 3) + x / (9 + (n % 31)) + y / 40);
  }
  // The number itself, so that no two are the same.
  rgb.set([n & 255, (n >> 8) & 255, (n >> 16) & 255]);
  return {
    name: `picture-${n}.png`,
    bytes: await encodePng({ rgb, width, height }),
    width,
    height,
  };
}
