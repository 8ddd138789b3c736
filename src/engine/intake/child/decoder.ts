import PQueue from 'p-queue';
import { isLikewiseError, LikewiseError } from '../../../errors.ts';
import { checkBytes } from '../limits.ts';
import type { Decoded, DecodeRequest, Decoder } from '../picture.ts';
import { keepChild } from './keeper.ts';
import { type Verdict, watchOver } from './watch.ts';
import { decodedOf, type Order } from './wire.ts';

export interface ChildSettings {
  /** Most MB of memory that the child may take. */
  readonly megabytes: number;
  /** Most seconds for one picture. */
  readonly seconds: number;
  /** Pictures until a new child takes the place of the old. */
  readonly pictures: number;
  /** Most pictures that wait. */
  readonly waiting: number;
  /** What the child runs. @default decodes by sharp */
  readonly program?: URL;
}

/** What has happened since the decoder was opened. */
export interface ChildStatistics {
  /** Of the child that is ready or at work; undefined where the next picture starts one. */
  readonly pid: number | undefined;
  /** Children started. */
  readonly started: number;
  /** Children that ended by themselves in the middle of a picture. */
  readonly crashed: number;
  /** Children that were ended because a picture took too long, or too much memory. */
  readonly slow: number;
  readonly memory: number;
  /** Pictures that wait for their turn. */
  readonly waiting: number;
  /** Most memory that any child has held, in bytes; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
}

export interface ChildDecoder {
  readonly decode: Decoder;
  statistics(): ChildStatistics;
  /** Ends the child; what runs or waits is rejected. May be called twice. */
  close(): Promise<void>;
}

/** A picture that ended its child, and whether it was the first that the child was handed. */
interface Failed {
  readonly failed: Verdict | 'crashed';
  readonly fresh: boolean;
  readonly cause: unknown;
}

/** Most bytes of what the child says beside pixels. */
const headerLimit = 16_384;

/**
 * Decodes in a child process that is kept warm between pictures: one picture at a time, in the order
 * they came. A picture can crash, stall or bloat its child; it is refused then, a fresh child takes
 * over, and nobody else notices.
 *
 * @throws LikewiseError `INTAKE_UNUSABLE` where no child can be started. Its `decode` refuses as the
 * one of this process does, and with `PICTURE_CRASHED`, `PICTURE_SLOW`, `PICTURE_MEMORY`, and
 * `INTAKE_BUSY` when too many wait
 */
export async function openDecoder(settings: ChildSettings): Promise<ChildDecoder> {
  const { megabytes, program = new URL('./worker.ts', import.meta.url) } = settings;
  const queue = new PQueue({ concurrency: 1 });
  const keeper = keepChild({ program, megabytes });
  const asked = new Set<AbortController>();
  const counts = { crashed: 0, slow: 0, memory: 0 };
  let peakBytes: number | undefined;
  let closed = false;

  /** One picture in one child. */
  const attempt = async (
    request: DecodeRequest,
    signal: AbortSignal,
  ): Promise<Decoded | Failed> => {
    const one = keeper.take();
    await one.ready;
    signal.throwIfAborted();
    const { child } = one;
    const watch = watchOver(child, settings, signal, () => keeper.retire(one));
    const fresh = one.seen++ === 0;
    try {
      const { fit, limits, bytes } = request;
      const answer = child.next({ header: headerLimit, body: fit.width * fit.height * 3 });
      child.send({ fit, limits } satisfies Order, bytes);
      return decodedOf(await answer, request);
    } catch (cause) {
      if (isLikewiseError(cause)) throw cause;
      keeper.retire(one);
      await child.ended;
      const failed = watch.verdict ?? 'crashed';
      if (failed !== 'aborted') counts[failed]++;
      return { failed, fresh, cause };
    } finally {
      watch.stop();
      if (watch.peakBytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, watch.peakBytes);
      if (one.seen >= settings.pictures) keeper.retire(one);
      keeper.refill();
    }
  };

  const decodeOne = async (request: DecodeRequest, signal: AbortSignal): Promise<Decoded> => {
    const { picture } = request;
    for (let attempts = 1; ; attempts++) {
      signal.throwIfAborted();
      const outcome = await attempt(request, signal);
      if (!('failed' in outcome)) return outcome;
      signal.throwIfAborted();
      const { failed, fresh, cause } = outcome;
      if (failed === 'slow') {
        throw new LikewiseError('PICTURE_SLOW', { picture, seconds: settings.seconds }, { cause });
      }
      // Pictures before it may have brought the child to where this one ended it, or somebody may
      // have killed it: once more, alone.
      if (failed === 'memory' && fresh) {
        throw new LikewiseError('PICTURE_MEMORY', { picture }, { cause });
      }
      if (attempts > 1) throw new LikewiseError('PICTURE_CRASHED', { picture }, { cause });
    }
  };

  const decode: Decoder = async (request) => {
    const { signal } = request;
    signal?.throwIfAborted();
    if (closed) throw new Error('the decoder is closed');
    // Needs no child, and leaves the queue to what may be a picture.
    checkBytes(request);
    if (queue.size >= settings.waiting) {
      throw new LikewiseError('INTAKE_BUSY', { waiting: queue.size });
    }
    const ending = new AbortController();
    const abort = () => ending.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    asked.add(ending);
    try {
      return await queue.add(() => decodeOne(request, ending.signal), { signal: ending.signal });
    } finally {
      asked.delete(ending);
      signal?.removeEventListener('abort', abort);
    }
  };

  await keeper.take().ready;
  return {
    decode,
    statistics: () => ({
      ...counts,
      pid: keeper.warm?.child.pid,
      started: keeper.started,
      waiting: queue.size,
      peakBytes,
    }),
    async close() {
      closed = true;
      for (const ending of asked) ending.abort(new Error('the decoder is closed'));
      await keeper.close();
      await queue.onIdle();
    },
  };
}
