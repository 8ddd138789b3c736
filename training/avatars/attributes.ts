/**
 * The controlled attributes of an avatar and the words that name them.
 *
 * A caption has one word for each slot, always in this order, so that a word's position alone
 * says what it is about: "micah pale mohawk pink smile glasses none none orange red".
 */
export const SLOTS = [
  'style',
  'skin',
  'hair',
  'hairColour',
  'mouth',
  'eyewear',
  'beard',
  'headwear',
  'background',
  'clothes',
] as const;

export type Slot = (typeof SLOTS)[number];

/** What an avatar shows: one word a slot. Frozen data; two equal captions are the same attributes. */
export type Attributes = Readonly<Record<Slot, string>>;

/** Named colours as sRGB hex without '#'; rendering jitters them, so that a word covers a range. */
export const SKIN_COLOURS = {
  pale: 'f6d5bf',
  tan: 'd9a273',
  brown: 'a5683f',
  dark: '643a22',
} as const;

export const HAIR_COLOURS = {
  black: '241a17',
  brown: '6e4326',
  blond: 'e8c15a',
  red: 'c4431c',
  grey: 'b9b9bd',
  pink: 'ef7fb4',
  blue: '3f63d8',
} as const;

export const BACKGROUND_COLOURS = {
  white: 'fbfbfb',
  blue: 'a9cdf7',
  green: 'aee3b4',
  pink: 'fbc4dc',
  yellow: 'fbe48f',
  orange: 'fbc08a',
  purple: 'cdb8f5',
  grey: 'c6c8cc',
} as const;

export const CLOTHES_COLOURS = {
  red: 'd8433f',
  blue: '3a63c4',
  green: '3f9a58',
  black: '2b2b30',
  yellow: 'efc23a',
  white: 'f0f0f0',
} as const;

/** The caption of `attributes`: ten words, in the order of {@link SLOTS}. */
export function caption(attributes: Attributes): string {
  return SLOTS.map((slot) => attributes[slot]).join(' ');
}

/** Parses a {@link caption}; throws if it has not one word a slot. */
export function parseCaption(text: string): Attributes {
  const words = text.split(' ');
  if (words.length !== SLOTS.length)
    throw new Error(`a caption has ${SLOTS.length} words, not ${words.length}: "${text}"`);
  return Object.fromEntries(SLOTS.map((slot, i) => [slot, words[i]])) as Attributes;
}
