/**
 * What members do, of 100 interactions. What follows of itself comes on top: dialogs that are sent,
 * their lists that are opened, further pairs that are asked for.
 */
export const shares = {
  /** /analogy, which asks for the pictures. */
  analogy: 8,
  /** /analogy apply NAME. */
  apply: 4,
  /** New analogy, from anywhere. */
  begin: 1.5,
  /** Apply this analogy, on a result. */
  again: 3,
  /** Use these pictures, on a member's message. */
  use: 2,
  /** One of the grid's cells in full size. */
  pick: 11,
  /** Weaker, stronger, finer, less, more, in turn with the rarer ones. */
  refine: 15,
  /** Table, reverse, a moving picture. */
  redraw: 3,
  /** The grid again, the step before, the file. */
  look: 6,
  /** Buttons that ask in a dialog: name, apply, combine. */
  ask: 7,
  /** A cell of a table, chosen from a list. */
  choose: 3,
  library: 5,
  /** What one's own list or a question offers. */
  listed: 4,
  queue: 5,
  /** /analogy cancel. */
  cancel: 2,
  /** The button under a progress. */
  stop: 3,
  remove: 1,
  help: 1,
  /** Opens the Home tab. */
  home: 5,
  /** A button there. */
  inHome: 3,
  settings: 0.5,
  forget: 0.5,
} as const;
export type Kind = keyof typeof shares;
