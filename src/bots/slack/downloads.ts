import type { LazyFile } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import { type DownloadOptions, download } from '../downloads.ts';
import { errorIn, type FileInfo, type Wire } from './wire.ts';

/**
 * A file of the workspace by its id. Its address takes the bot's token, which is shown to Slack's own
 * hosts only and never carried on to another address. Without the scope for it Slack answers with a
 * page to sign in, or with the way to it.
 */
export function downloadOf(wire: Wire, id: string, options: DownloadOptions): LazyFile {
  const { most } = options;
  return {
    // It is not known before it is asked for.
    name: '',
    async fetch(signal) {
      const { url, name, size } = await infoOf(wire, id);
      if (url === undefined) throw new Error(`Slack does not say where the file ${id} is`);
      if (size > most) {
        const megabytes = (size / 1e6).toFixed(1);
        const details = { picture: name, megabytes, limit: most / 1e6 };
        throw new LikewiseError('PICTURE_TOO_HEAVY', details);
      }
      const headers = { authorization: `Bearer ${wire.token}` };
      return download(url, { ...options, signal, headers, elsewhere: () => forbidden(name) });
    },
  };
}

async function infoOf(wire: Wire, id: string): Promise<FileInfo> {
  try {
    return await wire.file(id);
  } catch (error) {
    if (errorIn(error) === 'missing_scope') throw forbidden('');
    throw error;
  }
}

function forbidden(name: string): LikewiseError {
  const picture = name === '' ? 'The file' : name;
  return new LikewiseError('FETCH_FORBIDDEN', { picture, permission: 'files:read' });
}
