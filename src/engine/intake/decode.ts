import sharp from 'sharp';
import { LikewiseError } from '../../errors.ts';
import { checkBytes, checkHeader } from './limits.ts';
import type { Decoded, DecodeRequest, Size } from './picture.ts';

// A phone's JPEG with a second picture for bright displays is read as the JPEG that it is: by the
// loader that all others go through, not by one of its own.
sharp.block({ operation: ['VipsForeignLoadUhdr'] });

/** Most seconds that decoding takes where no process can be ended for it. */
const patience = 60;

/**
 * Decodes in this process. Every limit is checked on the header, before a pixel is decoded.
 * What comes out: the first frame, upright (EXIF), sRGB (by its ICC profile where it has one),
 * 8 bits, on white where it was transparent, without metadata.
 */
export async function decode(request: DecodeRequest): Promise<Decoded> {
  const { bytes, fit, limits, signal } = request;
  signal?.throwIfAborted();
  const format = checkBytes(request);
  const header = await whole(request, () =>
    sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata(),
  );
  const origin = checkHeader(request, format, header);
  signal?.throwIfAborted();

  const size = scaledToFit(origin, fit);
  const rgb = await whole(request, () =>
    sharp(bytes, {
      autoOrient: true,
      failOn: 'error',
      limitInputPixels: limits.megapixels * 1e6,
      pages: 1,
    })
      .flatten({ background: '#ffffff' })
      .resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' })
      .toColourspace('srgb')
      .removeAlpha()
      .timeout({ seconds: patience })
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

/** A file that begins like a picture and cannot be read to its end is damaged. */
async function whole<T>({ picture }: DecodeRequest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    if (/timeout: \d+% complete/.test(message)) {
      throw new LikewiseError('PICTURE_SLOW', { picture, seconds: patience }, { cause });
    }
    if (/out of memory|cannot allocate|unable to allocate|bad_alloc/i.test(message)) {
      throw new LikewiseError('PICTURE_MEMORY', { picture }, { cause });
    }
    throw new LikewiseError('PICTURE_BROKEN', { picture }, { cause });
  }
}
