/** The words of this room: what goes in, what is refused, what comes out. */

export interface Size {
  /** Pixels. */
  width: number;
  height: number;
}

/** A rectangle in pixels of the picture it lies in. */
export interface Box extends Size {
  left: number;
  top: number;
}

/** An 8-bit sRGB picture, rows from the top, three bytes a pixel: `width * height * 3` bytes. */
export interface RgbPicture extends Size {
  rgb: Uint8Array;
}

/** What is asked of a picture before any of its pixels is decoded. */
export interface PictureLimits {
  /** Most bytes a file may have, in MB (10^6). */
  megabytes: number;
  /** Most pixels, in millions. */
  megapixels: number;
  /** Fewest pixels a side. */
  minSide: number;
  /** Most times that one side may be longer than the other. */
  maxAspect: number;
  /** Most MB that its pixels take unpacked: width x height x channels x bytes of a sample. */
  unpackedMegabytes: number;
  /** The same of an interlaced PNG or a progressive JPEG, which is unpacked all at once. */
  interlacedMegabytes: number;
  /**
   * What becomes of an animated, CMYK or 16-bit picture: its first frame, converted to 8-bit sRGB,
   * is used (and `notes` says so), or it is refused with `PICTURE_UNUSUAL`.
   */
  unusual: 'convert' | 'refuse';
}

/** What was done to a picture that its owner may want to know, in the order found. */
export const pictureNotes = ['animated', 'cmyk', 'deep'] as const;
export type PictureNote = (typeof pictureNotes)[number];

/** What the file was before it became canonical; width and height as seen (EXIF applied). */
export interface PictureOrigin extends Size {
  format: 'jpeg' | 'png' | 'webp' | 'gif';
  notes: PictureNote[];
}

/** The picture as the model sees it. */
export interface CanonicalPicture extends RgbPicture {
  /** Where the picture lies within the letterbox: crop by it to get the owner's shape back. */
  crop: Box;
  /** sha256 of `rgb`, hexadecimal: names the picture wherever it is cached. */
  sha256: string;
  origin: PictureOrigin;
}

export interface DecodeRequest {
  bytes: Uint8Array;
  /** How the picture is called in an error: `B (cat.png)`. */
  picture: string;
  /** The picture is scaled, up or down, to fit this size in its own aspect ratio. */
  fit: Size;
  limits: PictureLimits;
  signal?: AbortSignal;
}

/** A decoded picture, scaled to fit, not yet letterboxed. */
export interface Decoded extends RgbPicture {
  origin: PictureOrigin;
}

/**
 * Untrusted bytes to plain pixels. A request and an answer hold nothing but plain data, so a
 * decoder may live in this process or in a child that can be killed.
 *
 * @throws LikewiseError with a `PICTURE_…` code
 */
export type Decoder = (request: DecodeRequest) => Promise<Decoded>;
