import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { z } from 'zod';
import { errorData } from '../errors/data.ts';
import { isLikewiseError, LikewiseError } from '../errors.ts';
import type { Engine } from './client.ts';
import {
  isLast,
  nameSchema,
  type Owner,
  ownerSchema,
  protocolVersion,
  submitSchema,
} from './protocol.ts';

export interface ServerOptions {
  readonly engine: Engine;
  /** What callers must show: `Authorization: Bearer …`. */
  readonly token: string;
  /** Most bytes of a JSON body. @default 100000 */
  readonly maxJson?: number;
  /** Most bytes of an analogy that is imported. @default 20000000 */
  readonly maxImport?: number;
  /** Milliseconds between signs of life in an event stream. @default 15000 */
  readonly heartbeatMs?: number;
  /** Told of errors that are nobody's mistake but the program's. */
  readonly onError?: (error: unknown) => void;
}

type Variables = { owner: Owner };
type Ctx = Context<{ Variables: Variables }>;

/** The engine's doors as HTTP: what `connectEngine` talks to. One request, one call of the engine. */
export function engineApp(options: ServerOptions): Hono<{ Variables: Variables }> {
  const { engine, maxJson = 100_000, maxImport = 20_000_000, heartbeatMs = 15_000 } = options;
  const app = new Hono<{ Variables: Variables }>();

  app.onError((error, c) => answerProblem(c, error, options.onError));
  app.notFound((c) =>
    answerProblem(c, refused('there is nothing at this address'), undefined, 404),
  );

  app.use('/v1/*', async (c, next) => {
    const [scheme, token] = (c.req.header('authorization') ?? '').split(' ');
    if (scheme !== 'Bearer' || !token || !isSame(token, options.token)) {
      return answerProblem(c, refused('the bearer token is missing or wrong'), undefined, 401);
    }
    const version = c.req.header('likewise-protocol');
    if (version !== String(protocolVersion)) {
      const reason = `it speaks protocol ${protocolVersion}, the caller ${version ?? 'none'}`;
      return answerProblem(c, refused(reason), undefined, 400);
    }
    const owner = ownerSchema.safeParse({
      tenant: c.req.header('likewise-tenant'),
      user: c.req.header('likewise-user'),
    });
    if (!owner.success) return answerProblem(c, refused(firstIssue(owner.error)), undefined, 400);
    c.set('owner', owner.data);
    return next();
  });

  app.post('/v1/pictures', async (c) => {
    const body = c.req.raw.body;
    const bytes = body ? chunksOf(body) : new Uint8Array();
    return c.json(await engine.putPicture(c.get('owner'), bytes, c.req.raw.signal));
  });
  app.post('/v1/jobs', async (c) => {
    const { key, request } = await bodyOf(c, submitSchema, maxJson);
    return c.json(await engine.submit(c.get('owner'), key, request));
  });
  app.get('/v1/jobs', async (c) => c.json(await engine.jobs(c.get('owner'))));
  app.get('/v1/jobs/:job', async (c) => c.json(await engine.job(c.get('owner'), jobOf(c))));
  app.delete('/v1/jobs/:job', async (c) =>
    c.json({ cancelled: await engine.cancel(c.get('owner'), jobOf(c)) }),
  );
  app.get('/v1/jobs/:job/events', async (c) => {
    const [owner, job] = [c.get('owner'), jobOf(c)];
    // Asked first, so that an unknown job is an answer with a status, not an empty stream.
    await engine.job(owner, job);
    const seen = Number.parseInt(c.req.header('last-event-id') ?? '', 10);
    const after = Number.isNaN(seen) ? undefined : seen;
    return streamSSE(c, async (stream) => {
      const ending = new AbortController();
      stream.onAbort(() => ending.abort());
      // A line that says nothing, so that a broken connection is noticed on both sides.
      const alive = setInterval(() => void stream.write(': alive\n\n'), heartbeatMs);
      try {
        for await (const event of engine.follow(owner, job, { after, signal: ending.signal })) {
          await stream.writeSSE({ id: String(event.id), data: JSON.stringify(event) });
          if (isLast(event)) break;
        }
      } catch (error) {
        if (!ending.signal.aborted) options.onError?.(error);
      } finally {
        clearInterval(alive);
      }
    });
  });
  app.get('/v1/files/:file', async (c) => {
    const { type, bytes } = await engine.file(c.get('owner'), fileOf(c));
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'content-type': type });
  });
  app.get('/v1/analogies/:analogy/file', async (c) => {
    const bytes = await engine.exportAnalogy(c.get('owner'), c.req.param('analogy'));
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'application/octet-stream',
    });
  });
  app.post('/v1/analogies', async (c) =>
    c.json(await engine.importAnalogy(c.get('owner'), await bytesOf(c, maxImport))),
  );
  app.post('/v1/forget', async (c) => c.json(await engine.forget(c.get('owner'))));
  return app;
}

/** Compares in a time that tells nothing of where two tokens differ. */
function isSame(a: string, b: string): boolean {
  const [one, two] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, two as Buffer);
}

const refused = (reason: string) => new LikewiseError('ENGINE_REFUSED', { reason });

/** Status by code; whatever else is wrong with what was sent is 422. */
const statusOf: Partial<Record<LikewiseError['code'], 404 | 400 | 413>> = {
  JOB_UNKNOWN: 404,
  FILE_UNKNOWN: 404,
  ENGINE_REFUSED: 400,
  PICTURE_TOO_HEAVY: 413,
};

function answerProblem(
  c: Context,
  error: unknown,
  onError?: (error: unknown) => void,
  status?: 400 | 401 | 404,
): Response {
  if (!isLikewiseError(error)) {
    onError?.(error);
    // Never a stack or a path: what went wrong inside is for the log.
    const message = 'Something went wrong inside. The log of the engine says what.';
    return c.json({ code: 'INTERNAL', message, details: {} }, 500);
  }
  return c.json(errorData(error), status ?? statusOf[error.code] ?? 422);
}

/** What is no name at all names nothing: it is not handed on. */
function jobOf(c: Ctx): string {
  const job = c.req.param('job') ?? '';
  if (!nameSchema.safeParse(job).success) throw new LikewiseError('JOB_UNKNOWN', { job });
  return job;
}

function fileOf(c: Ctx): string {
  const file = c.req.param('file') ?? '';
  if (!nameSchema.safeParse(file).success) throw new LikewiseError('FILE_UNKNOWN', { file });
  return file;
}

async function bodyOf<Schema extends z.ZodType>(
  c: Ctx,
  schema: Schema,
  limit: number,
): Promise<z.output<Schema>> {
  const bytes = await bytesOf(c, limit);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refused('its body is no JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refused(firstIssue(parsed.error));
  return parsed.data;
}

async function bytesOf(c: Ctx, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ? chunksOf(c.req.raw.body) : []) {
    size += chunk.length;
    if (size > limit) throw refused(`its body is larger than ${limit} bytes`);
    parts.push(chunk);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) yield chunk;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'it does not fit'}`;
}
