/**
 * The project's own lettering: single-stroke glyphs, so that labels look the same on a machine
 * that has no font installed. Centre lines as SVG paths; y grows downwards from the baseline,
 * capitals are 100 high, small letters 68. A pen with round ends draws them.
 */
export interface Glyph {
  /** From the leftmost centre line to the rightmost. */
  width: number;
  /** SVG path data; stroked, never filled. */
  path: string;
}

const bowl = 'M60-34A30 34 0 1 1 0-34A30 34 0 1 1 60-34Z';
const ring = 'M0-50A46 50 0 1 1 92-50A46 50 0 1 1 0-50Z';
/** A dot, rounder than the pen. */
const dot = (x: number, y: number) => `M${x - 2.5} ${y}a2.5 2.5 0 1 1 5 0a2.5 2.5 0 1 1-5 0Z`;
const shoulder = 'M0-68V0M0-36C0-56 12-68 29-68C46-68 56-57 56-38V0';

const table: Record<string, [width: number, path: string]> = {
  A: [72, 'M0 0L36-100L72 0M13-35H59'],
  B: [58, 'M0 0V-100H29A24.5 24.5 0 0 1 29-51H0M29-51H32A25.5 25.5 0 0 1 32 0H0'],
  C: [81, 'M81-18A46 50 0 1 1 81-82'],
  D: [78, 'M0 0V-100H28A50 50 0 0 1 28 0Z'],
  E: [54, 'M54 0H0V-100H54M0-51H46'],
  F: [52, 'M0 0V-100H52M0-50H44'],
  G: [92, 'M81-82A46 50 0 1 0 92-50H54'],
  H: [68, 'M0 0V-100M68 0V-100M0-51H68'],
  I: [0, 'M0 0V-100'],
  J: [44, 'M44-100V-26A22 26 0 0 1 0-22'],
  K: [62, 'M0 0V-100M60-100L0-38M22-60L62 0'],
  L: [50, 'M0-100V0H50'],
  M: [84, 'M0 0V-100L42-36L84-100V0'],
  N: [68, 'M0 0V-100L68 0V-100'],
  O: [92, ring],
  P: [59, 'M0 0V-100H32A27 27 0 0 1 32-46H0'],
  Q: [92, `${ring}M58-26L88 4`],
  R: [60, 'M0 0V-100H32A27 27 0 0 1 32-46H0M30-46L60 0'],
  S: [
    60,
    'M58-82C54-94 44-100 31-100C14-100 3-90 3-76C3-60 16-55 31-51C47-47 60-41 60-26C60-10 47 0 30 0C15 0 4-7 0-20',
  ],
  T: [68, 'M0-100H68M34-100V0'],
  U: [68, 'M0-100V-34A34 34 0 0 0 68-34V-100'],
  V: [72, 'M0-100L36 0L72-100'],
  W: [108, 'M0-100L28 0L54-84L80 0L108-100'],
  X: [66, 'M0 0L66-100M0-100L66 0'],
  Y: [68, 'M0-100L34-48L68-100M34-48V0'],
  Z: [64, 'M2-100H62L0 0H64'],
  a: [60, `${bowl}M60-68V0`],
  b: [60, `${bowl}M0-104V0`],
  c: [53, 'M53-14A30 34 0 1 1 53-54'],
  d: [60, `${bowl}M60-104V0`],
  e: [60, 'M1-36H60A30 34 0 1 0 54-13'],
  f: [36, 'M36-102C22-106 14-98 14-84V0M0-66H34'],
  g: [60, `${bowl}M60-68V2A28 27 0 0 1 6 14`],
  h: [56, `${shoulder}M0-104V-60`],
  i: [0, `M0-68V0${dot(0, -97)}`],
  j: [12, `M12-68V10C12 22 8 28 0 28${dot(12, -97)}`],
  k: [50, 'M0-104V0M46-68L0-26M16-40L50 0'],
  l: [0, 'M0-104V0'],
  m: [
    96,
    'M0-68V0M0-38C0-57 10-68 25-68C40-68 48-58 48-40V0M48-38C48-57 58-68 73-68C88-68 96-58 96-40V0',
  ],
  n: [56, shoulder],
  o: [60, bowl],
  p: [60, `${bowl}M0-68V30`],
  q: [60, `${bowl}M60-68V30`],
  r: [32, 'M0-68V0M0-36C0-56 12-68 32-67'],
  s: [
    48,
    'M46-56C43-64 36-68 26-68C13-68 4-61 4-51C4-40 14-37 25-34.5C38-32 48-28 48-17C48-6 38 0 25 0C13 0 4-5 1-14',
  ],
  t: [34, 'M13-90V-18C13-6 19 0 34-1M0-67H33'],
  u: [56, 'M0-68V-29C0-10 10 0 27 0C44 0 56-12 56-31M56-68V0'],
  v: [54, 'M0-68L27 0L54-68'],
  w: [84, 'M0-68L22 0L42-60L62 0L84-68'],
  x: [50, 'M0-68L50 0M50-68L0 0'],
  y: [54, 'M0-68L27-2M54-68L24 10C20 22 13 28 2 27'],
  z: [50, 'M2-68H48L0 0H50'],
  // Figures are all as wide as another: columns of numbers stand in line.
  '0': [60, 'M0-50A30 50 0 1 1 60-50A30 50 0 1 1 0-50Z'],
  '1': [60, 'M10-80L36-100V0'],
  '2': [60, 'M2-74C3-90 14-100 30-100C46-100 57-90 57-75C57-62 49-54 40-44L1 0H59'],
  '3': [
    60,
    'M4-82C8-93 17-100 30-100C45-100 55-91 55-77C55-62 44-53 26-53C46-53 59-43 59-27C59-11 46 0 29 0C14 0 4-8 1-20',
  ],
  '4': [60, 'M45 0V-100L-2-30H62'],
  '5': [60, 'M54-100H12L7-54C13-60 20-63 29-63C46-63 59-50 59-32C59-13 46 0 28 0C14 0 4-7 0-18'],
  '6': [60, 'M44-100L8-49M1-31A29.5 31 0 1 1 60-31A29.5 31 0 1 1 1-31Z'],
  '7': [60, 'M1-100H59L20 0'],
  '8': [
    60,
    'M7-76A23.5 24 0 1 1 54-76A23.5 24 0 1 1 7-76ZM1-26A29.5 26 0 1 1 60-26A29.5 26 0 1 1 1-26Z',
  ],
  '9': [60, 'M16 0L52-51M0-69A29.5 31 0 1 1 59-69A29.5 31 0 1 1 0-69Z'],
  λ: [58, 'M4-103C15-105 21-99 25-88L58 0M34-64L2 0'],
  σ: [72, 'M30-66A30 33 0 1 0 31-66M30-66H72'],
  '′': [10, 'M10-108L3-80'],
  '.': [0, dot(0, -2)],
  ',': [6, 'M6-2L0 16'],
  ':': [0, dot(0, -4) + dot(0, -60)],
  '−': [46, 'M0-44H46'],
  '+': [52, 'M0-44H52M26-70V-18'],
  '×': [44, 'M0-66L44-22M44-66L0-22'],
  '=': [50, 'M0-56H50M0-32H50'],
  '→': [88, 'M0-44H88M60-70L88-44L60-18'],
  '↓': [54, 'M27-96V0M0-28L27 0L54-28'],
  '·': [0, dot(0, -42)],
  '/': [40, 'M0 10L40-108'],
  '(': [16, 'M16-112C-5-80-5-24 16 8'],
  ')': [16, 'M0-112C21-80 21-24 0 8'],
  ' ': [16, ''],
};

const spellings: Record<string, string> = { "'": '′', '’': '′', '-': '−', '–': '−' };

/** @throws RangeError for a character without a glyph: a label must never come out with a hole. */
export function glyph(character: string): Glyph {
  const found = table[spellings[character] ?? character];
  if (!found) throw new RangeError(`the lettering has no glyph for "${character}"`);
  return { width: found[0], path: found[1] };
}
