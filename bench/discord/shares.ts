/** What members do, of 100 interactions; dialogs that are sent come on top of those that open them. */
export const shares = {
  /** /analogy with three pictures; one of eight asks for further pairs in a dialog. */
  analogy: 9,
  /** /apply with a saved analogy and a picture. */
  apply: 7,
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
  /** Apply this analogy, Use as B, Use as A and A', on a message. */
  menu: 5,
  /** The name of an analogy, or a job, while it is typed. */
  complete: 12,
  library: 5,
  /** A button of one's own list, or of a question. */
  listed: 3,
  exported: 1,
  queue: 5,
  /** /cancel. */
  cancel: 2,
  /** The button under a progress. */
  stop: 3,
  remove: 1,
  help: 1,
  settings: 0.5,
  forget: 0.5,
} as const;
export type Kind = keyof typeof shares;
