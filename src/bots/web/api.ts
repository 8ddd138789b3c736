import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { type Commands, parsePress, type Views } from '../../commands/index.ts';
import { type Conversations, contextOf, type Outcome } from './conversation.ts';
import { glance } from './live.ts';
import { formOf, jsonOf, liveSchema, pressSchema, runSchema, signInSchema } from './requests.ts';
import type { Samples } from './samples.ts';
import type { Sessions, WebEnv } from './sessions.ts';
import { atMost, limitUploads } from './uploads.ts';

export interface ApiOptions {
  readonly commands: Commands;
  readonly conversations: Conversations;
  readonly sessions: Sessions;
  readonly samples: Samples;
  /** Most bytes of one request, all its pictures together. */
  readonly maxUploadBytes: number;
  /** Most requests with files that are held at once. */
  readonly maxUploads: number;
  /** Ends streams when the server closes. */
  readonly closing: AbortSignal;
  readonly heartbeatMs: number;
}

/** The range of the sliders: strength (lambda) and guidance (sigma). */
export const dials = { strength: [-1, 3], guidance: [1, 6] } as const;

/** What the page asks for, under `/api`. */
export function webApi(options: ApiOptions): Hono<WebEnv> {
  const { commands, conversations, sessions, samples, maxUploadBytes, closing } = options;
  const app = new Hono<WebEnv>();

  app.get('/hello', async (c) => {
    const signedIn = sessions.isSignedIn(c);
    if (!signedIn) return c.json({ signedIn });
    // Now, by one answer: those that the page asks for next, at once, are to be of one session.
    await sessions.guard(c, async () => {});
    return c.json({
      signedIn,
      dials,
      maxUploadBytes,
      samples: samples.list,
      commands: commands.list,
    });
  });
  app.post('/sign-in', small(), async (c) => {
    const { password } = await jsonOf(c, signInSchema);
    sessions.signIn(c, password);
    return c.body(null, 204);
  });

  app.use(sessions.guard);

  app.get('/stream', (c) => {
    const { tenant } = c.get('visitor');
    return streamSSE(c, async (stream) => {
      const ended = Promise.withResolvers<void>();
      // One at a time, in order: the whole conversation first, then what changes.
      let writing = Promise.resolve();
      const send = (value: unknown) => {
        writing = writing.then(() => stream.writeSSE({ data: JSON.stringify(value) }));
        writing.catch(() => ended.resolve());
      };
      const stop = conversations.listen(tenant, send);
      send({ messages: conversations.list(tenant) });
      const alive = setInterval(() => void stream.write(': alive\n\n'), options.heartbeatMs);
      const end = () => ended.resolve();
      stream.onAbort(end);
      closing.addEventListener('abort', end, { once: true });
      if (closing.aborted) end();
      await ended.promise;
      // It outlives the stream, and would hold it in memory.
      closing.removeEventListener('abort', end);
      clearInterval(alive);
      stop();
    });
  });

  const limited = limitUploads({ bytes: maxUploadBytes, requests: options.maxUploads });
  app.post('/run', limited, async (c) => {
    const { request, files, drop } = await formOf(c, runSchema);
    const { tenant } = c.get('visitor');
    const { interaction, message = interaction, title, look, command, input } = request;
    const context = contextOf(tenant, interaction, { message, signal: closing });
    const views = commands.run(context, command, { ...input, ...files });
    const read = c.get('handOn')(views, drop);
    return c.json(shownOnce(await answer(tenant, message, title, look, read)));
  });
  app.post('/press', limited, async (c) => {
    const { request, files, drop } = await formOf(c, pressSchema);
    const { tenant } = c.get('visitor');
    const { interaction, message = interaction, title, look, button, values } = request;
    const context = contextOf(tenant, interaction, { message, signal: closing });
    const views = commands.press(context, button, { ...values, ...files });
    const read = c.get('handOn')(views, drop);
    const outcome = await answer(tenant, message, title, look, read);
    // Whoever was forgotten by the engine is forgotten here, too, whatever the page does next.
    const isForgotten = 'view' in outcome && outcome.view.kind === 'text';
    if (parsePress(button)?.action === 'forgetyes' && isForgotten) conversations.forget(tenant);
    return c.json(shownOnce(outcome));
  });
  const answer = (
    tenant: string,
    message: string,
    title: string,
    look: Readonly<Record<string, string>>,
    views: Views,
  ) => conversations.begin({ tenant, message, title, look }, views);

  app.post('/live', small(), async (c) => {
    const { interaction, message, ...wanted } = await jsonOf(c, liveSchema);
    const { tenant } = c.get('visitor');
    const context = contextOf(tenant, interaction, {
      message: `live.${message}`.slice(0, 100),
      // What a slider passes by is not kept; where it is let go, and a picked cell, can be gone on from.
      live: 'final' in wanted && !wanted.final,
      // The page lets go of a position that it does not want any more.
      signal: AbortSignal.any([closing, c.req.raw.signal]),
    });
    return c.json({ view: await glance(commands, context, wanted) });
  });

  app.get('/complete', async (c) => {
    const { tenant } = c.get('visitor');
    const context = contextOf(tenant, 'complete', { signal: c.req.raw.signal });
    return c.json(await commands.complete(context, (c.req.query('text') ?? '').slice(0, 200)));
  });
  app.get('/files/:file', async (c) => {
    const { tenant } = c.get('visitor');
    const context = contextOf(tenant, 'file', { signal: c.req.raw.signal });
    const { type, bytes } = await commands.file(context, c.req.param('file'));
    const name = c.req
      .query('name')
      ?.replace(/[^\w.-]/g, '_')
      .slice(0, 100);
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      'content-type': type,
      // Its id names what it is for good; but it is the visitor's, and may be forgotten.
      'cache-control': 'private, max-age=3600',
      ...(name && { 'content-disposition': `attachment; filename="${name}"` }),
    });
  });
  app.get('/samples/:name', (c) => samples.answer(c.req.param('name')));
  return app;
}

/** Files that are no engine's go along as addresses that hold them. */
function shownOnce(outcome: Outcome): unknown {
  if (!('view' in outcome) || outcome.view.kind !== 'text') return outcome;
  const files = outcome.view.files.map((file) => {
    if (!('bytes' in file)) return file;
    const { bytes, ...about } = file;
    return { ...about, url: `data:${file.type};base64,${Buffer.from(bytes).toString('base64')}` };
  });
  return { view: { ...outcome.view, files } };
}

/** For requests without files. */
const small = () => atMost(100_000);
