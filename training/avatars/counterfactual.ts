/**
 * Where in a picture a word shows: the difference to the same look with one word changed.
 *
 * A mouth is a hundredth of a picture. A loss that counts all pixels alike all but passes over it,
 * so the trainers weigh these places more.
 */
import type { Attributes, Slot } from './attributes.ts';
import { drawPixels, isDrawable, isHeldOut, type Look, looksDifferent, SIZE } from './avatar.ts';
import type { Random } from './random.ts';
import { wordsOf } from './styles.ts';

/** Side of a map in cells of {@link CELL} pixels. */
export const SIDE = 32;
const CELL = SIZE / SIDE;
/** Maps a picture: of its mouth, and of one other word of its shapes. */
export const MAPS = 2;
/** Colours are left out: they fill most of a picture, and are learnt first. */
const SHAPES: readonly Slot[] = ['eyewear', 'beard', 'hair', 'headwear'];

/**
 * Draws the maps of a picture, [{@link MAPS}, 32, 32] bytes: the share of a cell's pixels that
 * change, times 255. All 0 where a style has no other word. Words that would make a held-out
 * attribute set are not drawn unless the picture's own is one.
 */
export async function drawMaps(
  attributes: Attributes,
  look: Look,
  picture: Uint8Array,
  random: Random,
): Promise<Uint8Array> {
  const able = SHAPES.filter((slot) => others(attributes, slot).length > 0);
  const slots: (Slot | undefined)[] = ['mouth', able.length > 0 ? random.pick(able) : undefined];
  const maps = new Uint8Array(MAPS * SIDE * SIDE);
  for (const [i, slot] of slots.entries()) {
    const words = slot ? others(attributes, slot) : [];
    if (!slot || words.length === 0) continue;
    const changed = await drawPixels({ ...attributes, [slot]: random.pick(words) }, look);
    maps.set(changedShares(picture, changed), i * SIDE * SIDE);
  }
  return maps;
}

function others(attributes: Attributes, slot: Slot): string[] {
  const allowed = (words: Attributes) =>
    isDrawable(words) && (isHeldOut(attributes) || !isHeldOut(words));
  return wordsOf(attributes.style, slot).filter(
    (word) => word !== attributes[slot] && allowed({ ...attributes, [slot]: word }),
  );
}

/** Two pictures as {@link SIZE} x {@link SIZE} RGB bytes -> [32, 32] bytes, 255 where all of a cell differs. */
export function changedShares(a: Uint8Array, b: Uint8Array): Uint8Array {
  const counts = new Uint16Array(SIDE * SIDE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    if (!looksDifferent(a, b, i)) continue;
    const cell = Math.floor(i / SIZE / CELL) * SIDE + Math.floor((i % SIZE) / CELL);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return Uint8Array.from(counts, (count) => Math.round((255 * count) / CELL ** 2));
}
