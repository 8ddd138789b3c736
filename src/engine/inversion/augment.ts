import { stack } from '../models/batch.ts';
import type { Float32Tensor } from '../models/model.ts';
import { createRandom } from './random.ts';

/** Which variants of a picture Eq. 2 looks at besides the picture itself. */
export type AugmentOptions = {
  /** Mirrored left to right. */
  readonly flip: boolean;
  /** How many random crops, each resized to the full picture. */
  readonly crops: number;
  /** Share of the area that a crop keeps: drawn between these. */
  readonly area: readonly [least: number, most: number];
};

/** What the paper's code uses: original, mirror image, six crops. */
export const paperAugmentation: AugmentOptions = { flip: true, crops: 6, area: [0.85, 0.99] };
/** The picture alone. */
export const noAugmentation: AugmentOptions = { flip: false, crops: 0, area: [1, 1] };

/**
 * The picture and its variants, the picture first. Crops keep the aspect ratio; where they lie is
 * decided by the seed alone, so that A and A' are cropped alike.
 * @param pixels [1, 3, H, W]
 * @returns [1 + flip + crops, 3, H, W]
 */
export function augment(
  pixels: Float32Tensor,
  options: AugmentOptions,
  seed: number,
): Float32Tensor {
  const [, , height = 0, width = 0] = pixels.dims;
  const variants = [pixels.data];
  if (options.flip) variants.push(flip(pixels.data, width));
  for (let i = 0; i < options.crops; i++) {
    const random = createRandom(seed, 'crop', i);
    const [least, most] = options.area;
    const side = Math.sqrt(least + (most - least) * random.uniform());
    const box = {
      top: random.uniform() * (1 - side) * height,
      left: random.uniform() * (1 - side) * width,
      height: side * height,
      width: side * width,
    };
    variants.push(resizeCrop(pixels.data, height, width, box));
  }
  return stack(variants, pixels.dims.slice(1));
}

function flip(pixels: Float32Array, width: number): Float32Array {
  return pixels.map((_, i) => {
    const column = i % width;
    return pixels[i - column + (width - 1 - column)] as number;
  });
}

type Box = { top: number; left: number; height: number; width: number };

/** Bilinear, between the centres of pixels; edge pixels repeat outwards. */
function resizeCrop(pixels: Float32Array, height: number, width: number, box: Box): Float32Array {
  const rows = taps(height, box.top, box.height);
  const columns = taps(width, box.left, box.width);
  const area = height * width;
  return pixels.map((_, i) => {
    const plane = i - (i % area);
    const y = rows[Math.floor((i % area) / width)] as Tap;
    const x = columns[i % width] as Tap;
    const at = (row: number, column: number) => pixels[plane + row * width + column] as number;
    const upper = at(y.from, x.from) * (1 - x.share) + at(y.from, x.to) * x.share;
    const lower = at(y.to, x.from) * (1 - x.share) + at(y.to, x.to) * x.share;
    return upper * (1 - y.share) + lower * y.share;
  });
}

type Tap = { from: number; to: number; share: number };

function taps(size: number, start: number, length: number): Tap[] {
  return Array.from({ length: size }, (_, i) => {
    const centre = start + ((i + 0.5) * length) / size - 0.5;
    const inside = Math.min(Math.max(centre, 0), size - 1);
    const from = Math.floor(inside);
    return { from, to: Math.min(from + 1, size - 1), share: inside - from };
  });
}
