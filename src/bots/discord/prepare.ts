import type { Commands, Context, View } from '../../commands/port.ts';
import { type ReadFile, readFiles, withoutFile } from '../prepare.ts';
import { type DrawOptions, drawView } from './messages/index.ts';
import type { Ready } from './wire.ts';

export interface PrepareOptions {
  readonly commands: Pick<Commands, 'file' | 'problem'>;
  readonly context: Context;
  /** Most bytes of one file. */
  readonly limit: number;
  readonly draw: Omit<DrawOptions, 'tooLarge'>;
}

/** Most bytes of all files of a request, which has some more around them. */
const mostTogether = 24 * 1024 * 1024;

/**
 * A view as a message with its files. A file that Discord would not take is left out, and a sentence
 * says so; a preview that is no longer there is not missed.
 * @throws whatever `Commands.file` throws for other reasons than that the file is gone
 */
export async function prepare(view: View, options: PrepareOptions): Promise<Ready> {
  const { commands, context, limit, draw } = options;
  const tooLarge = new Set<string>();
  const read = new Map<string, Uint8Array>();
  const bytesOf = async (file: string) => {
    const known = read.get(file);
    if (known) return known;
    const { bytes } = await commands.file(context, file);
    read.set(file, bytes);
    return bytes;
  };
  try {
    for (;;) {
      const { components, files } = drawView(view, { ...draw, tooLarge });
      const ready = await readFiles(files, bytesOf);
      const size = ready.reduce((sum, { bytes }) => sum + bytes.length, 0);
      const largest = ready.reduce<ReadFile | undefined>(
        (most, file) => (most && most.bytes.length >= file.bytes.length ? most : file),
        undefined,
      );
      if (!largest || (largest.bytes.length <= limit && size <= mostTogether)) {
        return { components, files: ready };
      }
      tooLarge.add(largest.key);
    }
  } catch (error) {
    const problem = (gone: Error) => commands.problem(gone, context.locale);
    return prepare(withoutFile(view, error, problem), options);
  }
}
