import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Attributes,
  BACKGROUND_COLOURS,
  caption,
  parseCaption,
  SLOTS,
} from '../../training/avatars/attributes.ts';
import {
  createRandom,
  drawPixels,
  drawSvg,
  isDrawable,
  isHeldOut,
  randomAttributes,
  randomLook,
  SIZE,
} from '../../training/avatars/avatar.ts';
import { STYLES, wordsOf } from '../../training/avatars/styles.ts';

const styles = Object.keys(STYLES);
const drawn: Attributes[] = [];
beforeAll(() => {
  const random = createRandom(7);
  for (let i = 0; i < 4000; i++) drawn.push(randomAttributes(random));
});

/** Attributes of a style with the first word of every slot, but for one. */
function plain(style: string, slot?: (typeof SLOTS)[number], word?: string): Attributes {
  const words = SLOTS.map((s) => [s, s === 'style' ? style : (wordsOf(style, s)[0] as string)]);
  return { ...Object.fromEntries(words), ...(slot && { [slot]: word }) } as Attributes;
}

describe('captions', () => {
  it('have a word a slot and are read back', () => {
    for (const attributes of drawn.slice(0, 300)) {
      const text = caption(attributes);
      expect(text).toMatch(/^[a-z]+( [a-z]+){9}$/);
      expect(parseCaption(text)).toEqual(attributes);
    }
    expect(() => parseCaption('micah pale')).toThrow('10 words, not 2');
  });
});

describe('the split', () => {
  it('holds a tenth of the attribute sets out, by the caption alone', () => {
    const unique = [...new Map(drawn.map((a) => [caption(a), a])).values()];
    const share = unique.filter(isHeldOut).length / unique.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.125);
    for (const a of drawn.slice(0, 100)) expect(isHeldOut({ ...a })).toBe(isHeldOut(a));
  });

  it('leaves every word of every style to training', () => {
    const seen = new Set(
      drawn
        .filter((a) => !isHeldOut(a))
        .flatMap((a) => SLOTS.map((s) => `${a.style} ${s} ${a[s]}`)),
    );
    for (const style of styles) {
      for (const slot of SLOTS.filter((s) => s !== 'style')) {
        for (const word of wordsOf(style, slot)) expect(seen).toContain(`${style} ${slot} ${word}`);
      }
    }
  });
});

describe('styles', () => {
  it('are five at least, and draw what is asked for everywhere', () => {
    expect(styles.length).toBeGreaterThanOrEqual(5);
    const all = styles.flatMap((style) => SLOTS.flatMap((slot) => wordsOf(style, slot)));
    for (const word of ['smile', 'glasses', 'sunglasses', 'beard', 'catears', 'hat', 'bald']) {
      expect(all).toContain(word);
    }
    for (const attributes of drawn) expect(isDrawable(attributes)).toBe(true);
  });

  it.each(styles)('%s draws every word of its own, each another picture', (style) => {
    const look = randomLook(style, createRandom(3));
    for (const slot of SLOTS.filter((s) => s !== 'style')) {
      const words = wordsOf(style, slot);
      // A bald head has no colour of hair to show: asked of one that has hair.
      const base = plain(style);
      const pictures = words.map((word) => drawSvg({ ...base, [slot]: word }, look));
      expect(new Set(pictures).size, `${style} ${slot}`).toBe(words.length);
    }
  });
});

describe('pictures', () => {
  it('are 128 x 128 RGB, the same for the same attributes and look', async () => {
    const random = createRandom(11);
    for (const attributes of drawn.slice(0, 10)) {
      const look = randomLook(attributes.style, random);
      const pixels = await drawPixels(attributes, look);
      expect(pixels).toHaveLength(SIZE * SIZE * 3);
      expect(await drawPixels(attributes, look)).toEqual(pixels);
    }
  });

  it('differ before and after only where the change is', async () => {
    const look = { ...randomLook('micah', createRandom(2)), flip: false };
    const [smile, sad] = await Promise.all(
      ['smile', 'sad'].map((word) => drawPixels(plain('micah', 'mouth', word), look)),
    );
    const rows = changedRows(smile as Uint8Array, sad as Uint8Array);
    expect(rows.length).toBeGreaterThan(2);
    // A mouth is neither in the hair nor in the shirt.
    expect(Math.min(...rows)).toBeGreaterThan(SIZE / 4);
    expect(Math.max(...rows) - Math.min(...rows)).toBeLessThan(SIZE / 4);
  });

  it('of another background differ in the background alone', async () => {
    const look = randomLook('personas', createRandom(4));
    const [white, blue] = (await Promise.all(
      ['white', 'blue'].map((word) => drawPixels(plain('personas', 'background', word), look)),
    )) as [Uint8Array, Uint8Array];
    const [r, g, b] = [0, 2, 4].map((i) =>
      Number.parseInt(BACKGROUND_COLOURS.white.slice(i, i + 2), 16),
    ) as [number, number, number];
    let untouched = 0;
    for (let i = 0; i < white.length; i += 3) {
      const same = [0, 1, 2].every((c) => white[i + c] === blue[i + c]);
      if (same) untouched++;
    }
    expect(untouched).toBeGreaterThan(1000);
    for (const [c, value] of [r, g, b].entries()) {
      expect(Math.abs((white[c] as number) - value)).toBeLessThanOrEqual(10);
    }
  });
});

function changedRows(a: Uint8Array, b: Uint8Array): number[] {
  return Array.from({ length: SIZE }, (_, y) => y).filter((y) => {
    const row = [y * SIZE * 3, (y + 1) * SIZE * 3] as const;
    return Buffer.compare(a.subarray(...row), b.subarray(...row)) !== 0;
  });
}
