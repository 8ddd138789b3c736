import sharp, { type Metadata } from 'sharp';
import { LikewiseError } from '../../errors.ts';
import type { Decoded, DecodeRequest, PictureNote, PictureOrigin, Size } from './picture.ts';
import { sniff } from './sniff.ts';

/**
 * Decodes in this process. Every limit is checked on the header, before a pixel is decoded.
 * What comes out: the first frame, upright (EXIF), sRGB (by its ICC profile where it has one),
 * 8 bits, on white where it was transparent, without metadata.
 */
export async function decode(request: DecodeRequest): Promise<Decoded> {
  const { bytes, fit, signal } = request;
  signal?.throwIfAborted();
  const format = checkFormat(request);
  const header = await whole(request, () =>
    sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata(),
  );
  const origin: PictureOrigin = {
    format,
    // Orientations 5 to 8 lie on their side.
    ...((header.orientation ?? 1) >= 5
      ? { width: header.height, height: header.width }
      : { width: header.width, height: header.height }),
    notes: notesOf(header),
  };
  checkSize(request, origin);
  checkTraits(request, origin.notes);
  signal?.throwIfAborted();

  const size = scaledToFit(origin, fit);
  const rgb = await whole(request, () =>
    sharp(bytes, {
      autoOrient: true,
      failOn: 'error',
      limitInputPixels: request.limits.megapixels * 1e6,
      pages: 1,
    })
      .flatten({ background: '#ffffff' })
      .resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' })
      .toColourspace('srgb')
      .removeAlpha()
      .timeout({ seconds: 60 })
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );
  return { rgb: new Uint8Array(rgb), ...size, origin };
}

/** The largest size in the picture's aspect ratio that fits, each side one pixel or more. */
export function scaledToFit(picture: Size, fit: Size): Size {
  const scale = Math.min(fit.width / picture.width, fit.height / picture.height);
  return {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
}

function checkFormat({ bytes, picture, limits }: DecodeRequest): PictureOrigin['format'] {
  if (bytes.length === 0) throw new LikewiseError('PICTURE_EMPTY', { picture });
  if (bytes.length > limits.megabytes * 1e6) {
    const megabytes = (bytes.length / 1e6).toFixed(1);
    throw new LikewiseError('PICTURE_TOO_HEAVY', { picture, megabytes, limit: limits.megabytes });
  }
  const found = sniff(bytes);
  if (found.kind === 'unknown') throw new LikewiseError('PICTURE_UNKNOWN', { picture });
  if (found.kind === 'other') {
    throw new LikewiseError('PICTURE_FORMAT', { picture, format: found.name });
  }
  return found.format;
}

function checkSize({ picture, limits }: DecodeRequest, { width, height }: Size): void {
  const told = { picture, width, height };
  if (width * height > limits.megapixels * 1e6) {
    throw new LikewiseError('PICTURE_TOO_LARGE', { ...told, limit: limits.megapixels });
  }
  if (Math.min(width, height) < limits.minSide) {
    throw new LikewiseError('PICTURE_TOO_SMALL', { ...told, limit: limits.minSide });
  }
  if (Math.max(width, height) > limits.maxAspect * Math.min(width, height)) {
    throw new LikewiseError('PICTURE_TOO_NARROW', { ...told, limit: limits.maxAspect });
  }
}

const traits: Record<PictureNote, string> = {
  animated: 'animated',
  cmyk: 'made for print (CMYK)',
  deep: 'stored with 16 bits a channel',
};

function checkTraits({ picture, limits }: DecodeRequest, notes: PictureNote[]): void {
  if (limits.unusual === 'convert' || notes[0] === undefined) return;
  throw new LikewiseError('PICTURE_UNUSUAL', { picture, trait: traits[notes[0]] });
}

function notesOf(header: Metadata): PictureNote[] {
  const notes: PictureNote[] = [];
  if ((header.pages ?? 1) > 1) notes.push('animated');
  if (header.space === 'cmyk') notes.push('cmyk');
  if (header.depth !== 'uchar') notes.push('deep');
  return notes;
}

/** A file that begins like a picture and cannot be read to its end is damaged. */
async function whole<T>({ picture }: DecodeRequest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new LikewiseError('PICTURE_BROKEN', { picture }, { cause });
  }
}
