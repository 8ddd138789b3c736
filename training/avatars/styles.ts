/**
 * How each DiceBear style draws each attribute word. A style that cannot draw a slot has the one
 * word `none` there. What no word names (eyes, nose, collar) varies a little, and is left to the noise.
 */
import * as bigSmile from '@dicebear/big-smile';
import type { Style } from '@dicebear/core';
import * as dylan from '@dicebear/dylan';
import * as micah from '@dicebear/micah';
import * as personas from '@dicebear/personas';
import * as pixelArt from '@dicebear/pixel-art';
import {
  BACKGROUND_COLOURS,
  CLOTHES_COLOURS,
  HAIR_COLOURS,
  SKIN_COLOURS,
  type Slot,
} from './attributes.ts';

/** Options as a DiceBear style takes them. */
export type Options = Record<string, unknown>;

export interface AvatarStyle {
  readonly style: Style<Options>;
  /** For each slot, what a word means as options of the style; colours are set apart. */
  readonly words: Readonly<
    Record<'hair' | 'mouth' | 'eyewear' | 'beard' | 'headwear', Readonly<Record<string, Options>>>
  >;
  /** The options that take a colour. */
  readonly colours: Readonly<Partial<Record<'skin' | 'hairColour' | 'clothes', readonly string[]>>>;
  /** Options that no word names: one value of each list is drawn at random. */
  readonly unnamed: Readonly<Record<string, readonly string[]>>;
  /** Options that never vary. */
  readonly fixed: Options;
  /** Whether a pair of words can't be drawn together. */
  readonly excludes?: (words: Readonly<Record<Slot, string>>) => boolean;
}

const NONE: Readonly<Record<string, Options>> = { none: {} };

export const STYLES: Readonly<Record<string, AvatarStyle>> = {
  dylan: {
    style: dylan as unknown as Style<Options>,
    words: {
      hair: {
        short: { hair: ['plain'] },
        parted: { hair: ['parting'] },
        curly: { hair: ['longCurls'] },
        long: { hair: ['shaggy'] },
        bob: { hair: ['bangs'] },
        bun: { hair: ['buns'] },
      },
      mouth: {
        smile: { mood: ['happy'] },
        laugh: { mood: ['superHappy'] },
        sad: { mood: ['angry'] },
        flat: { mood: ['neutral'] },
      },
      eyewear: NONE,
      beard: {
        none: { facialHairProbability: 0 },
        beard: { facialHairProbability: 100 },
      },
      headwear: NONE,
    },
    colours: { skin: ['skinColor'], hairColour: ['hairColor'] },
    unnamed: {},
    fixed: {},
  },
  personas: {
    style: personas as unknown as Style<Options>,
    words: {
      hair: {
        long: { hair: ['long'] },
        curly: { hair: ['curly'] },
        bob: { hair: ['bobCut'] },
        short: { hair: ['buzzcut'] },
        mohawk: { hair: ['mohawk'] },
        bun: { hair: ['straightBun'] },
        bald: { hair: ['bald'] },
      },
      mouth: {
        smile: { mouth: ['smile'] },
        laugh: { mouth: ['bigSmile'] },
        sad: { mouth: ['frown'] },
        open: { mouth: ['surprise'] },
      },
      eyewear: {
        none: { eyes: ['open'] },
        glasses: { eyes: ['glasses'] },
        sunglasses: { eyes: ['sunglasses'] },
      },
      beard: {
        none: { facialHairProbability: 0 },
        beard: { facialHair: ['beardMustache'], facialHairProbability: 100 },
        moustache: { facialHair: ['walrus'], facialHairProbability: 100 },
      },
      headwear: NONE,
    },
    colours: { skin: ['skinColor'], hairColour: ['hairColor'], clothes: ['clothingColor'] },
    unnamed: { body: ['rounded', 'squared'] },
    fixed: { nose: ['mediumRound'] },
  },
  micah: {
    style: micah as unknown as Style<Options>,
    words: {
      hair: {
        parted: { hair: ['fonze'] },
        mohawk: { hair: ['mrT'] },
        spiky: { hair: ['dannyPhantom'] },
        bob: { hair: ['pixie'] },
        curly: { hair: ['full'] },
        bald: { hair: ['mrClean'] },
      },
      mouth: {
        smile: { mouth: ['smile'] },
        laugh: { mouth: ['laughing'] },
        sad: { mouth: ['frown'] },
        open: { mouth: ['surprised'] },
      },
      eyewear: {
        none: { glassesProbability: 0 },
        glasses: { glasses: ['round'], glassesProbability: 100, glassesColor: ['1c1c1c'] },
      },
      beard: {
        none: { facialHairProbability: 0 },
        beard: { facialHair: ['beard'], facialHairProbability: 100 },
      },
      headwear: NONE,
    },
    colours: {
      skin: ['baseColor'],
      hairColour: ['hairColor', 'facialHairColor'],
      clothes: ['shirtColor'],
    },
    unnamed: { shirt: ['crew', 'collared'], eyes: ['eyes', 'round'] },
    fixed: {
      eyebrows: ['up'],
      nose: ['curve'],
      ears: ['attached'],
      earringsProbability: 0,
      hairProbability: 100,
    },
  },
  bigsmile: {
    style: bigSmile as unknown as Style<Options>,
    words: {
      hair: {
        short: { hair: ['shortHair'] },
        mohawk: { hair: ['mohawk'] },
        bob: { hair: ['wavyBob'] },
        curly: { hair: ['curlyShortHair'] },
        long: { hair: ['straightHair'] },
        bun: { hair: ['bunHair'] },
      },
      mouth: {
        smile: { mouth: ['teethSmile'] },
        laugh: { mouth: ['openedSmile'] },
        sad: { mouth: ['openSad'] },
        flat: { mouth: ['unimpressed'] },
      },
      eyewear: {
        none: {},
        glasses: { accessories: ['glasses'], accessoriesProbability: 100 },
        sunglasses: { accessories: ['sunglasses'], accessoriesProbability: 100 },
      },
      beard: {
        none: {},
        moustache: { accessories: ['mustache'], accessoriesProbability: 100 },
      },
      headwear: {
        none: {},
        catears: { accessories: ['catEars'], accessoriesProbability: 100 },
        crown: { accessories: ['sailormoonCrown'], accessoriesProbability: 100 },
      },
    },
    colours: { skin: ['skinColor'], hairColour: ['hairColor'] },
    unnamed: { eyes: ['cheery', 'normal'] },
    fixed: { accessoriesProbability: 0 },
    excludes: (w) => [w.eyewear, w.beard, w.headwear].filter((word) => word !== 'none').length > 1,
  },
  pixelart: {
    style: pixelArt as unknown as Style<Options>,
    words: {
      hair: {
        short: { hair: ['short01'] },
        mohawk: { hair: ['short05'] },
        long: { hair: ['long12'] },
        bob: { hair: ['long04'] },
        bald: { hairProbability: 0 },
      },
      mouth: {
        smile: { mouth: ['happy09'] },
        laugh: { mouth: ['happy12'] },
        sad: { mouth: ['sad01'] },
        open: { mouth: ['happy01'] },
      },
      eyewear: {
        none: { glassesProbability: 0 },
        glasses: { glasses: ['light05'], glassesProbability: 100 },
        sunglasses: { glasses: ['dark03'], glassesProbability: 100 },
      },
      beard: { none: { beardProbability: 0 } },
      headwear: {
        none: { hatProbability: 0 },
        hat: { hat: ['variant04'], hatProbability: 100 },
      },
    },
    colours: { skin: ['skinColor'], hairColour: ['hairColor'], clothes: ['clothingColor'] },
    unnamed: { eyes: ['variant01', 'variant05'] },
    fixed: {
      accessoriesProbability: 0,
      clothing: ['variant12'],
      glassesColor: ['262626'],
      hatColor: ['2663a3'],
      mouthColor: ['de0f0d'],
      hairProbability: 100,
    },
  },
};

/** The words that `style` knows for `slot`, `none` first where it has it. */
export function wordsOf(style: string, slot: Slot): readonly string[] {
  const entry = STYLES[style];
  if (!entry) throw new Error(`no such style: ${style}`);
  switch (slot) {
    case 'style':
      return Object.keys(STYLES);
    case 'skin':
      return Object.keys(SKIN_COLOURS);
    case 'hairColour':
      return Object.keys(HAIR_COLOURS);
    case 'background':
      return Object.keys(BACKGROUND_COLOURS);
    case 'clothes':
      return entry.colours.clothes ? Object.keys(CLOTHES_COLOURS) : ['none'];
    default:
      return Object.keys(entry.words[slot]);
  }
}
