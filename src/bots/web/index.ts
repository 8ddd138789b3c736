import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Commands, Log, ProblemView } from '../../commands/port.ts';
import { LikewiseError } from '../../errors.ts';
import type { Bot } from '../port.ts';
import { webApi } from './api.ts';
import { openConversations } from './conversation.ts';
import { namedHost, type Refused, refusal, sameOrigin, secured } from './guard.ts';
import { type Kept, openMessages } from './messages.ts';
import { readPage } from './pages.ts';
import { resumed } from './resume.ts';
import { readSamples } from './samples.ts';
import { type Access, openSessions, type WebEnv } from './sessions.ts';

export interface WebBotOptions extends Access {
  readonly commands: Commands;
  /** `0` for any that is free. */
  readonly port: number;
  /** Host names by which the server is reached, beyond `localhost` and IP addresses. */
  readonly hosts?: readonly string[];
  /** Where conversations are kept, a SQLite file. @default they end with the process */
  readonly store?: string;
  /** For how many days conversations are kept. @default 30, their small pictures 7 */
  readonly days?: Kept;
  /** With `plain.png`, `with-glasses.png` and `friend.png`. @default the project's `samples/` */
  readonly samples?: string;
  /** Most bytes of one request, all its pictures together. @default 100000000 */
  readonly maxUploadBytes?: number;
  /** Milliseconds between signs of life in a stream of events. @default 15000 */
  readonly heartbeatMs?: number;
  readonly log?: Log;
}

export interface WebBot {
  /** Where the page is, e.g. `http://127.0.0.1:7430/`. */
  readonly url: string;
  /** Takes nothing new; jobs that were accepted go on in the engine. Calling it twice does nothing. */
  close(): Promise<void>;
}

/** Milliseconds for what is being sent when the page is closed. */
const farewellTime = 1000;

/**
 * The local page: a chat platform of its own, for one visitor a browser.
 * @throws LikewiseError `CONFIG_INVALID` where it would be open to everybody, or cannot listen
 */
export async function openWebBot(options: WebBotOptions): Promise<WebBot> {
  const { commands, host, port, log } = options;
  const sessions = openSessions(options);
  const page = readPage();
  const samples = readSamples(
    options.samples ?? fileURLToPath(new URL('../../../samples', import.meta.url)),
  );
  const closing = new AbortController();
  const messages = openMessages(options.store ?? ':memory:', { days: options.days, log });
  const conversations = openConversations({
    messages,
    log,
    resume: resumed(commands, closing.signal),
  });

  const app = new Hono<WebEnv>();
  app.use(secured());
  app.use(namedHost(options.hosts ?? []));
  app.onError((error, c) => {
    const refused = refusal(error);
    if (refused) return c.json(refused.body, refused.status);
    const { code, sentence, next }: ProblemView = commands.problem(error);
    const status = code === 'FILE_UNKNOWN' ? 404 : 500;
    return c.json({ code, message: `${sentence} ${next}` } satisfies Refused, status);
  });
  app.notFound(() => {
    throw new LikewiseError('NOT_FOUND', {});
  });
  app.use('/api/*', sameOrigin());
  app.use('/api/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
  });
  app.route(
    '/api',
    webApi({
      commands,
      conversations,
      sessions,
      samples,
      maxUploadBytes: options.maxUploadBytes ?? 100_000_000,
      maxUploads: 4,
      closing: closing.signal,
      heartbeatMs: options.heartbeatMs ?? 15_000,
    }),
  );
  app.get('/*', (c, next) => page(new URL(c.req.url).pathname) ?? next());

  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  try {
    await listen(server, port, host);
  } catch (cause) {
    messages.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LikewiseError('CONFIG_INVALID', { setting: 'web.port', reason }, { cause });
  }
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${name}:${bound}/`,
    close() {
      closed ??= (async () => {
        closing.abort(new Error('the page was closed'));
        const done = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        for (const socket of sockets) socket.destroySoon();
        // Whoever does not read what is being sent does not hold the others up.
        const late = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, farewellTime);
        await done;
        clearTimeout(late);
        await conversations.settled();
        messages.close();
      })();
      return closed;
    },
  };
}

/**
 * The page as a bot among others: what `openWebBot` opens, once it is started.
 * @returns with `url()`, where the page is; empty while the bot is not started. `start` throws what
 * `openWebBot` throws, and may be called again then or after `stop`.
 */
export function webBot(options: WebBotOptions): Bot & { url(): string } {
  let page: Promise<WebBot> | undefined;
  let url = '';
  return {
    name: 'web',
    url: () => url,
    async start() {
      page ??= openWebBot(options);
      try {
        ({ url } = await page);
      } catch (error) {
        page = undefined;
        throw error;
      }
    },
    async stop() {
      const closing = page;
      // Where it could not be opened, `start` has told so.
      const open = await closing?.catch(() => undefined);
      url = '';
      await open?.close();
      if (page === closing) page = undefined;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
