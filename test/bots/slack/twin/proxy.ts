import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, loginPage, object, refused, word } from './answers.ts';
import { answerMethod } from './methods.ts';
import { bodyOf, respond } from './response-urls.ts';
import type { Failure, JsonObject, RecordedRequest } from './shapes.ts';
import type { Sockets } from './socket.ts';
import { download, upload } from './transfers.ts';
import type { World } from './world.ts';

type Record = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

/** Fields that forms carry as JSON. */
const PACKED = ['blocks', 'view', 'files', 'attachments', 'metadata'];

/** A method's arguments, of a query, a form or JSON. */
function argumentsOf(bytes: Buffer, type: string | undefined, query: URLSearchParams): JsonObject {
  const text = bytes.toString('utf8');
  const given: JsonObject =
    type?.startsWith('application/json') === true
      ? bodyOf(bytes)
      : Object.fromEntries([...query, ...new URLSearchParams(text)]);
  for (const key of PACKED) {
    const value = given[key];
    if (typeof value !== 'string' || value === '') continue;
    try {
      given[key] = JSON.parse(value) as unknown;
    } catch {
      // Slack says what is wrong with it; the record shows it as it came.
    }
  }
  return given;
}

/**
 * A server in front of the emulators: it keeps a record of every request, fails as it is told to,
 * and adds what they lack.
 */
export function createProxy(options: { world: () => World; sockets: Sockets }) {
  const requests: RecordedRequest[] = [];
  const failures: { failure: Failure; left: number }[] = [];

  function failing(method: string, body: JsonObject): Failure | undefined {
    const found = failures.find(
      ({ failure, left }) =>
        left > 0 &&
        (typeof failure.method === 'string'
          ? failure.method === method
          : failure.method.test(method)) &&
        (failure.when?.(body) ?? true),
    );
    if (found !== undefined) found.left -= 1;
    return found?.failure;
  }

  function failed(method: string, failure: Failure): Answer {
    const { error = 'internal_error', more = {} } = failure;
    if (error === 'ratelimited') {
      const headers = { 'retry-after': String(failure.retryAfter ?? 1) };
      return { ...refused(error), status: failure.status ?? 429, headers };
    }
    if (method === 'download') {
      const { location } = more;
      if (typeof location === 'string') return { status: 302, headers: { location } };
      return failure.status === undefined ? loginPage : { status: failure.status, body: error };
    }
    return { ...refused(error, more), status: failure.status ?? 200 };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const world = options.world();
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const type = request.headers['content-type'];
    const { authorization } = request.headers;
    const method = kindOf(path);
    if (method === undefined) {
      send(response, path === '/signin' ? loginPage : { status: 404, body: 'Not found' });
      return;
    }
    const body: JsonObject =
      method === 'upload'
        ? { file: path.split('/').at(-1), size: bytes.byteLength }
        : method === 'download'
          ? { path, authorized: authorization !== undefined }
          : method === 'response_url'
            ? bodyOf(bytes)
            : argumentsOf(bytes, type, url.searchParams);
    const token = authorization?.replace(/^Bearer\s+/i, '') || word(body.token) || undefined;
    const record: Record = {
      method,
      body: structuredClone(body),
      teamId:
        world.tokens.get(token ?? '')?.running.workspace.teamId ??
        world.responseUrls.get(path)?.act.running.workspace.teamId,
      at: Date.now(),
      status: 0,
    };
    delete record.body.token;
    requests.push(record);
    const decide = (): Answer | Promise<Answer> => {
      if (method === 'upload') return upload(world, String(body.file), bytes, type);
      if (method === 'download') return download(world, path, authorization);
      if (method === 'response_url') return respond(world, path, body);
      return answerMethod(world, method, body, token);
    };
    const failure = failing(method, body);
    const answer =
      failure === undefined || failure.afterwards === true ? await decide() : undefined;
    if (failure?.drop === true) {
      response.destroy();
      world.changed();
      return;
    }
    const final = failure === undefined ? (answer as Answer) : failed(method, failure);
    note(record, final);
    send(response, final);
    world.changed();
  }

  function note(record: Record, answer: Answer): void {
    record.status = answer.status;
    const { body } = answer;
    const json = body instanceof Uint8Array || typeof body === 'string' ? undefined : body;
    const login = answer === loginPage || answer.status >= 300;
    record.ok = json === undefined ? !login : object(json).ok === true;
    if (json !== undefined) record.response = structuredClone(json);
    const error = json?.error;
    if (typeof error === 'string') record.error = error;
  }

  function send(response: ServerResponse, { status, body, headers }: Answer): void {
    const raw = body instanceof Uint8Array || typeof body === 'string';
    response.writeHead(status, {
      ...(body === undefined || raw ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...headers,
    });
    response.end(body === undefined || raw ? body : JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // Nothing of the bot's is to hang because of a mistake here: it sees a 500 and its text.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: false, error: 'fatal_error', reason: String(error) }));
    });
  });
  server.on('upgrade', (request, socket, head) => options.sockets.upgrade(request, socket, head));

  return {
    requests,
    origin: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail(failure: Failure): void {
      failures.push({ failure, left: failure.times ?? 1 });
    },
    listen: () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a request is recorded as; undefined for pages that people see. */
function kindOf(path: string): string | undefined {
  if (path.startsWith('/api/')) return path.slice('/api/'.length);
  if (path.startsWith('/upload/v1/')) return 'upload';
  if (path.startsWith('/files-pri/')) return 'download';
  if (/^\/(actions|commands|app)\//.test(path)) return 'response_url';
  return undefined;
}
