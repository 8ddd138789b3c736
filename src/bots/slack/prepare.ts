import type { Commands, Context, View } from '../../commands/port.ts';
import { isLikewiseError } from '../../errors.ts';
import { type DrawOptions, drawView } from './messages/index.ts';
import type { Ready } from './post.ts';

export interface PrepareOptions {
  readonly commands: Pick<Commands, 'file' | 'problem'>;
  readonly context: Context;
  readonly draw: DrawOptions;
}

/**
 * A view as a message with its files read; a preview that is no longer there is not missed.
 * @throws whatever `Commands.file` throws for other reasons than that the file is gone
 */
export async function prepare(view: View, options: PrepareOptions): Promise<Ready> {
  const { commands, context, draw } = options;
  const draft = drawView(view, draw);
  try {
    const files = await Promise.all(
      draft.files.map(async (file) => {
        const { name, alt } = file;
        const isGiven = 'bytes' in file;
        const bytes = isGiven ? file.bytes : (await commands.file(context, file.file)).bytes;
        return [name, { name, alt, bytes, key: isGiven ? name : file.file }] as const;
      }),
    );
    return { draft, files: new Map(files) };
  } catch (error) {
    if (!isLikewiseError(error) || error.code !== 'FILE_UNKNOWN') throw error;
    if (view.kind === 'progress' && view.preview !== undefined) {
      const { preview: _, ...rest } = view;
      return prepare(rest, options);
    }
    return prepare(commands.problem(error, context.locale), options);
  }
}
