import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { isLikewiseError } from '../errors.ts';
import type { Engine } from './client.ts';
import {
  forgetBeforeSchema,
  isLast,
  ownerSchema,
  protocolVersion,
  submitSchema,
} from './protocol.ts';
import { analogyRoutes } from './server/analogies.ts';
import { answerProblem } from './server/problems.ts';
import {
  bodyOf,
  chunksOf,
  fileOf,
  firstIssue,
  jobOf,
  refused,
  type Variables,
} from './server/requests.ts';

export { type Listening, type ListenOptions, listenEngine } from './server/listen.ts';

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
  /** Whether it can be used now, which /readyz tells. @default always */
  readonly isReady?: () => boolean;
  /** What /metrics tells; without, it is not there. */
  readonly metrics?: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** The engine's doors as HTTP: what `connectEngine` talks to. One request, one call of the engine. */
export function engineApp(options: ServerOptions): Hono<Variables> {
  const { engine, maxJson = 100_000, maxImport = 20_000_000, heartbeatMs = 15_000 } = options;
  const app = new Hono<Variables>();

  // What fails because the caller has gone is nothing to look into.
  app.onError((error, c) =>
    answerProblem(c, error, c.req.raw.signal.aborted ? undefined : options.onError),
  );
  app.notFound((c) =>
    answerProblem(c, refused('there is nothing at this address'), undefined, 404),
  );

  // Apart from what tenants have: whoever looks after the process need not show a token.
  app.get('/livez', (c) => c.text('ok'));
  app.get('/readyz', (c) =>
    (options.isReady?.() ?? true) ? c.text('ready') : c.text('not ready: nothing is accepted', 503),
  );
  app.get('/metrics', async (c) => {
    if (!options.metrics) return c.notFound();
    const { type, text } = await options.metrics();
    return c.body(text, 200, { 'content-type': type });
  });

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
        // An engine that stops says so to all who follow: that is no fault.
        const isStopping = isLikewiseError(error) && error.code === 'ENGINE_STOPPING';
        if (!ending.signal.aborted && !isStopping) options.onError?.(error);
      } finally {
        clearInterval(alive);
      }
    });
  });
  app.get('/v1/files/:file', async (c) => {
    const { type, bytes } = await engine.file(c.get('owner'), fileOf(c));
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'content-type': type });
  });
  analogyRoutes(app, engine, maxImport);
  app.get('/v1/status', async (c) => c.json(await engine.status(c.get('owner'))));
  app.post('/v1/forget/before', async (c) => {
    const { before } = await bodyOf(c, forgetBeforeSchema, maxJson);
    return c.json(await engine.forgetBefore(c.get('owner'), before));
  });
  app.post('/v1/forget', async (c) => c.json(await engine.forget(c.get('owner'))));
  return app;
}

/** Compares in a time that tells nothing of where two tokens differ. */
function isSame(a: string, b: string): boolean {
  const [one, two] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, two as Buffer);
}
