import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, it } from 'vitest';
import { socketFetch } from '../../src/engine/transport.ts';

const folder = mkdtempSync(join(tmpdir(), 'likewise-transport-'));
const socket = join(folder, 'socket');
let server: ReturnType<typeof createServer> | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(listener: RequestListener): Promise<typeof fetch> {
  server = createServer(listener);
  await new Promise<void>((done) => server?.listen(socket, done));
  return socketFetch(socket);
}

/** A stream that tells whether anybody still wants it. */
function stream(parts: number) {
  const ended = Promise.withResolvers<number>();
  const source = (async function* () {
    let sent = 0;
    try {
      for (; sent < parts; sent++) yield new Uint8Array(65536);
    } finally {
      ended.resolve(sent);
    }
  })();
  return { body: ReadableStream.from(source), ended: ended.promise };
}
const post = (body: unknown) => ({ method: 'POST', body, duplex: 'half' }) as RequestInit;

it('sends method, address, headers and body, and reads the answer', async () => {
  const ask = await serve(async (request, response) => {
    const { method, url, headers } = request;
    const body = await text(request);
    response.writeHead(418, { 'x-answer': 'yes' });
    response.end(JSON.stringify({ method, url, host: headers.host, x: headers['x-asked'], body }));
  });
  const response = await ask(new URL('http://localhost/a/b?c=d%20e'), {
    method: 'PATCH',
    headers: { 'X-Asked': 'so' },
    body: 'words',
  });
  expect([response.status, response.ok, response.headers.get('x-answer')]).toEqual([
    418,
    false,
    'yes',
  ]);
  expect(await response.json()).toEqual({
    method: 'PATCH',
    url: '/a/b?c=d%20e',
    host: 'localhost',
    x: 'so',
    body: 'words',
  });
});

it('streams a body whole, and takes an answer without one', async () => {
  let received = 0;
  const ask = await serve((request, response) => {
    request.on('data', (chunk: Uint8Array) => {
      received += chunk.length;
    });
    request.on('end', () => response.writeHead(204).end());
  });
  const { body } = stream(50);
  const response = await ask('http://localhost/', post(body));
  expect([response.status, await response.text(), received]).toEqual([204, '', 50 * 65536]);
});

it('hands parts of an answer on as they come', async () => {
  const next = Promise.withResolvers<void>();
  const ask = await serve(async (_, response) => {
    response.write('one');
    await next.promise;
    response.end('two');
  });
  const { body } = await ask('http://localhost/');
  const parts: string[] = [];
  for await (const chunk of body ?? []) {
    parts.push(Buffer.from(chunk).toString());
    // The second part is sent only when the first one has arrived.
    next.resolve();
  }
  expect(parts).toEqual(['one', 'two']);
});

it('ends an upload whose answer is there already', async () => {
  const ask = await serve((request, response) => {
    request.once('data', () => response.writeHead(413).end('enough'));
  });
  const { body, ended } = stream(10_000);
  const response = await ask('http://localhost/', post(body));
  expect([response.status, await response.text()]).toEqual([413, 'enough']);
  expect(await ended).toBeLessThan(10_000);
});

it('fails with the stream that it was to send', async () => {
  const broken = Promise.withResolvers<void>();
  const ask = await serve((request) => request.on('error', () => broken.resolve()));
  const body = ReadableStream.from(
    (async function* () {
      yield new Uint8Array(10);
      await sleep(20);
      throw new Error('the source is gone');
    })(),
  );
  await expect(ask('http://localhost/', post(body))).rejects.toThrow('the source is gone');
  // The server hears of it: half a body is not taken for a whole one.
  await broken.promise;
});

it('is broken off by its signal, before the answer and in the middle of it', async () => {
  const ask = await serve((request, response) => {
    if (request.url === '/begun') response.write('begun');
  });
  const silent = new AbortController();
  const waiting = ask('http://localhost/', { signal: silent.signal });
  setTimeout(() => silent.abort(), 20);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });

  const begun = new AbortController();
  const response = await ask('http://localhost/begun', { signal: begun.signal });
  const reading = response.text();
  begun.abort();
  await expect(reading).rejects.toThrow();
});

it('fails where nobody listens, and works again once somebody does', async () => {
  const ask = socketFetch(socket);
  await expect(ask('http://localhost/')).rejects.toMatchObject({ code: 'ENOENT' });
  for (const answer of ['first', 'second']) {
    await serve((_, response) => response.end(answer));
    expect(await (await ask('http://localhost/')).text()).toBe(answer);
    // Closed in the ordinary way, which waits for connections that are open: there is none.
    await new Promise((done) => server?.close(done));
    server = undefined;
  }
});
