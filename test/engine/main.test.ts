import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { connectEngine, type Engine } from '../../src/engine/client.ts';
import { chooseProvider } from '../../src/engine/onnx/index.ts';
import type { Owner } from '../../src/engine/protocol.ts';
import { analogyOf, engineFolder, eventsOf, resultOf, tinyModel } from './service/world.ts';

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

async function place(more: Record<string, string> = {}) {
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
    ...more,
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
  const child = spawn(process.execPath, [program], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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

/** For what does not depend on the model: it is opened sooner. */
const tiny = { LIKEWISE_MODEL: tinyModel };

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();
const isReady = (url: string) => async () => (await fetch(`${url}/readyz`)).ok;

it('stops within 5 s in the middle of a job, and goes on with it when it is started again', async () => {
  const { env, engine, url } = await place();
  const first = start(env);
  await until(isReady(url));
  // The device's thread may be busy, and is told of then as of the last time.
  await until(async () =>
    /^likewise_memory_bytes\{part="device_heap"\} \d{7,9}$/m.test(await metricsOf(url)),
  );
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
  const { provider, tried } = await chooseProvider('auto');
  const runsOn = `"provider":"${provider}","precision":"float32"`;
  expect(supervisor.said()).toMatch(new RegExp(`${runsOn}[^\\n]*"ready"`));
  expect((await engine.status(owner)).model).toMatchObject({
    provider,
    precision: 'float32',
    tried,
  });
  for (const { why } of tried) expect(supervisor.said()).toContain(JSON.stringify(why));
  process.kill(pid, 'SIGKILL');
  const ids = (await events).map(({ id }) => id);
  expect((await events).at(-1)?.kind).toBe('done');
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  supervisor.kill('SIGTERM');
  expect(await exitOf(supervisor)).toBe(0);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

it('stops within 5 s while a model is loaded, however that hangs', async () => {
  const { env } = await place();
  const model = join(env.LIKEWISE_ENGINE_FOLDER, 'model');
  const pipe = join(model, 'tokenizer/vocab.json');
  mkdirSync(model);
  for (const part of ['text_encoder', 'unet', 'vae_encoder', 'vae_decoder', 'scheduler']) {
    symlinkSync(resolve('models/avatars', part), join(model, part));
  }
  cpSync('models/avatars/tokenizer', join(model, 'tokenizer'), { recursive: true });
  rmSync(pipe);
  execFileSync('mkfifo', [pipe]);
  const child = start({ ...env, LIKEWISE_MODEL: model });
  // It can be opened once somebody reads, who then waits for bytes: no thread can be interrupted there.
  let held = 0;
  await until(async () => {
    held = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    return true;
  });
  try {
    const began = performance.now();
    child.kill('SIGTERM');
    await exitOf(child);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(child.signalCode).toBe('SIGTERM');
    expect(child.said()).toContain('stopping before it was ready');
  } finally {
    closeSync(held);
  }
});

it('ends well when it is told to while it starts, and can be started again', async () => {
  const { env, engine, url } = await place();
  const first = start(env, 'src/cli/engine.ts');
  // The last thing that it opens before it opens the model.
  await until(async () => existsSync(join(env.LIKEWISE_ENGINE_FOLDER, 'journal.sqlite')));
  const began = performance.now();
  first.kill('SIGTERM');
  expect(await exitOf(first)).toBe(0);
  expect(performance.now() - began).toBeLessThan(5000);
  const second = start({ ...env, ...tiny });
  await until(isReady(url));
  expect((await engine.status(owner)).accepting).toBe(true);
  second.kill('SIGTERM');
  expect(await exitOf(second)).toBe(0);
});

it('goes on when nobody reads what it says, and loses nothing', async () => {
  const { env, engine, url } = await place(tiny);
  const supervisor = start(env, 'src/cli/engine.ts');
  const ready = () => /"pid":(\d+)[^\n]*"ready"/.exec(supervisor.said())?.[1];
  await until(async () => ready() !== undefined);
  supervisor.stdout?.destroy();
  supervisor.stderr?.destroy();
  const { job } = await engine.submit(owner, 'key', await analogyOf(engine, owner, 23));
  // When it is over, the engine says so.
  expect((await resultOf(engine, owner, job)).cells).toHaveLength(2);
  expect(await metricsOf(url)).toContain('likewise_engine_restarts_total 0');
  // The supervisor speaks of a crash.
  process.kill(Number(ready()), 'SIGKILL');
  await until(async () => (await metricsOf(url)).includes('likewise_engine_restarts_total 1'));
  await until(isReady(url));
  expect(await engine.job(owner, job)).toMatchObject({ state: 'done' });
  supervisor.kill('SIGTERM');
  expect(await exitOf(supervisor)).toBe(0);
});

it('listens where others reach it only if it is told to', async () => {
  const { env, url } = await place(tiny);
  const open = { ...env, LIKEWISE_ENGINE_HOST: '0.0.0.0', LIKEWISE_LOG_LEVEL: 'silent' };
  const refused = start(open, 'src/cli/engine.ts');
  expect(await exitOf(refused)).toBe(2);
  expect(refused.said()).toMatch(
    /^The engine cannot listen on 0\.0\.0\.0: [^\n]*LIKEWISE_ENGINE_ALLOW_REMOTE=true[^\n]*\n$/,
  );
  const allowed = start({ ...open, LIKEWISE_ENGINE_ALLOW_REMOTE: 'true' });
  await until(isReady(url));
  allowed.kill('SIGTERM');
  expect(await exitOf(allowed)).toBe(0);
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
