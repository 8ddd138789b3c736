import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';

/** A file of a release on GitHub. */
export interface Asset {
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** Milliseconds for an answer that is no file. */
const patienceMs = 30_000;

/** As far as it is needed: https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name */
const releaseSchema = z.object({
  assets: z.array(
    z.object({
      name: z.string(),
      size: z.number(),
      digest: z.string().nullish(),
      browser_download_url: z.string(),
    }),
  ),
});

/**
 * Looks a file of a release up, without fetching it.
 * @param url what GitHub's API says of the release, or a copy of it
 * @throws LikewiseError `CUDA_UNREACHABLE`, `CUDA_RATE_LIMIT`, `CUDA_RELEASE`
 */
export async function findAsset(url: string, name: string, signal: AbortSignal): Promise<Asset> {
  const { assets } = await ask(url, signal);
  const found = assets.find((asset) => asset.name === name);
  const wrong = (reason: string) => new LikewiseError('CUDA_RELEASE', { url, reason });
  if (!found) throw wrong(`it has no ${name}`);
  const sha256 = found.digest?.match(/^sha256:([0-9a-f]{64})$/i)?.[1]?.toLowerCase();
  if (sha256 === undefined) {
    throw wrong(`it lists no SHA-256 of ${name}, so what arrives could not be checked`);
  }
  const address = found.browser_download_url;
  if (!isSafe(address)) throw wrong(`the address of ${name}, ${address}, is not safe`);
  return { url: address, size: found.size, sha256 };
}

/**
 * Whether nobody on the way can change what comes from an address: of https, or of this machine. A native
 * library is loaded from it, and what it is held against comes from one.
 */
export function isSafe(address: string): boolean {
  const { protocol, hostname } = URL.parse(address) ?? {};
  if (protocol === 'https:') return true;
  return protocol === 'http:' && /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(hostname ?? '');
}

async function ask(url: string, signal: AbortSignal): Promise<z.infer<typeof releaseSchema>> {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/vnd.github+json', 'user-agent': 'likewise' },
      signal: AbortSignal.any([signal, limit]),
    });
    const until = limitedUntil(response);
    if (until !== undefined) {
      await letGo(response);
      throw new LikewiseError('CUDA_RATE_LIMIT', { url, until });
    }
    await assertGood(response);
    return releaseSchema.parse(await response.json());
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof LikewiseError) throw cause;
    const strange = cause instanceof SyntaxError || cause instanceof z.ZodError;
    const reason = strange ? 'its answer describes no release of GitHub' : reasonOf(cause);
    throw unreachable(url, reason, cause);
  }
}

/** @throws Error where it is refused, or led to where somebody may have changed it */
async function assertGood(response: Response): Promise<void> {
  const { ok, status, url } = response;
  if (ok && isSafe(url)) return;
  await letGo(response);
  throw new Error(
    ok ? `it leads to ${url}, which is not safe` : `it answers with status ${status}`,
  );
}

/** What is not read would keep its connection open. */
async function letGo({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {}); // it broke off by itself
}

/**
 * Until when GitHub answers no more, in words; undefined: that is not why it refused.
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function limitedUntil({ status, headers }: Response): string | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const wait = headers.get('retry-after');
  if (wait !== null && /^\d+$/.test(wait)) return `for ${wait} s`;
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000;
  const spent = headers.get('x-ratelimit-remaining') === '0';
  // Instead of seconds, HTTP allows a date.
  const until = wait === null ? reset : Date.parse(wait);
  if ((spent || wait !== null) && Math.abs(until) < 1e14)
    return `until ${new Date(until).toISOString().slice(11, 16)} UTC`;
  return spent || wait !== null || status === 429 ? 'for an hour' : undefined;
}

/**
 * Fetches a file of a release, and checks it.
 * @throws LikewiseError `CUDA_UNREACHABLE`, `CUDA_CHECKSUM`; whatever `fs` throws
 */
export async function fetchAsset(
  { url, size, sha256 }: Asset,
  target: string,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<void> {
  const hash = createHash('sha256');
  const wrong = (reason: string) => new LikewiseError('CUDA_CHECKSUM', { file: url, reason });
  let got = 0;
  try {
    const response = await fetch(url, { signal });
    await assertGood(response);
    if (!response.body) throw new Error('its answer is empty');
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          got += chunk.length;
          // Room was made sure of for so many.
          if (got > size) throw wrong(`it has more than ${size} bytes`);
          onBytes(got);
          yield chunk;
        }
      },
      createWriteStream(target),
    );
  } catch (cause) {
    signal.throwIfAborted();
    // The disk's own troubles are no fault of the server.
    const { syscall } = cause as NodeJS.ErrnoException;
    if (cause instanceof LikewiseError || syscall === 'write' || syscall === 'open') throw cause;
    const so = got > 0 ? `the connection broke off after ${got} bytes` : reasonOf(cause);
    throw unreachable(url, so, cause);
  }
  if (got !== size) throw wrong(`it has ${got} bytes, not ${size}`);
  if (hash.digest('hex') !== sha256)
    throw wrong('its SHA-256 is not the one that the release lists');
}

function unreachable(url: string, reason: string, cause?: unknown): LikewiseError {
  return new LikewiseError('CUDA_UNREACHABLE', { url, reason }, { cause });
}

/** fetch itself says only that it failed. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (error instanceof DOMException) return `no answer in ${patienceMs / 1000} s`;
  const { code, message: deeper } = (cause ?? {}) as NodeJS.ErrnoException;
  // Codes of the system say enough; those of the library that fetches do not.
  return code && !code.startsWith('UND_') ? code : (deeper ?? message);
}
