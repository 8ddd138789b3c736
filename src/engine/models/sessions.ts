import { LikewiseError } from '../../errors.ts';
import { buildVjp, isAutodiffError } from '../autodiff/index.ts';
import {
  createSession,
  isOnnxError,
  type OnnxModel,
  type Provider,
  type Session,
  type SessionOptions,
} from '../onnx/index.ts';
import { anyBatch } from './batches.ts';
import { unusable } from './unusable.ts';

export interface SessionSettings {
  /** The model's folder, for errors. */
  dir: string;
  provider: Provider;
  /** Threads inside one operator, the same for every session; undefined: see `SessionOptions`. */
  threads: number | undefined;
  /** Told of nodes that the provider leaves to the CPU, once for each session. */
  warn?: ((message: string) => void) | undefined;
}

/**
 * Sessions made when first used, shared from then on, closed together. They take any batch, and what
 * goes wrong in them is a LikewiseError: `PROVIDER_UNUSABLE` or `MODEL_UNUSABLE` when they are
 * opened, `MODEL_UNUSABLE` for feeds that the graph does not take, `MODEL_FAILED` for failed runs.
 */
export interface Sessions {
  /** @param key names the session; @param source is asked for its model once */
  get(key: string, source: () => string | OnnxModel, options?: SessionKind): Promise<Session>;
  /** The same for gradients of `of` by `wrt`; `edit` may change the gradient graph. */
  vjp(
    key: string,
    source: () => OnnxModel,
    options: { of: string; wrt: readonly string[] },
    edit?: (vjp: OnnxModel) => OnnxModel,
  ): Promise<Session>;
  close(): Promise<void>;
}

/** What one session has of its own. */
export interface SessionKind {
  optimization?: SessionOptions['optimization'];
  /** See `SessionOptions`. */
  prepack?: boolean;
  /** Samples that are run at once. @default any number */
  most?: number;
}

export function lazySessions(settings: SessionSettings): Sessions {
  const open = new Map<string, Promise<Session>>();
  const { provider, threads, warn } = settings;
  const get: Sessions['get'] = (key, source, { optimization, prepack, most } = {}) => {
    let session = open.get(key);
    if (!session) {
      session = Promise.resolve()
        .then(() =>
          createSession(source(), {
            provider,
            ...(optimization && { optimization }),
            ...(prepack !== undefined && { prepack }),
            ...(threads !== undefined && { threads }),
            ...(warn && { warn: (message: string) => warn(`${key}: ${message}`) }),
          }),
        )
        .then(
          (opened) => withReasons(anyBatch(opened, most), settings, key),
          (error: unknown) => {
            throw refusal(error, settings, key);
          },
        );
      open.set(key, session);
      // A failure must not be remembered: the next call may have better luck.
      session.catch(() => open.delete(key));
    }
    return session;
  };
  return {
    get,
    vjp: (key, source, { of, wrt }, edit = (model) => model) =>
      get(key, () => edit(buildVjp(source(), { of, wrt: [...wrt], keep: [of] }))),
    async close() {
      const all = await Promise.allSettled(open.values());
      open.clear();
      for (const result of all) if (result.status === 'fulfilled') await result.value.release();
    },
  };
}

/** Why a session could not be opened: for want of the provider, or by the folder's fault. */
function refusal(error: unknown, { dir, provider }: SessionSettings, key: string): unknown {
  if (isOnnxError(error) && error.code === 'provider' && provider !== 'cpu') {
    const reason = error.message;
    return new LikewiseError('PROVIDER_UNUSABLE', { provider, reason }, { cause: error });
  }
  // What a graph lacks is found when it is first needed: then too it is the folder's fault.
  const known = isOnnxError(error) || isAutodiffError(error);
  return known ? unusable(dir, `${key}: ${error.message}`, error) : error;
}

/** A session whose failed runs say which part of the model failed, and what may help. */
function withReasons(session: Session, settings: SessionSettings, key: string): Session {
  const { dir, provider } = settings;
  return {
    ...session,
    async run(feeds, fetches) {
      try {
        return await session.run(feeds, fetches);
      } catch (cause) {
        if (!isOnnxError(cause)) throw cause;
        // Feeds that do not fit: the graph's sizes are not those its folder led to expect.
        if (cause.code === 'feeds') throw unusable(dir, `${key}: ${cause.message}`, cause);
        const reason = cause.message;
        throw new LikewiseError(
          'MODEL_FAILED',
          { path: dir, part: key, provider, reason },
          { cause },
        );
      }
    },
  };
}
