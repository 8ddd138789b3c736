import type { Commands, Context, View } from '../../commands/port.ts';
import { isLikewiseError } from '../../errors.ts';
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
  for (;;) {
    const { components, files } = drawView(view, { ...draw, tooLarge });
    try {
      const ready = await Promise.all(
        files.map(async (file) => ({
          name: file.name,
          alt: file.alt,
          bytes: 'bytes' in file ? file.bytes : await bytesOf(file.file),
          key: 'bytes' in file ? file.name : file.file,
        })),
      );
      const size = ready.reduce((sum, { bytes }) => sum + bytes.length, 0);
      const largest = ready.reduce<(typeof ready)[number] | undefined>(
        (most, file) => (most && most.bytes.length >= file.bytes.length ? most : file),
        undefined,
      );
      if (!largest || (largest.bytes.length <= limit && size <= mostTogether)) {
        return { components, files: ready };
      }
      tooLarge.add(largest.key);
    } catch (error) {
      const isGone = isLikewiseError(error) && error.code === 'FILE_UNKNOWN';
      if (!isGone) throw error;
      if (view.kind === 'progress' && view.preview !== undefined) {
        const { preview: _, ...rest } = view;
        return prepare(rest, options);
      }
      return prepare(commands.problem(error), options);
    }
  }
}
