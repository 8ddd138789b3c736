/** Draws analogies with an exact answer: A, A', B, B'_true, and the candidates to tell it from. */
import { createHash } from 'node:crypto';
import { type Attributes, caption } from '../../training/avatars/attributes.ts';
import {
  drawPixels,
  isDrawable,
  isHeldOut,
  type Look,
  looksDifferent,
  randomAttributes,
  randomLook,
} from '../../training/avatars/avatar.ts';
import { createRandom, type Random } from '../../training/avatars/random.ts';
import {
  apply,
  type Change,
  KINDS,
  type Kind,
  sharedChanges,
  singleChanges,
  stylePairs,
} from './changes.ts';
import type { Candidate, Rgb } from './judge.ts';

/**
 * A change counts as visible when this many pixels of the picture (0.4 %) look different; a change that
 * is not, in A or in B, is not asked: nobody could see what is wanted, or whether it came.
 */
export const VISIBLE_PIXELS = 64;

/**
 * The held-out captions are split once more, so that nothing can be tuned on what is reported:
 * `test` is the bench's, `validation` the tuning's.
 */
export type Split = 'test' | 'validation';

export interface Subject {
  readonly attributes: Attributes;
  readonly look: Look;
  readonly picture: Rgb;
}

export interface Analogy {
  /** Place in the seed's sequence; the first n are the same whatever the count. */
  readonly index: number;
  readonly change: Change;
  /** Whether A and B are of different styles. */
  readonly across: boolean;
  readonly a: Subject;
  readonly a2: Subject;
  readonly b: Subject;
  /** B'_true. */
  readonly truth: Subject;
}

/** Which of the two splits a held-out caption is in: another byte than {@link isHeldOut}'s. */
export function splitOf(attributes: Attributes): Split {
  const byte = createHash('sha256').update(caption(attributes)).digest()[1] ?? 0;
  return byte % 2 === 0 ? 'test' : 'validation';
}

/** Kind and styles of analogy `index`: kinds in turn, and half of each ten across styles. */
export function planOf(index: number): { kind: Kind; across: boolean } {
  const kind = KINDS[index % KINDS.length] as Kind;
  const round = Math.floor(index / KINDS.length);
  // No two styles share headwear, so five of the other nine kinds are across, in rotation.
  const able = KINDS.filter((k) => stylePairs(k, true).length > 0);
  const place = able.indexOf(kind);
  const across = place >= 0 && (place + 2 * round) % able.length < KINDS.length / 2;
  return { kind, across };
}

/** Draws analogy number `index` of a seed, the same one always. Costs tens of milliseconds. */
export async function drawAnalogy(seed: number, index: number, split: Split): Promise<Analogy> {
  const digest = createHash('sha256').update(`analogy ${seed} ${index}`).digest();
  const random = createRandom(digest.readUInt32LE(0));
  const { kind, across } = planOf(index);
  const pairs = stylePairs(kind, across);
  for (;;) {
    const [styleA, styleB] = random.pick(pairs);
    const change = random.pick(sharedChanges(kind, styleA, styleB));
    const pairA = await drawPair(styleA, change, split, random);
    const pairB = await drawPair(styleB, change, split, random);
    if (!pairA || !pairB) continue;
    if (caption(pairA[0].attributes) === caption(pairB[0].attributes)) continue;
    return { index, change, across, a: pairA[0], a2: pairA[1], b: pairB[0], truth: pairB[1] };
  }
}

/** Tries before another change is drawn: a few captions of a style may all be in training. */
const TRIES = 4000;

async function drawPair(
  style: string,
  change: Change,
  split: Split,
  random: Random,
): Promise<[Subject, Subject] | undefined> {
  const usable = (words: Attributes) =>
    isDrawable(words) && isHeldOut(words) && splitOf(words) === split;
  for (let i = 0; i < TRIES; i++) {
    const before = apply(randomAttributes(random, style), change.slot, change.from);
    const after = apply(before, change.slot, change.to);
    if (!usable(before) || !usable(after)) continue;
    const look = randomLook(style, random);
    const [p, q] = await Promise.all([drawPixels(before, look), drawPixels(after, look)]);
    if (visiblePixels(p, q) < VISIBLE_PIXELS) continue;
    return [
      { attributes: before, look, picture: p },
      { attributes: after, look, picture: q },
    ];
  }
  return undefined;
}

/** How many pixels look different. */
export function visiblePixels(a: Rgb, b: Rgb): number {
  let count = 0;
  for (let i = 0; 3 * i < a.length; i++) if (looksDifferent(a, b, i)) count++;
  return count;
}

/**
 * B'_true, then B, then B with each other single change of any slot but the style: other words of
 * the same slot too. One that looks exactly like the truth would not be a distractor: left out.
 */
export async function candidatesOf({ b, truth }: Analogy): Promise<Candidate[]> {
  const others = await Promise.all(
    singleChanges(b.attributes).map(async ({ slot, word }) => ({
      label: `${slot}: ${word}`,
      picture: await drawPixels(apply(b.attributes, slot, word), b.look),
    })),
  );
  return [
    { label: 'truth', picture: truth.picture },
    { label: 'B', picture: b.picture },
    ...others.filter(({ picture }) => Buffer.compare(picture, truth.picture) !== 0),
  ];
}
