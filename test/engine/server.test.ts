import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine } from '../../src/engine/client.ts';
import { type JobRequestInput, protocolVersion } from '../../src/engine/protocol.ts';
import { engineApp } from '../../src/engine/server.ts';
import { LikewiseError } from '../../src/errors.ts';
import { engineContract } from '../contracts/engine.ts';
import { standInEngine } from './stand-in-engine.ts';

const token = 'a-token';
const owner = { tenant: 'slack:T1', user: 'bob' };
const picture = () => Uint8Array.from({ length: 100 }, (_, i) => i);
const open: { server: Server; sockets: Set<import('node:net').Socket> }[] = [];

/** A server on a free port of the loopback; `drop` breaks its connections. */
async function serve(engine: Engine, port = 0) {
  const app = engineApp({ engine, token, heartbeatMs: 20 });
  const server = createServer(getRequestListener(app.fetch));
  const sockets = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  open.push({ server, sockets });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const drop = () => sockets.forEach((socket) => void socket.destroy());
  return { url, drop, port: (server.address() as AddressInfo).port };
}

const stop = async ({ server, sockets }: (typeof open)[number]) => {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
};
afterEach(async () => {
  // The contract's server stays for its suite; those of single tests end with them.
  await Promise.all(open.splice(1).map(stop));
});

engineContract('an engine in this process', async () => standInEngine(), picture);
engineContract(
  'an engine behind HTTP',
  async () => connectEngine({ url: (await serve(standInEngine())).url, token, retryMs: 5 }),
  picture,
);

describe('the server', () => {
  const ask = (url: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${url}/v1/jobs`, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        'likewise-protocol': String(protocolVersion),
        'likewise-tenant': 'slack:T1',
        'likewise-user': 'bob',
        ...headers,
      },
    });

  it.each([
    ['no token', { authorization: '' }, 401],
    ['a wrong token', { authorization: 'Bearer other' }, 401],
    ['another protocol', { 'likewise-protocol': '999' }, 400],
    ['no tenant', { 'likewise-tenant': '' }, 400],
    ['a tenant with a slash', { 'likewise-tenant': 'a/b' }, 400],
  ])('refuses %s', async (_, headers, status) => {
    const { url } = await serve(standInEngine());
    const response = await ask(url, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: 'ENGINE_REFUSED' });
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown kind of job', JSON.stringify({ key: 'k', request: { kind: 'dance' } })],
    ['too much', JSON.stringify({ key: 'k'.repeat(200_000) })],
  ])('refuses %s in a body', async (_, body) => {
    const { url } = await serve(standInEngine());
    const response = await ask(url, {}, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect((await response.json()) as object).toMatchObject({ code: 'ENGINE_REFUSED' });
  });

  it.each([
    ['jobs', 'JOB_UNKNOWN'],
    ['files', 'FILE_UNKNOWN'],
  ])('hands no name on that can be none: %s', async (kind, code) => {
    const asked: string[] = [];
    const stand = standInEngine();
    stand.job = async (_, job) => Promise.reject(asked.push(job));
    stand.file = async (_, file) => Promise.reject(asked.push(file));
    const { url } = await serve(stand);
    const client = connectEngine({ url, token });
    const name = '../../etc passwd';
    const call = kind === 'jobs' ? client.job(owner, name) : client.file(owner, name);
    await expect(call).rejects.toMatchObject({ code });
    expect(asked).toEqual([]);
  });

  it('says when to try again, where waiting helps', async () => {
    const stand = standInEngine();
    stand.jobs = async () => {
      throw new LikewiseError('LIMIT_WAITING', {
        whose: 'user',
        waiting: 3,
        limit: 3,
        retrySeconds: 17,
      });
    };
    const { url } = await serve(stand);
    const response = await ask(url);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '17']);
  });

  it('says nothing of what went wrong inside', async () => {
    const broken = { ...standInEngine(), jobs: () => Promise.reject(new Error('/secret/path')) };
    const { url } = await serve(broken);
    const response = await ask(url);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});

describe('the client', () => {
  const connect = (url: string) => connectEngine({ url, token, retryMs: 5 });
  const asked = async (engine: Engine): Promise<JobRequestInput> => ({
    kind: 'analogy',
    pairs: [{ a: 'a', aPrime: 'a2' }],
    b: (await engine.putPicture(owner, picture())).picture,
    dials: { lambda: [1], guidance: [2] },
  });

  it('streams a picture: an engine that has enough of it ends the upload', async () => {
    const engine = standInEngine();
    const { url } = await serve(engine);
    let sent = 0;
    const endless = (async function* () {
      for (; sent < 500_000_000; sent += 65536) yield new Uint8Array(65536);
    })();
    const failure = await connect(url)
      .putPicture(owner, endless)
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ name: 'LikewiseError' });
    expect(sent).toBeLessThan(100_000_000);
  });

  it('follows on after its connection broke, with nothing lost and nothing twice', async () => {
    const engine = standInEngine();
    const { url, drop } = await serve(engine);
    const client = connect(url);
    const { job } = await client.submit(owner, 'broken', await asked(engine));
    const ids: number[] = [];
    for await (const event of client.follow(owner, job)) {
      ids.push(event.id);
      if (ids.length === 3 || ids.length === 6) drop();
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it('follows on when the engine was started again', async () => {
    const engine = standInEngine();
    const { url, port } = await serve(engine);
    const client = connect(url);
    const { job } = await client.submit(owner, 'again', await asked(engine));
    const ids: number[] = [];
    for await (const event of client.follow(owner, job)) {
      ids.push(event.id);
      if (ids.length !== 2) continue;
      await stop(open.pop() as (typeof open)[number]);
      setTimeout(() => void serve(engine, port), 30);
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it('says where it looked when there is no engine', async () => {
    const { url } = await serve(standInEngine());
    await stop(open.pop() as (typeof open)[number]);
    const failure = await connect(url)
      .jobs(owner)
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'ENGINE_UNREACHABLE', details: { url } });
  });

  it('stops following when it is told to', async () => {
    const engine = standInEngine();
    engine.follow = async function* (_owner, _job, { signal } = {}) {
      await new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
    };
    const { url } = await serve(engine);
    const client = connect(url);
    const { job } = await client.submit(owner, 'told', await asked(engine));
    const signal = AbortSignal.timeout(100);
    const following = (async () => {
      for await (const event of client.follow(owner, job, { signal })) throw new Error(event.kind);
    })();
    await expect(following).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
