/** What a command said, as the bot's process tells the bench. */
export interface Said {
  readonly interaction: string;
  readonly user: string;
  /** Of the view, e.g. `result`. */
  readonly kind: string;
  readonly job?: string | undefined;
  /** Cancelled since another render takes its place: nothing is shown. */
  readonly isReplaced: boolean;
}

const mark = 'said ';

/** A line of a log. */
export const saidOf = {
  write: (said: Said): string => mark + JSON.stringify(said),
  /** @returns undefined for any other line */
  read: (line: string): Said | undefined =>
    line.startsWith(mark) ? (JSON.parse(line.slice(mark.length)) as Said) : undefined,
};
