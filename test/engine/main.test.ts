import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { connectEngine, type Engine } from '../../src/engine/client.ts';
import type { Owner } from '../../src/engine/protocol.ts';
import { analogyOf, engineFolder, eventsOf, resultOf } from './service/world.ts';

// A model is opened several times, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const owner: Owner = { tenant: 'guild', user: 'ada' };
const token = 'a-token-of-the-test';
const started: ChildProcess[] = [];
const folders: ReturnType<typeof engineFolder>[] = [];
const clients: Engine[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exitOf(child);
  }
  for (const { remove } of folders.splice(0)) remove();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

async function place() {
  const made = engineFolder();
  folders.push(made);
  const port = await freePort();
  const env = {
    LIKEWISE_ENGINE_FOLDER: made.folder,
    LIKEWISE_ENGINE_PORT: String(port),
    LIKEWISE_ENGINE_TOKEN: token,
    LIKEWISE_CACHE: join(made.folder, 'cache'),
    LIKEWISE_JOBS_FREE_MEGABYTES: '0',
    LIKEWISE_JOBS_RESERVE_MEGABYTES: '0',
  };
  const engine = connectEngine({
    url: `http://127.0.0.1:${port}`,
    token,
    retryMs: 500,
    retries: 200,
  });
  clients.push(engine);
  return { env, engine, url: `http://127.0.0.1:${port}` };
}

function start(env: Record<string, string>, program = 'src/engine/main.ts') {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      said += text;
    });
  }
  return Object.assign(child, { said: () => said });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await check().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error('it did not come about in a minute');
}

const isReady = (url: string) => async () => (await fetch(`${url}/readyz`)).ok;

it('stops within 5 s in the middle of a job, and goes on with it when it is started again', async () => {
  const { env, engine, url } = await place();
  const first = start(env);
  await until(isReady(url));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('likewise_');
  const { job } = await engine.submit(owner, 'key', await analogyOf(engine, owner, 21));
  for await (const event of engine.follow(owner, job)) if (event.kind === 'progress') break;
  const began = performance.now();
  first.kill('SIGTERM');
  expect(await exitOf(first)).toBe(0);
  expect(performance.now() - began).toBeLessThan(5000);
  expect(first.said()).not.toContain(token);

  const second = start(env);
  expect((await resultOf(engine, owner, job)).cells).toHaveLength(2);
  // What was kept is there, by the same key.
  expect(await engine.submit(owner, 'key', await analogyOf(engine, owner, 21))).toMatchObject({
    job,
    state: 'done',
  });
  second.kill('SIGTERM');
  await exitOf(second);
});

it('is started again by its supervisor when it is killed; followers hear the end', async () => {
  const { env, engine, url } = await place();
  const supervisor = start(env, 'src/cli/engine.ts');
  await until(isReady(url));
  const { job } = await engine.submit(owner, 'key', await analogyOf(engine, owner, 22));
  const events = eventsOf(engine, owner, job);
  for await (const event of engine.follow(owner, job)) if (event.kind === 'progress') break;
  const pid = Number(/"pid":(\d+)[^\n]*"ready"/.exec(supervisor.said())?.[1]);
  expect(pid).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  const ids = (await events).map(({ id }) => id);
  expect((await events).at(-1)?.kind).toBe('done');
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  supervisor.kill('SIGTERM');
  expect(await exitOf(supervisor)).toBe(0);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

it('says in one line what is wrong with its settings, and does not try again', async () => {
  const { env } = await place();
  const child = start({ ...env, LIKEWISE_MODEL: 'docs' }, 'src/cli/engine.ts');
  expect(await exitOf(child)).toBe(2);
  expect(child.said()).toContain('docs is no model');
  const wrong = start({ ...env, LIKEWISE_PROVIDER: 'gpu' }, 'src/cli/engine.ts');
  expect(await exitOf(wrong)).toBe(2);
  expect(wrong.said()).toMatch(/provider.*cuda/);
});
