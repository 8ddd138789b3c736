import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import type { z } from 'zod';
import { errorFrom } from '../errors/data.ts';
import { LikewiseError } from '../errors.ts';
import {
  type Analogy,
  type AnalogyPage,
  analogyPageSchema,
  analogySchema,
  type ChangeAnalogy,
  cancelledSchema,
  type DeleteAnalogy,
  type Forgotten,
  forgottenSchema,
  isLast,
  type Job,
  type JobEvent,
  type JobRequestInput,
  jobEventSchema,
  jobSchema,
  type ListAnalogies,
  type Owner,
  type Picture,
  pictureSchema,
  problemSchema,
  protocolVersion,
  type Reference,
  type SaveAnalogy,
  type Status,
  statusSchema,
} from './protocol.ts';
import { socketFetch } from './transport.ts';

/**
 * What commands ask of the engine, in this process or in another. All that is asked is asked for an
 * owner; what belongs to another tenant does not exist for it.
 *
 * Errors are LikewiseErrors of the table; `ENGINE_UNREACHABLE` where there is no engine to ask.
 */
export interface Engine {
  /** Decodes an untrusted picture and keeps it. At most the configured number of bytes is read. */
  putPicture(owner: Owner, bytes: PictureBytes, signal?: AbortSignal): Promise<Picture>;
  /**
   * Accepts a job. When this returns, the job survives a crash.
   * @param key names the request: the same key is the same job, and the same answer
   */
  submit(owner: Owner, key: string, request: JobRequestInput): Promise<Job>;
  /** @throws LikewiseError `JOB_UNKNOWN` */
  job(owner: Owner, job: string): Promise<Job>;
  /**
   * All of the tenant's jobs that are not over, then the latest 100 that are, each the latest first;
   * none that is transient.
   */
  jobs(owner: Owner): Promise<Job[]>;
  /**
   * What happens to a job: events after `after` that are kept, the newest one at least, then those to
   * come, until the one that ends it.
   */
  follow(owner: Owner, job: string, options?: FollowOptions): AsyncIterable<JobEvent>;
  /** Ends a waiting job at once, a running one within a step. @returns whether it was not over */
  cancel(owner: Owner, job: string): Promise<boolean>;
  /** A result or a preview, as it is to be shown. @throws LikewiseError `FILE_UNKNOWN` */
  file(owner: Owner, file: string): Promise<EngineFile>;
  /** An analogy as `.safetensors`. @throws LikewiseError `ANALOGY_UNKNOWN` */
  exportAnalogy(owner: Owner, analogy: string): Promise<Uint8Array>;
  /**
   * Takes an analogy that anybody may have made. It is not named yet, but what the file calls it is
   * told.
   * @throws LikewiseError for a file that is none, or of another model
   */
  importAnalogy(owner: Owner, bytes: Uint8Array): Promise<Analogy>;
  /**
   * An analogy that the tenant has, named or not.
   * @throws LikewiseError `ANALOGY_UNKNOWN`
   */
  analogy(owner: Owner, which: Reference): Promise<Analogy>;
  /** Names an analogy: from now on it is kept until it is deleted. @throws as `Library.save` */
  saveAnalogy(owner: Owner, request: SaveAnalogy): Promise<Analogy>;
  /** The tenant's named analogies, by name. */
  listAnalogies(owner: Owner, options?: ListAnalogies): Promise<AnalogyPage>;
  /** For completion: at most 25 names that begin with a text, then those that hold it. */
  findAnalogies(owner: Owner, text: string): Promise<Analogy[]>;
  /** Renames or describes. @throws as `Library.rename` and `Library.describe` */
  changeAnalogy(owner: Owner, request: ChangeAnalogy): Promise<Analogy>;
  /** @throws LikewiseError `ANALOGY_UNKNOWN`, `ANALOGY_NOT_YOURS` */
  deleteAnalogy(owner: Owner, request: DeleteAnalogy): Promise<void>;
  /** What the engine is, and how much waits for it. */
  status(owner: Owner): Promise<Status>;
  /** Removes all that is of this owner's user, running jobs too. */
  forget(owner: Owner): Promise<Forgotten>;
  /**
   * Removes what of a tenant is older than `before` (milliseconds since 1970): pictures, what was found
   * and drawn, jobs that are over. What has a name stays, and what a job needs that goes on.
   */
  forgetBefore(tenant: Pick<Owner, 'tenant'>, before: number): Promise<Forgotten>;
  close(): Promise<void>;
}

export type PictureBytes = Uint8Array | AsyncIterable<Uint8Array>;

export interface FollowOptions {
  /** Id of the last event that was seen. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface EngineFile {
  /** A media type, e.g. `image/png`. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface ConnectOptions {
  /** Where the engine listens: `http://127.0.0.1:7431`, or `unix:` and the path of its socket. */
  readonly url: string;
  /** The bearer token that the engine made at its first start. */
  readonly token: string;
  /** Milliseconds between attempts to take up a broken event stream. @default 1000 */
  readonly retryMs?: number;
  /** Attempts in a row that may fail before a follower gives up. @default 300 */
  readonly retries?: number;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

/** An engine in another process. Nothing is sent before the first call. */
export function connectEngine(options: ConnectOptions): Engine {
  const { url, token, retryMs = 1000, retries = 300 } = options;
  const closing = new AbortController();
  const transport = options.fetch ?? (url.startsWith('unix:') ? socketFetch(url.slice(5)) : fetch);
  const path = (...parts: string[]) => `/v1/${parts.map(encodeURIComponent).join('/')}`;

  const ask = async (owner: Owner, method: string, to: string, init: RequestInit = {}) => {
    const { signal, headers, ...rest } = init;
    const signals = [closing.signal, ...(signal ? [signal] : [])];
    let response: Response;
    try {
      const base = url.startsWith('unix:') ? 'http://localhost' : url;
      response = await transport(new URL(to, base), {
        ...rest,
        method,
        redirect: 'error',
        signal: AbortSignal.any(signals),
        headers: {
          authorization: `Bearer ${token}`,
          'likewise-protocol': String(protocolVersion),
          'likewise-tenant': owner.tenant,
          'likewise-user': owner.user,
          ...(headers as Record<string, string>),
        },
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new LikewiseError('ENGINE_UNREACHABLE', { url, reason: reasonOf(cause) }, { cause });
    }
    if (!response.ok) throw await problemOf(response, url);
    return response;
  };
  const json = async <Schema extends z.ZodType>(schema: Schema, response: Response) => {
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    const reason = 'its answer is not what this version expects: are both of one version?';
    throw new LikewiseError('ENGINE_UNREACHABLE', { url, reason });
  };
  const send = (value: unknown): RequestInit => ({
    body: JSON.stringify(value),
    headers: { 'content-type': 'application/json' },
  });

  const closed = () => {
    const reason = 'the connection was closed';
    return new LikewiseError('ENGINE_UNREACHABLE', { url, reason });
  };

  /** One connection's worth of events. */
  async function* stream(
    owner: Owner,
    job: string,
    after: number | undefined,
    signal?: AbortSignal,
  ) {
    const response = await ask(owner, 'GET', path('jobs', job, 'events'), {
      ...(signal && { signal }),
      headers: {
        accept: 'text/event-stream',
        ...(after !== undefined && { 'last-event-id': String(after) }),
      },
    });
    const waiting: JobEvent[] = [];
    const parser = createParser({
      onEvent: ({ data }) => void waiting.push(jobEventSchema.parse(JSON.parse(data))),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      yield* waiting.splice(0);
    }
  }

  return {
    async putPicture(owner, bytes, signal) {
      const failures: unknown[] = [];
      const body = (
        bytes instanceof Uint8Array ? bytes : ReadableStream.from(noting(bytes, failures))
      ) as RequestInit['body'];
      const init = { body, duplex: 'half', ...(signal && { signal }) } as RequestInit;
      const headers = { 'content-type': 'application/octet-stream' };
      const asked = ask(owner, 'POST', path('pictures'), { ...init, headers });
      const response = await asked.catch((error: unknown) => {
        // Where the picture itself could not be had, that is what went wrong, and not the engine.
        throw failures.length > 0 ? failures[0] : error;
      });
      return json(pictureSchema, response);
    },
    async submit(owner, key, request) {
      return json(jobSchema, await ask(owner, 'POST', path('jobs'), send({ key, request })));
    },
    async job(owner, job) {
      return json(jobSchema, await ask(owner, 'GET', path('jobs', job)));
    },
    async jobs(owner) {
      return json(jobSchema.array(), await ask(owner, 'GET', path('jobs')));
    },
    async *follow(owner, job, { after, signal } = {}) {
      let last = after;
      for (let failures = 0; ; failures++) {
        try {
          for await (const event of stream(owner, job, last, signal)) {
            // A stream that was taken up may begin with what was seen already.
            if (last !== undefined && event.id <= last && !isLast(event)) continue;
            last = event.id;
            failures = 0;
            yield event;
            if (isLast(event)) return;
          }
        } catch (error) {
          signal?.throwIfAborted();
          if (closing.signal.aborted) throw closed();
          const mendable = error instanceof LikewiseError && error.code !== 'ENGINE_UNREACHABLE';
          if (mendable || failures >= retries) throw error;
        }
        if (failures >= retries) {
          const reason = 'it ends its answers early';
          throw new LikewiseError('ENGINE_UNREACHABLE', { url, reason });
        }
        const ends = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]);
        await sleep(retryMs, undefined, { signal: ends }).catch(() => {
          signal?.throwIfAborted();
          throw closed();
        });
      }
    },
    async cancel(owner, job) {
      const response = await ask(owner, 'DELETE', path('jobs', job));
      return (await json(cancelledSchema, response)).cancelled;
    },
    async file(owner, file) {
      const response = await ask(owner, 'GET', path('files', file));
      const type = response.headers.get('content-type') ?? 'application/octet-stream';
      return { type, bytes: new Uint8Array(await response.arrayBuffer()) };
    },
    async exportAnalogy(owner, analogy) {
      const response = await ask(owner, 'GET', path('analogies', analogy, 'file'));
      return new Uint8Array(await response.arrayBuffer());
    },
    async importAnalogy(owner, bytes) {
      const init = { body: bytes } as RequestInit;
      return json(analogySchema, await ask(owner, 'POST', path('analogies'), init));
    },
    async analogy(owner, which) {
      const to = `${path('analogies', 'one')}?${new URLSearchParams(which)}`;
      return json(analogySchema, await ask(owner, 'GET', to));
    },
    async saveAnalogy(owner, request) {
      const to = path('analogies', 'named');
      return json(analogySchema, await ask(owner, 'POST', to, send(request)));
    },
    async listAnalogies(owner, options = {}) {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(options)) {
        if (value !== undefined) query.set(key, String(value));
      }
      return json(analogyPageSchema, await ask(owner, 'GET', `${path('analogies')}?${query}`));
    },
    async findAnalogies(owner, text) {
      const to = `${path('analogies', 'find')}?${new URLSearchParams({ text })}`;
      return json(analogySchema.array(), await ask(owner, 'GET', to));
    },
    async changeAnalogy(owner, request) {
      const to = path('analogies', 'one');
      return json(analogySchema, await ask(owner, 'PATCH', to, send(request)));
    },
    async deleteAnalogy(owner, request) {
      const response = await ask(owner, 'DELETE', path('analogies', 'one'), send(request));
      await response.body?.cancel();
    },
    async status(owner) {
      return json(statusSchema, await ask(owner, 'GET', path('status')));
    },
    async forget(owner) {
      return json(forgottenSchema, await ask(owner, 'POST', path('forget')));
    },
    async forgetBefore({ tenant }, before) {
      // It is about no user, but whoever asks has a name.
      const to = path('forget', 'before');
      const response = await ask({ tenant, user: 'nobody' }, 'POST', to, send({ before }));
      return json(forgottenSchema, response);
    },
    async close() {
      closing.abort(new Error('the connection to the engine was closed'));
    },
  };
}

/** The same bytes; the error that ends them, if one does, is put on a list. */
async function* noting(bytes: AsyncIterable<Uint8Array>, failures: unknown[]) {
  try {
    yield* bytes;
  } catch (error) {
    failures.push(error);
    throw error;
  }
}

async function problemOf(response: Response, url: string): Promise<Error> {
  const parsed = problemSchema.safeParse(await response.json().catch(() => undefined));
  const problem = parsed.data;
  const known = problem && errorFrom(problem);
  if (known) return known;
  const reason = problem?.message ?? `it answered with status ${response.status}`;
  return new LikewiseError('ENGINE_UNREACHABLE', { url, reason });
}

/** fetch hides what went wrong in its error's cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error ? (error.cause ?? error) : error;
  return inner instanceof Error ? inner.message : String(inner);
}
