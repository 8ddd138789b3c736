import { downloadFile, listFiles, modelInfo } from '@huggingface/hub';
import { LikewiseError } from '../../errors.ts';
import type { Checksum } from './checksum.ts';
import { type HubFetchOptions, hubFetch, reasonOf, TransientError } from './fetch.ts';

/** A file of a repository. */
export interface HubFile {
  /** By `/`, from the top of the repository. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly checksum: Checksum;
}

export interface HubClient {
  /** The commit that the revision stands for now, hex. */
  commit(): Promise<string>;
  /** Every file of a commit. */
  files(commit: string): Promise<HubFile[]>;
  /**
   * The bytes of a file from one on, as they come.
   * @throws TransientError where the server breaks off, says nothing for too long, or sends
   *   something else than was asked for
   */
  bytes(commit: string, file: HubFile, from: number): AsyncGenerator<Uint8Array>;
}

export interface HubClientOptions extends HubFetchOptions {
  readonly signal: AbortSignal;
  /** Seconds without a byte after which a connection counts as broken. */
  readonly idleSeconds: number;
}

/** One repository of a hub that speaks Hugging Face's protocol. */
export function hubClient(options: HubClientOptions): HubClient {
  const { hub, repo, revision, signal, idleSeconds } = options;
  const asked = async <T>(question: (fetcher: typeof fetch) => Promise<T>): Promise<T> => {
    const timeout = AbortSignal.timeout(idleSeconds * 1000);
    try {
      return await question(hubFetch(options, () => AbortSignal.any([signal, timeout])));
    } catch (error) {
      throw understood(error);
    }
  };
  /** What was not thrown on purpose is the server's: an answer that is not what it should be. */
  const understood = (error: unknown): unknown => {
    if (signal.aborted) return signal.reason;
    if (error instanceof LikewiseError || error instanceof TransientError) return error;
    const slow = error instanceof DOMException && error.name === 'TimeoutError';
    const why = slow ? `nothing came for ${idleSeconds} s` : reasonOf(error);
    return new TransientError(why, { cause: error });
  };
  const designation = { type: 'model', name: repo } as const;

  return {
    commit: () =>
      asked(async (fetcher) => {
        const fields = { additionalFields: ['sha'] as 'sha'[], hubUrl: hub, fetch: fetcher };
        const { sha } = await modelInfo({ name: repo, revision, ...fields });
        if (!/^[\da-f]{6,64}$/.test(sha ?? '')) throw new TransientError('it names no commit');
        return sha;
      }),

    files: (commit) =>
      asked(async (fetcher) => {
        const found: HubFile[] = [];
        const where = { repo: designation, revision: commit, hubUrl: hub, fetch: fetcher };
        for await (const { type, path, size, oid, lfs } of listFiles({
          ...where,
          recursive: true,
        })) {
          if (type !== 'file' || !isPlain(path)) continue;
          const checksum: Checksum = lfs
            ? { kind: 'sha256', hex: lfs.oid.replace(/^sha256:/, '') }
            : { kind: 'git', hex: oid ?? '' };
          found.push({ path, size: lfs?.size ?? size, checksum });
        }
        return found;
      }),

    async *bytes(commit, file, from) {
      const idle = new AbortController();
      const timer = setTimeout(
        () => idle.abort(new DOMException('', 'TimeoutError')),
        idleSeconds * 1000,
      );
      const stopped = AbortSignal.any([signal, idle.signal]);
      // The blob that the library gives keeps a failed request's message only.
      let failure: unknown;
      const fetcher = hubFetch(options, () => stopped);
      const watched: typeof fetch = async (input, init) => {
        try {
          const response = await fetcher(input, init);
          refuseOtherRange(new Headers(init?.headers).get('range'), response);
          return response;
        } catch (error) {
          failure = error;
          throw error;
        }
      };
      try {
        const blob = await downloadFile({
          repo: designation,
          path: file.path,
          revision: commit,
          hubUrl: hub,
          fetch: watched,
          // Its chunks are not bytes of the file: a part of them could not be gone on with.
          xet: false,
        });
        if (!blob) throw new TransientError(`${file.path} is gone`);
        if (blob.size !== file.size) {
          throw new TransientError(`${file.path} has ${blob.size} bytes, ${file.size} were listed`);
        }
        for await (const chunk of blob.slice(from).stream()) {
          timer.refresh();
          yield chunk;
        }
      } catch (error) {
        throw understood(idle.signal.aborted ? idle.signal.reason : (failure ?? error));
      } finally {
        clearTimeout(timer);
        // Whoever stops reading early leaves no connection open.
        idle.abort();
      }
    },
  };
}

/** A server may ignore a range and send the whole file: its bytes would go to the wrong place. */
function refuseOtherRange(range: string | null, response: Response): void {
  const from = /^bytes=(\d+)-/.exec(range ?? '')?.[1];
  if (from === undefined) return;
  const sent = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (response.status !== 206 || sent !== from) {
    throw new TransientError('it does not send parts of files');
  }
}

/** A path that stays where it is put. */
function isPlain(path: string): boolean {
  return (
    !path.split('/').some((name) => name === '' || name === '.' || name === '..') &&
    !/[\\\0]/.test(path)
  );
}
