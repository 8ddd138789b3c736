import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';

/** A package of a NuGet feed. https://learn.microsoft.com/nuget/api/overview */
export interface NugetPackage {
  readonly url: string;
  /** Bytes, and SHA-512 in base64, where the feed tells. */
  readonly size: number | undefined;
  readonly sha512: string | undefined;
}

/** Milliseconds for an answer that is no package. */
const patienceMs = 30_000;

const indexSchema = z.object({
  resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })),
});
const registrationSchema = z.object({
  catalogEntry: z.union([z.string(), z.object({ '@id': z.string() })]),
});
const catalogSchema = z.object({
  packageHash: z.string(),
  packageHashAlgorithm: z.literal('SHA512'),
  packageSize: z.number(),
});

/**
 * Looks a package up, without fetching it.
 * @param feed address of the feed's service index
 * @throws LikewiseError `CUDA_UNREACHABLE`
 */
export async function findPackage(
  feed: string,
  { name, version }: { name: string; version: string },
  signal: AbortSignal,
): Promise<NugetPackage> {
  const index = await ask(feed, indexSchema, signal);
  const baseOf = (type: string) => {
    const found = index.resources.find((one) => one['@type'].startsWith(type))?.['@id'];
    return found?.replace(/\/*$/, '/');
  };
  const base = baseOf('PackageBaseAddress/3');
  if (base === undefined) throw unreachable(feed, 'it is no NuGet feed of version 3');
  const [id, number] = [name.toLowerCase(), version.toLowerCase()];
  const url = `${base}${id}/${number}/${id}.${number}.nupkg`;
  const registrations = baseOf('RegistrationsBaseUrl');
  if (registrations === undefined) return { url, size: undefined, sha512: undefined };
  const { catalogEntry } = await ask(
    `${registrations}${id}/${number}.json`,
    registrationSchema,
    signal,
  );
  const at = typeof catalogEntry === 'string' ? catalogEntry : catalogEntry['@id'];
  const { packageHash, packageSize } = await ask(at, catalogSchema, signal);
  return { url, size: packageSize, sha512: packageHash };
}

async function ask<T>(url: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, limit]) });
    if (!response.ok) throw new Error(`it answers with status ${response.status}`);
    return schema.parse(await response.json());
  } catch (cause) {
    signal.throwIfAborted();
    const strange = cause instanceof SyntaxError || cause instanceof z.ZodError;
    throw unreachable(
      url,
      strange ? 'its answer is not that of a NuGet feed' : reasonOf(cause),
      cause,
    );
  }
}

/**
 * Fetches a package into a file, and checks it.
 * @throws LikewiseError `CUDA_UNREACHABLE`, `CUDA_CHECKSUM`; whatever `fs` throws
 */
export async function fetchPackage(
  { url, size, sha512 }: NugetPackage,
  target: string,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<void> {
  const hash = createHash('sha512');
  let got = 0;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body)
      throw new Error(`it answers with status ${response.status}`);
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          got += chunk.length;
          onBytes(got);
          yield chunk;
        }
      },
      createWriteStream(target),
    );
  } catch (cause) {
    signal.throwIfAborted();
    // The disk's own troubles are no fault of the feed.
    if ((cause as NodeJS.ErrnoException).syscall === 'write') throw cause;
    const so = got > 0 ? `the connection broke off after ${got} bytes` : reasonOf(cause);
    throw unreachable(url, so, cause);
  }
  const wrong =
    size !== undefined && got !== size
      ? `it has ${got} bytes, not ${size}`
      : sha512 !== undefined && hash.digest('base64') !== sha512
        ? 'its SHA-512 is not the one that the feed lists'
        : undefined;
  if (wrong !== undefined) throw new LikewiseError('CUDA_CHECKSUM', { file: url, reason: wrong });
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
