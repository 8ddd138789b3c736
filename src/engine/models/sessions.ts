import { buildVjp, isAutodiffError } from '../autodiff/index.ts';
import {
  createSession,
  isOnnxError,
  type OnnxModel,
  type Provider,
  type Session,
} from '../onnx/index.ts';
import { unusable } from './unusable.ts';

export interface SessionSettings {
  /** The model's folder, for errors. */
  dir: string;
  provider: Provider;
  /** Threads inside one operator, the same for every session; undefined: the runtime's choice. */
  threads: number | undefined;
}

/** Sessions made when first used, shared from then on, closed together. */
export interface Sessions {
  /** @param key names the session; @param source is asked for its model once */
  get(key: string, source: () => string | OnnxModel): Promise<Session>;
  /** The same for gradients of `of` by `wrt`; `edit` may change the gradient graph. */
  vjp(
    key: string,
    source: () => OnnxModel,
    options: { of: string; wrt: readonly string[] },
    edit?: (vjp: OnnxModel) => OnnxModel,
  ): Promise<Session>;
  close(): Promise<void>;
}

export function lazySessions(settings: SessionSettings): Sessions {
  const open = new Map<string, Promise<Session>>();
  const { dir, provider, threads } = settings;
  const get: Sessions['get'] = (key, source) => {
    let session = open.get(key);
    if (!session) {
      session = Promise.resolve()
        .then(() =>
          createSession(source(), { provider, ...(threads !== undefined && { threads }) }),
        )
        .catch((error: unknown) => {
          // What a graph lacks is found when it is first needed: then too it is the folder's fault.
          const known = isOnnxError(error) || isAutodiffError(error);
          throw known ? unusable(dir, `${key}: ${error.message}`, error) : error;
        });
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
