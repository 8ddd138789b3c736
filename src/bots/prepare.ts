import type { View } from '../commands/port.ts';
import { isLikewiseError } from '../errors.ts';

/** A file of a message that is to be sent: of the engine, or in memory already. */
export type DraftFile = {
  readonly name: string;
  readonly alt?: string | undefined;
} & (
  | {
      /** Of the engine: `Commands.file`. */
      readonly file: string;
    }
  | { readonly bytes: Uint8Array }
);

export interface ReadFile {
  readonly name: string;
  readonly alt: string | undefined;
  readonly bytes: Uint8Array;
  /** Whether it is the same as in another message: its id, or its name. */
  readonly key: string;
}

/**
 * In their order.
 * @param bytesOf of a file of the engine
 */
export function readFiles(
  files: readonly DraftFile[],
  bytesOf: (file: string) => Promise<Uint8Array>,
): Promise<ReadFile[]> {
  return Promise.all(
    files.map(async (file) => {
      const { name, alt } = file;
      if ('bytes' in file) return { name, alt, bytes: file.bytes, key: name };
      return { name, alt, bytes: await bytesOf(file.file), key: file.file };
    }),
  );
}

/**
 * What is shown in place of a view of whose files one is gone: a preview is not missed.
 * @param problem says that something is gone
 * @throws the error, where it is another one
 */
export function withoutFile(view: View, error: unknown, problem: (error: Error) => View): View {
  if (!isLikewiseError(error) || error.code !== 'FILE_UNKNOWN') throw error;
  if (view.kind !== 'progress' || view.preview === undefined) return problem(error);
  const { preview: _, ...rest } = view;
  return rest;
}
