import type { Commands, Context, View } from '../../commands/port.ts';
import { readFiles, withoutFile } from '../prepare.ts';
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
    const files = await readFiles(
      draft.files,
      async (file) => (await commands.file(context, file)).bytes,
    );
    return { draft, files: new Map(files.map((file) => [file.name, file])) };
  } catch (error) {
    const problem = (gone: Error) => commands.problem(gone, context.locale);
    return prepare(withoutFile(view, error, problem), options);
  }
}
