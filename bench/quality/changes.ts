/** Which single changes there are, sorted into the kinds that the tables show. */
import { type Attributes, SLOTS, type Slot } from '../../training/avatars/attributes.ts';
import { isDrawable } from '../../training/avatars/avatar.ts';
import { STYLES, wordsOf } from '../../training/avatars/styles.ts';

/** Kinds of change, in the order of the tables. `beard` has moustaches, `headwear` has cat ears. */
export const KINDS = [
  'mouth',
  'glasses',
  'sunglasses',
  'beard',
  'hair',
  'hairColour',
  'skin',
  'background',
  'clothes',
  'headwear',
] as const;

export type Kind = (typeof KINDS)[number];

/** One word of one slot becomes another. */
export interface Change {
  readonly kind: Kind;
  readonly slot: Slot;
  readonly from: string;
  readonly to: string;
}

const kindOfSlot: Partial<Record<Slot, Kind>> = {
  mouth: 'mouth',
  beard: 'beard',
  hair: 'hair',
  hairColour: 'hairColour',
  skin: 'skin',
  background: 'background',
  clothes: 'clothes',
  headwear: 'headwear',
};

/** The kind of a change: eyewear is of the kind of what is put on, or else of what is taken off. */
function kindOf(slot: Slot, from: string, to: string): Kind {
  if (slot !== 'eyewear') return kindOfSlot[slot] as Kind;
  return (to === 'none' ? from : to) as Kind;
}

/** Every change of a kind that `style` can draw; both directions, so things are taken off too. */
export function changesOf(style: string, kind: Kind): Change[] {
  const slots = SLOTS.filter((slot) => slot !== 'style');
  return slots.flatMap((slot) => {
    const words = wordsOf(style, slot);
    return words
      .flatMap((from) => words.filter((to) => to !== from).map((to) => ({ slot, from, to })))
      .map((change) => ({ kind: kindOf(change.slot, change.from, change.to), ...change }))
      .filter((change) => change.kind === kind);
  });
}

/** The styles, and the changes of a kind that two of them (or one with itself) both can draw. */
export function sharedChanges(kind: Kind, styleA: string, styleB: string): Change[] {
  const known = new Set(changesOf(styleB, kind).map(nameOf));
  return changesOf(styleA, kind).filter((change) => known.has(nameOf(change)));
}

/** All pairs of styles that share a change of this kind, equal ones or different ones. */
export function stylePairs(kind: Kind, across: boolean): readonly [string, string][] {
  const key = `${kind} ${across}`;
  const known = pairs.get(key);
  if (known) return known;
  const styles = Object.keys(STYLES);
  const found = styles
    .flatMap((a) => styles.map((b): [string, string] => [a, b]))
    .filter(([a, b]) => (a !== b) === across && sharedChanges(kind, a, b).length > 0);
  pairs.set(key, found);
  return found;
}

const pairs = new Map<string, [string, string][]>();

export function nameOf(change: Omit<Change, 'kind'>): string {
  return `${change.slot}: ${change.from} -> ${change.to}`;
}

export function apply(attributes: Attributes, slot: Slot, word: string): Attributes {
  return { ...attributes, [slot]: word };
}

/** Every attribute set that differs from `attributes` in one word of one slot but the style. */
export function singleChanges(attributes: Attributes): { slot: Slot; word: string }[] {
  return SLOTS.filter((slot) => slot !== 'style').flatMap((slot) =>
    wordsOf(attributes.style, slot)
      .filter((word) => word !== attributes[slot])
      .filter((word) => isDrawable(apply(attributes, slot, word)))
      .map((word) => ({ slot, word })),
  );
}
