import type { LazyFile } from '../../commands/port.ts';
import { capped } from '../files.ts';

/** What Discord says of a file that was sent. */
export interface Sent {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly url: string;
  readonly contentType?: string | null;
}

export interface DownloadOptions {
  /** Hosts, with their port where it is not the usual one; exactly these. */
  readonly hosts: readonly string[];
  /** Most bytes. */
  readonly most: number;
  /** Milliseconds until it is given up. @default 30,000 */
  readonly timeout?: number;
}

/**
 * A file that somebody sent: read from Discord's own hosts only, without following it elsewhere, and
 * never beyond the limit, whatever size was promised. Its address is signed, and expires.
 */
export function downloadOf(file: Sent, options: DownloadOptions): LazyFile {
  const { hosts, most, timeout = 30_000 } = options;
  return {
    name: file.name,
    size: file.size,
    async fetch(signal) {
      const url = allowed(file.url, hosts);
      const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
      const answer = await fetch(url, { redirect: 'error', signal: ending });
      const type = answer.headers.get('content-type') ?? '';
      if (!answer.ok || !answer.body || type.startsWith('text/html')) {
        await answer.body?.cancel();
        throw new Error(`the attachment was answered with ${answer.status} ${type}`);
      }
      return capped(answer.body, most);
    },
  };
}

function allowed(address: string, hosts: readonly string[]): URL {
  const url = new URL(address);
  const isLocal = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
  if (!isSafe || !hosts.includes(url.host) || url.username !== '') {
    throw new Error(`attachments are not read from ${url.protocol}//${url.host}`);
  }
  return url;
}
