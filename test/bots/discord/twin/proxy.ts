import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIMessage } from 'discord.js';
import { answerAct, followUp, messageOf, webhookMessage } from './acts.ts';
import { type Answer, errorBody, refusal, refuse } from './answers.ts';
import { botMessages } from './bot-messages.ts';
import { type Body, readBody } from './multipart.ts';
import type { Failure, RecordedRequest } from './shapes.ts';
import type { World } from './world.ts';

type Record = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const CALLBACK = /^\/interactions\/(\d+)\/([^/]+)\/callback$/;
const FOLLOW_UP = /^\/webhooks\/\d+\/([^/]+)$/;
const WEBHOOK_MESSAGE = /^\/webhooks\/\d+\/([^/]+)\/messages\/([^/]+)$/;

/**
 * A server in front of the twin: it keeps messages, files, interactions and commands itself, by
 * Discord's rules, and passes the rest on (`upstream`, an address with `/api`).
 */
export function createProxy(options: { world: () => World; upstream: () => string }) {
  const requests: RecordedRequest[] = [];
  const failures: { failure: Failure; left: number }[] = [];

  /** The message that a request is about to edit. */
  function before(method: string, path: string): APIMessage | undefined {
    const world = options.world();
    const callback = CALLBACK.exec(path);
    if (callback !== null) {
      const source = world.acts.get(String(callback[1]))?.sourceId;
      return source === undefined ? undefined : world.messages.all.get(source)?.message;
    }
    if (method !== 'PATCH') return undefined;
    const webhook = WEBHOOK_MESSAGE.exec(path);
    if (webhook !== null) {
      const act = [...world.acts.values()].find((one) => one.token === webhook[1]);
      return act && messageOf(world, act, String(webhook[2]))?.message;
    }
    const id = /^\/channels\/\d+\/messages\/(\d+)$/.exec(path)?.[1];
    return id === undefined ? undefined : world.messages.all.get(id)?.message;
  }

  function route(method: string, path: string, query: URLSearchParams, body: Body) {
    const world = options.world();
    const callback = CALLBACK.exec(path);
    if (callback !== null) {
      const act = world.acts.get(String(callback[1]));
      const own = act?.token === callback[2] ? act : undefined;
      return answerAct(world, own, body, query.get('with_response') === 'true');
    }
    const token = FOLLOW_UP.exec(path)?.[1];
    if (method === 'POST' && token !== undefined) return followUp(world, token, body);
    const webhook = WEBHOOK_MESSAGE.exec(path);
    if (webhook !== null) {
      return webhookMessage(world, String(webhook[1]), String(webhook[2]), method, body);
    }
    return undefined;
  }

  async function passOn(request: IncomingMessage, bytes: Buffer): Promise<Answer> {
    const path = (request.url ?? '').replace(/^\/api/, '');
    const response = await fetch(`${options.upstream()}${path}`, {
      method: request.method ?? 'GET',
      headers: {
        authorization: request.headers.authorization ?? '',
        ...(bytes.length > 0 ? { 'content-type': 'application/json' } : {}),
      },
      ...(bytes.length > 0 ? { body: new Uint8Array(bytes) } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      ...(text === '' ? {} : { body: JSON.parse(text) as unknown }),
    };
  }

  async function decide(
    request: IncomingMessage,
    record: Record,
    query: URLSearchParams,
    body: Body,
    bytes: Buffer,
  ): Promise<Answer> {
    const { method, path } = record;
    try {
      const world = options.world();
      const size = body.files.reduce((sum, file) => sum + file.bytes.byteLength, 0);
      if (size > 25 * 1024 * 1024) return refuse(413, 40005);
      const routed = route(method, path, query, body);
      if (routed !== undefined) return routed;
      if (request.headers.authorization !== `Bot ${world.token}`) return refuse(401, 0);
      return (
        world.registry.handle(method, path, query, body.json) ??
        botMessages(world, method, path, body) ??
        (await passOn(request, bytes))
      );
    } catch (error) {
      return refusal(error) ?? { status: 500, body: errorBody(500, 0, String(error)) };
    }
  }

  function failing(method: string, path: string): Failure | undefined {
    const found = failures.find(
      ({ failure, left }) =>
        left > 0 &&
        (failure.method === undefined || failure.method === method) &&
        failure.path.test(path),
    );
    if (found !== undefined) found.left -= 1;
    return found?.failure;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (/^\/(ephemeral-)?attachments\//.test(url.pathname)) return sendFile(url.pathname, response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = await readBody(bytes, request.headers['content-type']);
    const method = request.method ?? 'GET';
    const path = decodeURIComponent(url.pathname.replace(/^\/api(\/v\d+)?/, ''));
    const edited = before(method, path);
    const record: Record = {
      method,
      path,
      query: Object.fromEntries(url.searchParams),
      body: body.json,
      files: body.files.map(({ key, name, bytes: { byteLength: size } }) => ({ key, name, size })),
      at: Date.now(),
      status: 0,
      ...(edited === undefined ? {} : { before: structuredClone(edited) }),
    };
    requests.push(record);
    const failure = failing(method, path);
    const answer =
      failure === undefined || failure.afterwards === true
        ? await decide(request, record, url.searchParams, body, bytes)
        : undefined;
    send(response, record, failure === undefined ? (answer as Answer) : failed(failure), failure);
    options.world().changed();
  }

  function failed({ status, code, message, retryAfter = 0.1 }: Failure): Answer {
    if (status !== 429) return { status, body: errorBody(status, code, message) };
    return {
      status,
      body: {
        message: message ?? 'You are being rate limited.',
        retry_after: retryAfter,
        global: false,
      },
      headers: {
        'retry-after': String(Math.ceil(retryAfter)),
        'x-ratelimit-limit': '5',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.now() / 1000 + retryAfter),
        'x-ratelimit-reset-after': String(retryAfter),
        'x-ratelimit-bucket': 'twin',
        'x-ratelimit-scope': 'user',
      },
    };
  }

  function send(
    response: ServerResponse,
    record: Record,
    answer: Answer,
    failure: Failure | undefined,
  ): void {
    if (failure?.drop === true) {
      response.destroy();
      return;
    }
    record.status = answer.status;
    const code = (answer.body as { code?: unknown } | undefined)?.code;
    if (answer.status >= 400 && typeof code === 'number') record.code = code;
    response.writeHead(answer.status, {
      ...(answer.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  function sendFile(path: string, response: ServerResponse): void {
    const found = options.world().files.find(path);
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('This content is no longer available.');
      return;
    }
    response.writeHead(200, {
      'content-type': found.attachment.content_type ?? 'application/octet-stream',
      'content-length': found.bytes.byteLength,
    });
    response.end(found.bytes);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // Nothing of the bot's is to hang because of a mistake here: it sees a 500 and its text.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify(errorBody(500, 0, String(error))));
    });
  });

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

export type Proxy = ReturnType<typeof createProxy>;
