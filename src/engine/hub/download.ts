import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LikewiseError } from '../../errors.ts';
import { hashFile, startHash } from './checksum.ts';
import type { HubClient, HubFile } from './client.ts';
import { TransientError } from './fetch.ts';

export interface DownloadOptions {
  readonly client: HubClient;
  readonly hub: string;
  readonly repo: string;
  readonly commit: string;
  readonly signal: AbortSignal;
  /** Attempts in a row that bring no byte before it is given up. */
  readonly attempts: number;
  /** Milliseconds before the second of them; each further one waits twice as long. */
  readonly delayMs: number;
  /** Is told how many bytes of the file are there. */
  onBytes(bytes: number): void;
}

/**
 * Fetches one file, or the rest of it where its beginning is there already, and checks it. A broken
 * connection is gone on from; a wrong checksum is tried once more from the start.
 * @throws LikewiseError `HUB_UNREACHABLE`, `HUB_CHECKSUM`; whatever `fs` throws
 */
export async function download(
  file: HubFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  for (const last of [false, true]) {
    const found = await fill(file, target, options);
    if (found === file.checksum.hex) return;
    await rm(target, { force: true });
    options.onBytes(0);
    if (!last) continue;
    const { repo, hub } = options;
    const reason = `${found.slice(0, 12)}… is not ${file.checksum.hex.slice(0, 12)}…`;
    throw new LikewiseError('HUB_CHECKSUM', { file: file.path, repo, hub, reason });
  }
}

/** Makes the file whole. @returns its checksum, hex */
async function fill(file: HubFile, target: string, options: DownloadOptions): Promise<string> {
  const { client, commit, signal, attempts, delayMs, onBytes } = options;
  let have = await sizeOf(target);
  if (have > file.size) {
    await rm(target);
    have = 0;
  }
  const hash = startHash(file.checksum, file.size);
  if (have > 0) await hashFile(hash, target, signal);
  onBytes(have);
  const handle = await open(target, 'a');
  try {
    for (let failures = 0; have < file.size; ) {
      const before = have;
      try {
        for await (const chunk of client.bytes(commit, file, have)) {
          if (have + chunk.length > file.size) throw new TransientError('it sends too much');
          await writeAll(handle, chunk);
          hash.update(chunk);
          have += chunk.length;
          onBytes(have);
        }
        if (have < file.size) throw new TransientError('the connection broke off');
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        failures = have > before ? 1 : failures + 1;
        if (failures >= attempts) throw unreachable(options.hub, error);
        await sleep(delayMs * 2 ** (failures - 1), undefined, { signal });
      }
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Whole or not at all: what is hashed has to be what lies on the disk. */
async function writeAll(
  handle: { write(data: Uint8Array): Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await handle.write(chunk.subarray(done))).bytesWritten;
  }
}

/** Asks again where that may help. */
export async function patiently<T>(
  question: () => Promise<T>,
  {
    hub,
    signal,
    attempts,
    delayMs,
  }: Omit<DownloadOptions, 'onBytes' | 'client' | 'commit' | 'repo'>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (failures >= attempts) throw unreachable(hub, error);
      await sleep(delayMs * 2 ** (failures - 1), undefined, { signal });
    }
  }
}

function unreachable(hub: string, cause: TransientError): LikewiseError {
  return new LikewiseError('HUB_UNREACHABLE', { hub, reason: cause.message }, { cause });
}

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
