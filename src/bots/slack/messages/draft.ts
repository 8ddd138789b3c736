import type { types } from '@slack/bolt';
import type { DraftFile as AnyDraftFile } from '../../prepare.ts';

/**
 * A message as it is to be sent: nothing has been uploaded. An image block names its file by its name;
 * `filled` puts the uploaded file's id there.
 */
export interface Draft {
  /** 1 to 50. */
  readonly blocks: readonly types.KnownBlock[];
  /** For notifications and for what shows no blocks: at most 3000 characters, nothing in it is a mention. */
  readonly text: string;
  /** To be uploaded first, in their order. */
  readonly files: readonly DraftFile[];
}

/** Its name comes with its extension and is unique within the message; `alt`: at most 2000 characters. */
export type DraftFile = AnyDraftFile & {
  /**
   * Whether it is shared in the message's thread: what is no picture, pictures in formats that image
   * blocks do not show, and what is to be hidden.
   */
  readonly inThread: boolean;
};

export interface DrawOptions {
  /** A BCP 47 tag: Slack's are like `de-DE`. */
  readonly locale: string;
  /** Milliseconds since 1970, for the time that is left. */
  readonly now: number;
  /**
   * Whether pictures are hidden, whatever the view says. Slack cannot blur a picture: it is shared in
   * the thread, and the message says so. Who opens the thread sees it.
   */
  readonly spoiler?: boolean | undefined;
  /** Address of the message that shows the result which this one refines. */
  readonly parentUrl?: string | undefined;
  /** Value of the button that deletes the message; absent where it cannot be deleted. */
  readonly remove?: string | undefined;
  /** A sentence that is added. */
  readonly note?: string | undefined;
}

/** A message that can be posted. */
export interface Filled {
  readonly blocks: types.KnownBlock[];
  readonly text: string;
  /** What no block shows: it belongs into the message's thread. */
  readonly rest: readonly DraftFile[];
}

const scheme = 'file:';

/** What stands for the file's id until there is one. */
export function placeholder(name: string): string {
  return scheme + name;
}

/**
 * @param ids ids of uploaded files, by their names in the draft. A picture without one is left out of
 * the message, and is among the rest
 */
export function filled(draft: Draft, ids: Readonly<Record<string, string>>): Filled {
  const shown = new Set<string>();
  const blocks = draft.blocks.flatMap((block): types.KnownBlock[] => {
    const name = fileIn(block);
    if (name === undefined || block.type !== 'image') return [block];
    const id = Object.hasOwn(ids, name) ? ids[name] : undefined;
    if (id === undefined) return [];
    shown.add(name);
    const { alt_text, title } = block;
    return [{ type: 'image', slack_file: { id }, alt_text, ...(title && { title }) }];
  });
  const { text } = draft;
  const rest = draft.files.filter(({ name }) => !shown.has(name));
  if (blocks.length > 0) return { blocks, text, rest };
  const section = { type: 'section' as const, text: { type: 'mrkdwn' as const, text } };
  return { blocks: [section], text, rest };
}

/** The name of the file that an image block waits for. */
export function fileIn(block: types.KnownBlock): string | undefined {
  if (block.type !== 'image' || !('slack_file' in block)) return undefined;
  const { slack_file: file } = block;
  return 'id' in file && file.id.startsWith(scheme) ? file.id.slice(scheme.length) : undefined;
}
