import type { Analogy } from '../analogies.ts';
import type { Rgb } from '../judge.ts';

/** A way to make B' from A, A' and B, at several settings of its dials. */
export interface Method {
  /** Short and stable: a key in reports. */
  readonly id: string;
  /** What tables and sheets call it. */
  readonly title: string;
  /** Every B' of the method's grid. */
  cells(analogy: Analogy, signal?: AbortSignal): Promise<Cell[]>;
}

export interface Cell {
  readonly dial: Dial;
  /** B', 8-bit RGB. */
  readonly picture: Rgb;
}

/** A setting, by name; the key of a cell in reports, e.g. `lambda 1, guidance 3`. */
export type Dial = string;

/** The name of a setting: `{lambda: 1, guidance: 3}` -> `lambda 1, guidance 3`. */
export function dialOf(values: Readonly<Record<string, number>>): Dial {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
