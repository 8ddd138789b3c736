import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';

/** What is not as an archive of a release has to be. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** Paths of files in the folder `lib/` of the one folder that an archive holds. */
const inLib = /^(?:\.\/)?(?!\.\.?\/)[^/]+\/lib\/([^/]+)$/;

/** What is wanted of an archive. */
export interface Unpacking {
  /** Files that lie in `ANY/lib/`; no other is written. */
  readonly names: readonly string[];
  /** A folder that has none of them yet. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Sees a file before it is written, with its bytes, and can refuse it by throwing. */
  accept(entry: { readonly path: string; readonly size: number }): Promise<void>;
}

/**
 * Unpacks files of a `.tgz` under names of their own: no path that stands in the archive is ever written
 * to. On failure, what is written so far stays in the folder.
 * @throws ArchiveError where it is damaged, or lacks one; whatever `accept` or `fs` throws
 */
export async function unpack(archive: string, wanted: Unpacking): Promise<void> {
  const { names, signal } = wanted;
  const parser = new Parser({ strict: true });
  const stop = new AbortController();
  const failed = Promise.withResolvers<never>();
  const fail = (error: unknown) => {
    stop.abort(error);
    failed.reject(error);
  };
  failed.promise.catch(() => {});
  const onAbort = () => fail(signal.reason);
  signal.addEventListener('abort', onAbort);
  const writes = new Map<string, Promise<void>>();
  parser.on('error', (cause) => fail(new ArchiveError('it cannot be unpacked', { cause })));
  parser.on('entry', (entry: ReadEntry) => {
    const [, name = ''] = entry.path.match(inLib) ?? [];
    if (!names.includes(name)) return void entry.resume();
    if (writes.has(name)) return fail(new ArchiveError(`it has ${name} twice`));
    writes.set(name, write(entry, join(wanted.folder, name), wanted, stop.signal).catch(fail));
  });
  const ended = once(parser, 'end', { signal: stop.signal });
  ended.catch(() => {});
  try {
    signal.throwIfAborted();
    await pipeline(createReadStream(archive), createGunzip(), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        stop.signal.throwIfAborted();
        if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed.promise]);
      }
      parser.end();
      await Promise.race([Promise.all([ended, ...writes.values()]), failed.promise]);
    });
  } catch (cause) {
    fail(cause);
    if (!/^Z_/.test((cause as NodeJS.ErrnoException).code ?? '')) throw stop.signal.reason;
    throw new ArchiveError('it is no .tgz, or damaged', { cause });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.allSettled(writes.values());
  }
  const lacking = names.find((name) => !writes.has(name));
  if (lacking !== undefined) throw new ArchiveError(`it has no ${lacking}`);
}

async function write(
  entry: ReadEntry,
  target: string,
  { accept }: Unpacking,
  signal: AbortSignal,
): Promise<void> {
  const { path, size, type } = entry;
  if (!/^(?:Old|Contiguous)?File$/.test(type)) throw new ArchiveError(`${path} is no plain file`);
  await accept({ path, size });
  await pipeline(entry, createWriteStream(target), { signal });
}
