import type { PictureBytes } from '../engine/client.ts';
import type { Picture } from '../engine/protocol.ts';
import { type ErrorCode, isLikewiseError, LikewiseError } from '../errors.ts';
import type { Context, LazyFile } from './port.ts';
import { refuse } from './refuse.ts';
import { ownerOf, type Room } from './room.ts';
import type { Texts } from './texts/index.ts';

/** A picture to be read, and what it is called: `A`, `B`. */
export interface Sent {
  readonly file: LazyFile;
  readonly role: string;
}

export interface Read {
  /** Ids, in the order given. */
  readonly pictures: readonly string[];
  /** What was done to them, a sentence each. */
  readonly remarks: readonly string[];
}

/** Most bytes of an analogy as a file: what the engine reads. */
const analogyMegabytes = 8;

/**
 * Hands pictures to the engine, all at once; the first that is refused ends the reading of the others.
 * @throws LikewiseError with a `PICTURE_…` code that names the picture, `FETCH_FAILED`
 */
export async function readPictures(
  room: Room,
  context: Context,
  texts: Texts,
  sent: readonly Sent[],
): Promise<Read> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const read = async ({ file, role }: Sent) => {
    const picture = nameOf(role, file);
    const megabytes = (file.size ?? 0) / 1e6;
    const limit = room.pictureMegabytes;
    if (megabytes > limit) {
      const details = { picture, megabytes: megabytes.toFixed(1), limit };
      throw new LikewiseError('PICTURE_TOO_HEAVY', details);
    }
    try {
      const bytes = await fetched(file, picture, signal);
      return { picture, kept: await room.engine.putPicture(ownerOf(context), bytes, signal) };
    } catch (error) {
      throw named(error, picture);
    }
  };
  try {
    const all = await Promise.all(sent.map(read));
    const sentences = (notes: Picture['remarks'], picture: string) =>
      notes.map((note) => `${picture} ${texts.remarks[note]}`);
    return {
      pictures: all.map(({ kept }) => kept.picture),
      remarks: all.flatMap(({ picture, kept }) => sentences(kept.remarks, picture)),
    };
  } finally {
    stop.abort();
  }
}

/** All of a small file. @throws LikewiseError `ANALOGY_FILE_TOO_LARGE`, `FETCH_FAILED` */
export async function readAnalogyFile(context: Context, file: LazyFile): Promise<Uint8Array> {
  const source = await fetched(file, nameOf('', file), context.signal);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source instanceof Uint8Array ? [source] : source) {
    length += part.length;
    if (length > analogyMegabytes * 1e6) {
      const details = { megabytes: (length / 1e6).toFixed(1), limit: analogyMegabytes };
      throw new LikewiseError('ANALOGY_FILE_TOO_LARGE', details);
    }
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** What hinders a platform's download is nobody's fault here, unless it says otherwise. */
async function fetched(
  file: LazyFile,
  picture: string,
  signal: AbortSignal,
): Promise<PictureBytes> {
  const failed = (error: unknown) =>
    isLikewiseError(error) || signal.aborted ? error : refuse('FETCH_FAILED', { picture });
  let bytes: PictureBytes;
  try {
    bytes = await file.fetch(signal);
  } catch (error) {
    throw failed(error);
  }
  if (bytes instanceof Uint8Array) return bytes;
  return (async function* () {
    try {
      yield* bytes;
    } catch (error) {
      throw failed(error);
    }
  })();
}

/** The engine does not know what a picture is called here. */
function named(error: unknown, picture: string): unknown {
  if (!isLikewiseError(error) || !error.code.startsWith('PICTURE_')) return error;
  const details = { ...error.details, picture };
  return new LikewiseError(error.code as ErrorCode, details as never, { cause: error });
}

/** `B (cat.png)`; the last part of a path alone. */
function nameOf(role: string, { name }: LazyFile): string {
  const file = name.split(/[/\\]/).at(-1)?.slice(0, 60) ?? '';
  return role === '' ? file : file === '' ? role : `${role} (${file})`;
}
