import sharp from 'sharp';
import type { RgbPicture, Size } from '../intake/index.ts';
import { formatDial } from './drawing.ts';
import { fitted } from './layout.ts';
import { drawText, textWidth } from './lettering.ts';

export interface AnimationFrame {
  /** Strength of the analogy, lambda of Eq. 1. */
  lambda: number;
  /** B' at that strength. */
  picture: RgbPicture;
}

export interface AnimationOptions {
  /** WebP: all colours, small files. GIF: 256 colours a frame, for where WebP does not move. */
  format: 'webp' | 'gif';
  /** Longer side of the picture, pixels. @default 256 */
  side?: number;
  /** Say the strength under the picture, and show where in the sweep it is. @default true */
  label?: boolean;
}

/** How long a strength stays, ms; the weakest and the strongest, where the sweep turns, longer. */
const passing = 320;
const turning = 960;

const colours = { card: '#edecea', ink: '#2b2c34', muted: '#b9b9be', accent: '#5a55d6' };

/**
 * The sweep through the strengths, from the weakest to the strongest and back, for ever. Frames may
 * come in any order. The same content gives the same bytes.
 *
 * @returns bytes of a WebP or GIF file; of n strengths it has 2n - 2 frames, for n = 1 a single one
 * @throws RangeError if there is no frame, if a strength comes twice or is not a finite number, if
 *   sizes differ, or if `side` is not an integer from 16 to 2048
 */
export async function renderAnimation(
  frames: readonly AnimationFrame[],
  options: AnimationOptions,
): Promise<Uint8Array> {
  const { format, side = 256, label = true } = options;
  const [first, ...others] = sorted(frames);
  if (!first) throw new RangeError('an animation needs a frame');
  if (!Number.isInteger(side) || side < 16 || side > 2048) {
    throw new RangeError(`the side of an animation is an integer from 16 to 2048, not ${side}`);
  }
  const { width, height } = first.picture;
  if (others.some(({ picture }) => picture.width !== width || picture.height !== height)) {
    throw new RangeError('the frames of an animation must all have the same size');
  }
  const there = [first, ...others];
  const place = placeOf({ width, height }, side, label ? there.map(({ lambda }) => lambda) : []);
  const drawn = await Promise.all(there.map((frame) => drawFrame(frame, place)));

  // Back again without the strongest and the weakest, which the loop would show twice.
  const pages = [...drawn, ...drawn.slice(1, -1).reverse()];
  const delay = pages.map((_, i) => (i === 0 || i === drawn.length - 1 ? turning : passing));
  const film = sharp(Buffer.concat(pages), {
    raw: {
      width: place.width,
      height: place.height * pages.length,
      channels: 3,
      pageHeight: place.height,
    },
  });
  const shown = { loop: 0, delay };
  return format === 'gif'
    ? await film.gif({ ...shown, effort: 4, dither: 1, keepDuplicateFrames: true }).toBuffer()
    : await film.webp({ ...shown, quality: 90, smartSubsample: true, effort: 4 }).toBuffer();
}

/** Where the picture and its label stand in a frame. */
interface Place extends Size {
  picture: Size;
  unit: number;
  /** The strengths of the sweep, ascending; none where nothing is said of them. */
  lambdas: readonly number[];
}

function placeOf(size: Size, side: number, lambdas: readonly number[]): Place {
  const unit = side / 256;
  const picture = fitted(size, side);
  if (lambdas.length === 0) return { ...picture, picture, unit, lambdas };
  const widest = Math.max(...lambdas.map((lambda) => textWidth(labelOf(lambda), 22 * unit)));
  return {
    width: Math.max(picture.width, Math.ceil(widest + 40 * unit)),
    height: picture.height + Math.round(76 * unit),
    picture,
    unit,
    lambdas,
  };
}

/** RGB bytes of a frame. */
async function drawFrame({ lambda, picture }: AnimationFrame, place: Place): Promise<Buffer> {
  const { width, height } = place.picture;
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const scaled = await sharp(picture.rgb, { raw })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  if (place.lambdas.length === 0) return scaled;
  const left = Math.round((place.width - width) / 2);
  return await sharp(Buffer.from(drawCaption(lambda, place)))
    .composite([{ input: scaled, raw: { width, height, channels: 3 }, left, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** The card, the strength in words, and its place between the weakest and the strongest. */
function drawCaption(lambda: number, { width, height, picture, unit, lambdas }: Place): string {
  const middle = width / 2;
  const words = drawText(labelOf(lambda), middle, picture.height + 40 * unit, {
    size: 22 * unit,
    weight: 0.13,
    colour: colours.ink,
    anchor: 'middle',
  });
  const [least, most] = [lambdas[0] as number, lambdas.at(-1) as number];
  const [from, y, reach] = [24 * unit, picture.height + 60 * unit, width - 48 * unit];
  const at = (value: number) => from + (reach * (value - least)) / (most - least);
  const track =
    most > least
      ? `<path d="M${from} ${y}h${reach}" stroke="${colours.muted}" stroke-width="${4 * unit}" stroke-linecap="round"/>` +
        `<circle cx="${at(lambda)}" cy="${y}" r="${7 * unit}" fill="${colours.accent}"/>`
      : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="${width}" height="${height}" fill="${colours.card}"/>${words}${track}</svg>`
  );
}

function labelOf(lambda: number): string {
  return `λ ${formatDial(lambda)}`;
}

function sorted(frames: readonly AnimationFrame[]): AnimationFrame[] {
  const seen = new Set<number>();
  for (const { lambda } of frames) {
    if (!Number.isFinite(lambda) || seen.has(lambda)) {
      throw new RangeError(`strength ${lambda} comes twice, or is not a number`);
    }
    seen.add(lambda);
  }
  return frames.toSorted((a, b) => a.lambda - b.lambda);
}
