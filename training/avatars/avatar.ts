/** From attributes to pixels: what an avatar's look is made of, and how it is drawn. */
import { createHash } from 'node:crypto';
import { createAvatar } from '@dicebear/core';
import sharp from 'sharp';
import {
  type Attributes,
  BACKGROUND_COLOURS,
  CLOTHES_COLOURS,
  caption,
  HAIR_COLOURS,
  SKIN_COLOURS,
  SLOTS,
  type Slot,
} from './attributes.ts';
import { createRandom, type Random } from './random.ts';
import { type Options, STYLES, wordsOf } from './styles.ts';

/** Side of a picture in pixels. */
export const SIZE = 128;

/**
 * Everything about an avatar that its attributes don't say. Two avatars of the same look and
 * attributes that differ in one word are an exact before and after.
 */
export interface Look {
  /** Options that no word names, one value each, by style. */
  readonly unnamed: Options;
  /** Per cent of the style's own size, and shifts in per cent of the picture. */
  readonly scale: number;
  readonly translateX: number;
  readonly translateY: number;
  readonly flip: boolean;
  /** Added to each named colour's channels, by slot, in 8-bit steps. */
  readonly jitter: Readonly<
    Record<'skin' | 'hairColour' | 'background' | 'clothes', readonly number[]>
  >;
}

/** Draws a random look for `style`. */
export function randomLook(style: string, random: Random): Look {
  const entry = STYLES[style];
  if (!entry) throw new Error(`no such style: ${style}`);
  const shift = () => [0, 0, 0].map(() => Math.round(random.between(-10, 10)));
  return {
    unnamed: Object.fromEntries(
      Object.entries(entry.unnamed).map(([name, values]) => [name, [random.pick(values)]]),
    ),
    scale: Math.round(random.between(82, 104)),
    translateX: Math.round(random.between(-7, 7)),
    translateY: Math.round(random.between(-3, 7)),
    flip: random.next() < 0.5,
    jitter: { skin: shift(), hairColour: shift(), background: shift(), clothes: shift() },
  };
}

/** Draws random attributes of `style`, or of any style; words that can't be drawn together never come. */
export function randomAttributes(
  random: Random,
  style = random.pick(wordsOf('micah', 'style')),
): Attributes {
  for (;;) {
    const words = Object.fromEntries(
      SLOTS.map((slot) => [slot, slot === 'style' ? style : random.pick(likely(style, slot))]),
    ) as Record<Slot, string>;
    if (isDrawable(words)) return words;
  }
}

/** Half the weight on "nothing worn", so that faces stay plain more often than not. */
function likely(style: string, slot: Slot): readonly string[] {
  const words = wordsOf(style, slot);
  if (slot !== 'beard' && slot !== 'headwear' && slot !== 'eyewear') return words;
  return [...words, ...words.slice(1).map(() => 'none')];
}

export function isDrawable(words: Attributes): boolean {
  return !STYLES[words.style]?.excludes?.(words);
}

/** One attribute set in ten is held out: training never sees it, whatever its look. */
export function isHeldOut(attributes: Attributes): boolean {
  return (createHash('sha256').update(caption(attributes)).digest()[0] ?? 0) < 26;
}

/** Levels of 255 by which a channel must differ for a pixel to look different. */
export const VISIBLE_LEVELS = 24;

/** Whether pixel i of two RGB pictures looks different: by {@link VISIBLE_LEVELS} or more in some channel. */
export function looksDifferent(a: Uint8Array, b: Uint8Array, i: number): boolean {
  const apart = (c: number) => Math.abs((a[3 * i + c] as number) - (b[3 * i + c] as number));
  return Math.max(apart(0), apart(1), apart(2)) >= VISIBLE_LEVELS;
}

/** Draws the avatar as SVG, {@link SIZE} units a side. */
export function drawSvg(attributes: Attributes, look: Look): string {
  const entry = STYLES[attributes.style];
  if (!entry) throw new Error(`no such style: ${attributes.style}`);
  const words = entry.words;
  const colour = (slot: keyof Look['jitter'], table: Readonly<Record<string, string>>) =>
    shifted(table[attributes[slot]] ?? 'ffffff', look.jitter[slot]);
  const options: Options = {
    seed: 'likewise',
    size: SIZE,
    ...entry.fixed,
    ...look.unnamed,
    scale: look.scale,
    translateX: look.translateX,
    translateY: look.translateY,
    flip: look.flip,
    backgroundColor: [colour('background', BACKGROUND_COLOURS)],
  };
  for (const slot of ['hair', 'mouth', 'eyewear', 'beard', 'headwear'] as const)
    Object.assign(options, words[slot][attributes[slot]]);
  const colours = {
    skin: colour('skin', SKIN_COLOURS),
    hairColour: colour('hairColour', HAIR_COLOURS),
    clothes: colour('clothes', CLOTHES_COLOURS),
  };
  for (const slot of ['skin', 'hairColour', 'clothes'] as const)
    for (const name of entry.colours[slot] ?? []) options[name] = [colours[slot]];
  return createAvatar(entry.style, options).toString();
}

/** Draws the avatar as {@link SIZE} x {@link SIZE} RGB bytes, row by row. */
export async function drawPixels(attributes: Attributes, look: Look): Promise<Uint8Array> {
  const svg = Buffer.from(drawSvg(attributes, look));
  const pixels = await sharp(svg, { density: 72 })
    .resize(SIZE, SIZE)
    .flatten({ background: '#ffffff' })
    .removeAlpha()
    .raw()
    .toBuffer();
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

function shifted(hex: string, by: readonly number[]): string {
  return [0, 1, 2]
    .map((i) => {
      const value = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16) + (by[i] ?? 0);
      return Math.min(255, Math.max(0, value)).toString(16).padStart(2, '0');
    })
    .join('');
}

export { createRandom };
