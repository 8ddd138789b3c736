import type { LazyFile } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import { capped } from '../files.ts';
import { errorIn, type FileInfo, type Wire } from './wire.ts';

export interface DownloadOptions {
  /** Hosts, with their port where it is not the usual one; exactly these. */
  readonly hosts: readonly string[];
  /** Most bytes. */
  readonly most: number;
  /** Milliseconds until it is given up. @default 30,000 */
  readonly timeout?: number;
}

/**
 * A file of the workspace by its id. Its address takes the bot's token, which is shown to Slack's own
 * hosts only and never carried on to another address. Without the scope for it Slack answers with a
 * page to sign in, or with the way to it.
 */
export function downloadOf(wire: Wire, id: string, options: DownloadOptions): LazyFile {
  const { hosts, most, timeout = 30_000 } = options;
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
      const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      const answer = await fetch(allowed(url, hosts), {
        // It would lead to the page to sign in: nothing is asked of where it points.
        redirect: 'manual',
        signal: ending,
        headers: { authorization: `Bearer ${wire.token}` },
      });
      const type = answer.headers.get('content-type') ?? '';
      if (answer.ok && answer.body && !type.startsWith('text/html'))
        return capped(answer.body, most);
      await answer.body?.cancel();
      const isElsewhere = answer.status >= 300 && answer.status < 400;
      if (isElsewhere || type.startsWith('text/html')) throw forbidden(name);
      throw new Error(`the file was answered with ${answer.status} ${type}`);
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

function allowed(address: string, hosts: readonly string[]): URL {
  const url = new URL(address);
  const isLocal = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
  if (!isSafe || !hosts.includes(url.host) || url.username !== '') {
    throw new Error(`files are not read from ${url.protocol}//${url.host}`);
  }
  return url;
}
