import type { LazyFile } from '../../commands/port.ts';
import { type DownloadOptions, download } from '../downloads.ts';

/** What Discord says of a file that was sent. */
export interface Sent {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly url: string;
  readonly contentType?: string | null;
}

/** A file that somebody sent. Its address is signed, and expires. */
export function downloadOf({ name, size, url }: Sent, options: DownloadOptions): LazyFile {
  return { name, size, fetch: (signal) => download(url, { ...options, signal }) };
}
