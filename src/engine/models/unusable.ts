import { LikewiseError } from '../../errors.ts';

/** The error for a folder that is not, or not yet, a model that can be used. */
export function unusable(
  path: string,
  reason: string,
  cause?: unknown,
): LikewiseError<'MODEL_UNUSABLE'> {
  return new LikewiseError('MODEL_UNUSABLE', { path, reason }, { cause });
}
