import { type IncomingMessage, request } from 'node:http';
import { pipeline, Readable } from 'node:stream';

/**
 * `fetch` over a unix socket, with what the engine's client needs of it: requests and answers stream as
 * they do over TCP. A redirect is an answer like any other.
 * @param path of the socket
 */
export function socketFetch(path: string): typeof fetch {
  return (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { body } = init as { body?: unknown };
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const asked = request({
      socketPath: path,
      // A connection for each request: one that was kept is broken once the engine is started again.
      agent: false,
      path: `${url.pathname}${url.search}`,
      method: init.method ?? 'GET',
      headers: {
        ...Object.fromEntries(new Headers(init.headers)),
        host: 'localhost',
        ...framing(body),
      },
      ...(init.signal && { signal: init.signal }),
    });
    asked.on('response', (answer) => {
      // Whoever has answered in full wants nothing more: what is left of an upload stays here.
      answer.once('close', () => asked.destroy());
      resolve(responseOf(answer));
    });
    asked.on('error', reject);
    if (body instanceof ReadableStream) {
      // Whichever side breaks off, the other one ends too; the first error is the one that is told.
      const source = Readable.fromWeb(body as never);
      source.on('error', reject);
      pipeline(source, asked, () => {});
    } else if (typeof body === 'string' || body instanceof Uint8Array) asked.end(body);
    else asked.end();
    return promise;
  };
}

/** Said outright: Node leaves it out for methods that seldom have a body, such as DELETE. */
function framing(body: unknown): Record<string, string> {
  if (body instanceof ReadableStream) return { 'transfer-encoding': 'chunked' };
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return {};
  return { 'content-length': String(Buffer.byteLength(body)) };
}

function responseOf(answer: IncomingMessage): Response {
  const status = answer.statusCode ?? 500;
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  if (status !== 204 && status !== 304) {
    const body = Readable.toWeb(answer) as ReadableStream<Uint8Array>;
    return new Response(body, { status, headers });
  }
  answer.resume();
  return new Response(null, { status, headers });
}
