import type { APIMessageTopLevelComponent } from 'discord.js';
import type { DraftFile } from '../../prepare.ts';

export type { DraftFile } from '../../prepare.ts';

/**
 * A message as it is to be sent, in Components V2: nothing has been uploaded. Files are invisible
 * unless a component names them, as `attachment://NAME`.
 */
export interface Draft {
  /** At most 40 with all that is in them. */
  readonly components: readonly APIMessageTopLevelComponent[];
  /**
   * At most 10, each named by a component: letters, digits and `. _ -`, with its extension; unique within
   * the message. What is seen on one has at most 1024 characters.
   */
  readonly files: readonly DraftFile[];
}

export interface DrawOptions {
  /** A BCP 47 tag, as the interaction gives it. */
  readonly locale: string;
  /** Milliseconds since 1970, for the time that is left. */
  readonly now: number;
  /** Whether pictures are hidden until they are clicked, whatever the view says. */
  readonly spoiler?: boolean | undefined;
  /** Address of the message that shows the result which this one refines. */
  readonly parentUrl?: string | undefined;
  /** Id of the button that deletes the message; absent where it cannot be deleted. */
  readonly remove?: string | undefined;
  /** A sentence that is added. */
  readonly note?: string | undefined;
  /** Ids or names of files that are too large to be sent: a sentence says so in their place. */
  readonly tooLarge?: ReadonlySet<string> | undefined;
}
