import type { Metadata } from 'sharp';
import { LikewiseError } from '../../errors.ts';
import type { DecodeRequest, PictureNote, PictureOrigin, Size } from './picture.ts';
import { sniff } from './sniff.ts';

/** What is refused before a pixel is decoded: by the bytes first, then by the header. */

/**
 * The format that the bytes say they are. Costs nothing: it looks at their number and their first
 * few thousand only.
 *
 * @throws LikewiseError `PICTURE_EMPTY`, `PICTURE_TOO_HEAVY`, `PICTURE_UNKNOWN`, or the code of a
 * format that is not read
 */
export function checkBytes({ bytes, picture, limits }: DecodeRequest): PictureOrigin['format'] {
  if (bytes.length === 0) throw new LikewiseError('PICTURE_EMPTY', { picture });
  if (bytes.length > limits.megabytes * 1e6) {
    const megabytes = (bytes.length / 1e6).toFixed(1);
    throw new LikewiseError('PICTURE_TOO_HEAVY', { picture, megabytes, limit: limits.megabytes });
  }
  const found = sniff(bytes);
  if (found.kind === 'unknown') throw new LikewiseError('PICTURE_UNKNOWN', { picture });
  if (found.kind === 'other') {
    throw new LikewiseError(found.code, { picture, format: found.name });
  }
  return found.format;
}

/**
 * What the picture was, by its header.
 *
 * @throws LikewiseError `PICTURE_TOO_LARGE`, `PICTURE_TOO_SMALL`, `PICTURE_TOO_NARROW`,
 * `PICTURE_UNPACKED`, `PICTURE_INTERLACED`, `PICTURE_UNUSUAL`
 */
export function checkHeader(
  request: DecodeRequest,
  format: PictureOrigin['format'],
  header: Metadata,
): PictureOrigin {
  const { width, height } = header;
  // Orientations 5 to 8 lie on their side.
  const turned = (header.orientation ?? 1) >= 5;
  const size = turned ? { width: height, height: width } : { width, height };
  const origin: PictureOrigin = { format, ...size, notes: notesOf(header) };
  checkSize(request, size);
  checkUnpacked(request, header);
  checkTraits(request, origin.notes);
  return origin;
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

/** Bytes of a sample, by the name that libvips has for its type. */
const sampleBytes: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2 };

function checkUnpacked({ picture, limits }: DecodeRequest, header: Metadata): void {
  const samples = header.width * header.height * header.channels;
  const unpacked = (samples * (sampleBytes[header.depth] ?? 8)) / 1e6;
  const told = { picture, megabytes: Math.round(unpacked) };
  if (unpacked > limits.unpackedMegabytes) {
    throw new LikewiseError('PICTURE_UNPACKED', { ...told, limit: limits.unpackedMegabytes });
  }
  // Others are decoded row by row; these are in memory as a whole, some of them several times.
  if (header.isProgressive && unpacked > limits.interlacedMegabytes) {
    throw new LikewiseError('PICTURE_INTERLACED', { ...told, limit: limits.interlacedMegabytes });
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
