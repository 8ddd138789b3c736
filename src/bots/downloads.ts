import { capped } from './files.ts';

/** How files that were sent to a platform are read. */
export interface DownloadOptions {
  /** The platform's own hosts, with their port where it is not the usual one; exactly these. */
  readonly hosts: readonly string[];
  /** Most bytes. */
  readonly most: number;
  /** Milliseconds until it is given up. @default 30,000 */
  readonly timeout?: number;
}

export interface Asking {
  readonly signal: AbortSignal;
  /** May hold a secret: they are shown to the hosts that are allowed, and carried nowhere else. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is thrown where a page comes in place of the file, or the way to one. */
  readonly elsewhere?: () => Error;
}

/**
 * Reads a file from the platform's own hosts only, by https, without following it elsewhere, and never
 * far beyond the limit, whatever size was promised.
 * @throws Error where its address is another one, or answers with no file; whatever `fetch` throws
 */
export async function download(
  address: string,
  options: DownloadOptions & Asking,
): Promise<AsyncIterable<Uint8Array>> {
  const { hosts, most, timeout = 30_000, signal, headers = {}, elsewhere } = options;
  const answer = await fetch(allowed(address, hosts), {
    // Nothing is asked of where it points.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    headers,
  });
  const type = answer.headers.get('content-type') ?? '';
  const isPage = type.startsWith('text/html');
  if (answer.ok && answer.body && !isPage) return capped(answer.body, most);
  await answer.body?.cancel();
  const isElsewhere = answer.status >= 300 && answer.status < 400;
  if (elsewhere && (isPage || isElsewhere)) throw elsewhere();
  throw new Error(`the file was answered with ${answer.status} ${type}`);
}

function allowed(address: string, hosts: readonly string[]): URL {
  const url = new URL(address);
  const isLocal = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
  if (!isSafe || !hosts.includes(url.host) || url.username !== '' || url.password !== '') {
    throw new Error(`files are not read from ${url.protocol}//${url.host}`);
  }
  return url;
}
