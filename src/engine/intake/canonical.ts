import { createHash } from 'node:crypto';
import { decode } from './decode.ts';
import { readBytes } from './file.ts';
import { letterbox } from './letterbox.ts';
import type { CanonicalPicture, Decoder, PictureLimits, Size } from './picture.ts';

export interface IntakeOptions {
  /** The model's picture size. */
  size: Size;
  limits: PictureLimits;
  /** How the picture is called in an error, such as `A'`. @default 'The picture' */
  name?: string;
  /** @default decodes in this process */
  decoder?: Decoder;
  signal?: AbortSignal;
}

/**
 * Reads a file as a canonical picture.
 *
 * @throws LikewiseError `PICTURE_…`: each refusal has its own code and says what to do
 */
export async function readPicture(path: string, options: IntakeOptions): Promise<CanonicalPicture> {
  const picture = options.name === undefined ? path : `${options.name} (${path})`;
  const bytes = await readBytes(path, picture, options.limits);
  return await canonicalPicture(bytes, { ...options, name: picture });
}

/**
 * Turns a picture file's bytes into the picture as the model sees it: first frame, upright, 8-bit
 * sRGB on white, scaled to fit the model's size and letterboxed by its own edge colours. The same
 * bytes give the same pixels, always.
 *
 * @throws LikewiseError `PICTURE_…`
 */
export async function canonicalPicture(
  bytes: Uint8Array,
  options: IntakeOptions,
): Promise<CanonicalPicture> {
  const { size, limits, name = 'The picture', decoder = decode, signal } = options;
  const { origin, ...picture } = await decoder({
    bytes,
    picture: name,
    fit: size,
    limits,
    ...(signal && { signal }),
  });
  const framed = letterbox(picture, size);
  const sha256 = createHash('sha256').update(framed.rgb).digest('hex');
  return { ...framed, sha256, origin };
}
