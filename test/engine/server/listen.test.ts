import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { connectEngine } from '../../../src/engine/client.ts';
import { engineApp, type Listening, listenEngine } from '../../../src/engine/server.ts';
import { engineContract } from '../../contracts/engine.ts';
import { standInEngine } from '../stand-in-engine.ts';

const token = 'a-token';
const folder = mkdtempSync(join(tmpdir(), 'likewise-socket-'));
const open: Listening[] = [];
const keep = (listening: Listening) => {
  open.push(listening);
  return listening;
};
const app = (more: Partial<Parameters<typeof engineApp>[0]> = {}) =>
  engineApp({ engine: standInEngine(), token, ...more });
const local = { host: '127.0.0.1', port: 0 };
let contractServer: Listening | undefined;
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(async () => {
  await contractServer?.close();
  rmSync(folder, { recursive: true });
});

engineContract(
  'an engine behind a unix socket',
  async () => {
    contractServer = await listenEngine({ app: app(), socket: join(folder, 'contract') });
    return connectEngine({ url: contractServer.address, token, retryMs: 5 });
  },
  () => Uint8Array.from({ length: 100 }, (_, i) => i),
);

it('lets its owner alone connect to its socket, and takes nobody’s place', async () => {
  const socket = join(folder, 'engine');
  const first = keep(await listenEngine({ app: app(), socket }));
  expect(first.address).toBe(`unix:${socket}`);
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  await expect(listenEngine({ app: app(), socket })).rejects.toMatchObject({
    code: 'ENGINE_ADDRESS',
    details: { reason: 'something else listens there' },
  });
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  await expect(listenEngine({ app: app(), socket: file })).rejects.toMatchObject({
    details: { reason: 'a file is in the way' },
  });
});

it('never shows its socket to others, not even while it begins to listen', async () => {
  const socket = join(folder, 'private');
  const before = process.umask(0);
  const modes: number[] = [];
  const { listen } = Server.prototype;
  const watched = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (
    this: Server,
    ...args: unknown[]
  ) {
    const server = listen.apply(this, args as never);
    // Made, and nothing else has run since.
    modes.push(statSync(socket).mode & 0o777);
    return server;
  });
  try {
    keep(await listenEngine({ app: app(), socket }));
    modes.push(statSync(socket).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    // What else the process makes has the modes that it had.
    expect(process.umask()).toBe(0);
  } finally {
    watched.mockRestore();
    process.umask(before);
  }
});

it('takes the place of a socket that a killed process left', async () => {
  const socket = join(folder, 'left');
  const code = `require('node:net').createServer().listen(process.argv[1], () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', code, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const refused = listenEngine({ app: app(), socket });
  await expect(refused).rejects.toMatchObject({ code: 'ENGINE_ADDRESS' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(statSync(socket).isSocket()).toBe(true);
  const { address, close } = keep(await listenEngine({ app: app(), socket }));
  const client = connectEngine({ url: address, token });
  expect((await client.status({ tenant: 't', user: 'u' })).accepting).toBe(true);
  await close();
  expect(existsSync(socket)).toBe(false);
});

it('refuses a port that is taken, and an address that others reach, unless it is told to', async () => {
  const { address } = keep(await listenEngine({ app: app(), ...local }));
  const port = Number(new URL(address).port);
  await expect(listenEngine({ app: app(), host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'ENGINE_ADDRESS',
  });
  for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.0.0.1.example.org']) {
    const refused = listenEngine({ app: app(), host, port: 0 });
    await expect(refused, host).rejects.toMatchObject({
      code: 'ENGINE_ADDRESS',
      message: expect.stringMatching(
        /^The engine cannot listen on \S+: others .*LIKEWISE_ENGINE_ALLOW_REMOTE=true/,
      ),
    });
  }
  const remote = keep(
    await listenEngine({ app: app(), host: '0.0.0.0', port: 0, allowRemote: true }),
  );
  const given = Number(new URL(remote.address).port);
  expect(await (await fetch(`http://127.0.0.1:${given}/livez`)).text()).toBe('ok');
  const open = await fetch(`http://127.0.0.1:${given}/v1/status`);
  expect(open.status).toBe(401);
  const client = connectEngine({ url: `http://127.0.0.1:${given}`, token });
  expect((await client.status({ tenant: 't', user: 'u' })).accepting).toBe(true);
});

it('tells whoever looks after it how it is, without a token', async () => {
  let ready = false;
  const metrics = async () => ({ type: 'text/plain', text: 'likewise_jobs 1\n' });
  const { address } = keep(
    await listenEngine({ app: app({ isReady: () => ready, metrics }), ...local }),
  );
  const ask = async (path: string) => {
    const response = await fetch(`${address}${path}`);
    return [response.status, (await response.text()).slice(0, 15)];
  };
  expect(await ask('/livez')).toEqual([200, 'ok']);
  expect((await ask('/readyz'))[0]).toBe(503);
  ready = true;
  expect(await ask('/readyz')).toEqual([200, 'ready']);
  expect(await ask('/metrics')).toEqual([200, 'likewise_jobs 1']);
  const plain = keep(await listenEngine({ app: app(), ...local }));
  expect((await fetch(`${plain.address}/metrics`)).status).toBe(404);
});

it('does not tell of a caller who has gone as of an error of its own', async () => {
  const errors: unknown[] = [];
  const engine = standInEngine();
  const ended = Promise.withResolvers<void>();
  const { putPicture } = engine;
  engine.putPicture = (...args) => putPicture(...args).finally(ended.resolve);
  const onError = (error: unknown) => errors.push(error);
  const { address, close } = await listenEngine({ app: app({ engine, onError }), ...local });
  const begun = Promise.withResolvers<void>();
  const gone = new AbortController();
  const endless = (async function* () {
    yield new Uint8Array(10);
    begun.resolve();
    await new Promise(() => {});
  })();
  const client = connectEngine({ url: address, token });
  const putting = client.putPicture({ tenant: 't', user: 'u' }, endless, gone.signal);
  await begun.promise;
  while (engine.received === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  gone.abort();
  await expect(putting).rejects.toMatchObject({ name: 'AbortError' });
  await ended.promise;
  await close();
  expect(errors).toEqual([]);
});

it('closes within a second or so, whoever is still following', async () => {
  const engine = standInEngine();
  engine.job = async () => ({}) as never;
  engine.follow = async function* (_owner, _job, { signal } = {}) {
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  };
  const listening = await listenEngine({ app: app({ engine }), ...local });
  const response = await fetch(`${listening.address}/v1/jobs/j/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      'likewise-protocol': '1',
      'likewise-tenant': 't',
      'likewise-user': 'u',
    },
  });
  expect(response.status).toBe(200);
  const ended = response.text().catch(() => 'broken off');
  await listening.close();
  await ended;
  await expect(fetch(`${listening.address}/livez`)).rejects.toThrow();
});
