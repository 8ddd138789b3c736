import { z } from 'zod';
import { type ErrorCode, LikewiseError } from '../../../errors.ts';
import {
  type Decoded,
  type DecodeRequest,
  type PictureLimits,
  pictureNotes,
  type Size,
} from '../picture.ts';
import type { Frame } from './frames.ts';

/** What goes to the child, and what comes back. What a picture is called, it is not told. */

/** The order's header; the picture's bytes are the body. */
export interface Order {
  readonly fit: Size;
  readonly limits: PictureLimits;
}

export type Answer =
  | { readonly kind: 'ready' }
  /** The pixels are the body. */
  | ({ readonly kind: 'decoded' } & Omit<Decoded, 'rgb'>)
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly details: Record<string, string | number>;
      /** What the decoder said, for the log. */
      readonly cause: string;
    };

/** Refusals that the child may give; what it was killed for is for the parent to say. */
const refusals = [
  'PICTURE_TOO_LARGE',
  'PICTURE_TOO_SMALL',
  'PICTURE_TOO_NARROW',
  'PICTURE_UNPACKED',
  'PICTURE_INTERLACED',
  'PICTURE_BROKEN',
  'PICTURE_MEMORY',
  'PICTURE_SLOW',
  'PICTURE_UNUSUAL',
] as const satisfies ErrorCode[];
export type RefusalCode = (typeof refusals)[number];

export function isRefusalCode(code: ErrorCode): code is RefusalCode {
  return refusals.some((one) => one === code);
}

/** Most characters of a message that is passed on. */
export const messageLength = 500;

const pixels = z.int().min(1).max(1e6);
const answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({
    kind: z.literal('decoded'),
    width: pixels,
    height: pixels,
    origin: z.strictObject({
      format: z.enum(['jpeg', 'png', 'webp', 'gif']),
      width: pixels,
      height: pixels,
      notes: z.array(z.enum(pictureNotes)).max(3),
    }),
  }),
  z.strictObject({
    kind: z.literal('refused'),
    code: z.enum(refusals),
    details: z.record(z.string(), z.union([z.number(), z.string().max(100)])),
    cause: z.string().max(messageLength),
  }),
]);

/** @throws ZodError for what no child of ours would say */
export function readAnswer({ header }: Frame): Answer {
  return answer.parse(header);
}

/**
 * The picture that an answer holds.
 *
 * @throws LikewiseError the refusal, about the picture by its name; RangeError for an answer that
 * does not fit what was asked
 */
export function decodedOf(frame: Frame, { picture, fit }: DecodeRequest): Decoded {
  const found = readAnswer(frame);
  if (found.kind === 'refused') {
    const details = { ...found.details, picture };
    const cause = new Error(found.cause);
    throw new LikewiseError(found.code, details as never, { cause });
  }
  if (found.kind !== 'decoded') throw new RangeError(`a picture was expected, not "${found.kind}"`);
  const { width, height, origin } = found;
  if (width > fit.width || height > fit.height || frame.body.length !== width * height * 3) {
    throw new RangeError(`${frame.body.length} bytes are no ${width} x ${height} picture`);
  }
  return { rgb: frame.body, width, height, origin };
}
