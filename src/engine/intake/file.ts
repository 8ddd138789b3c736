import { constants, open } from 'node:fs/promises';
import { LikewiseError } from '../../errors.ts';
import type { PictureLimits } from './picture.ts';

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Reads a file that may be anything; what is no plain file, or over the limit, is not read at all.
 *
 * @throws LikewiseError `PICTURE_MISSING`, `PICTURE_TOO_HEAVY`
 */
export async function readBytes(
  path: string,
  picture: string,
  limits: PictureLimits,
): Promise<Uint8Array> {
  try {
    // Not to wait for a writer, should it be a pipe.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await file.stat();
    // A pipe or a device may have no end.
    if (stat.isDirectory()) throw Object.assign(new Error('folder'), { code: 'EISDIR' });
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > limits.megabytes * 1e6) {
      const megabytes = (stat.size / 1e6).toFixed(1);
      throw new LikewiseError('PICTURE_TOO_HEAVY', { picture, megabytes, limit: limits.megabytes });
    }
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof LikewiseError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = reasons[code ?? ''] ?? message;
    throw new LikewiseError('PICTURE_MISSING', { picture, reason }, { cause });
  }
}
