import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { visitorOf } from './bots/web/web-platform.ts';
import type { Platform } from './contracts/commands.ts';
import { tinyModel } from './engine/service/world.ts';

// The product as a process, with the embedded model, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const started: ChildProcess[] = [];
const folders: string[] = [];
const visitors: Platform[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.close();
  for (const child of started.splice(0)) {
    // The engine goes with it.
    if (child.kill('SIGKILL')) await once(child, 'close');
  }
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as { port: number }).port };
}

/** Ports that were free a moment ago, other than each other. */
async function freePorts(): Promise<[string, string]> {
  const [one, two] = [await listening(), await listening()];
  for (const { server } of [one, two]) await new Promise((done) => server.close(done));
  return [String(one.port), String(two.port)];
}

async function takenPort(): Promise<string> {
  const { server, port } = await listening();
  servers.push(server);
  return String(port);
}

async function settings(more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-start-'));
  folders.push(folder);
  const [web, engine] = await freePorts();
  return {
    LIKEWISE_ENGINE_FOLDER: folder,
    LIKEWISE_CACHE: join(folder, 'cache'),
    LIKEWISE_WEB_PORT: web,
    LIKEWISE_ENGINE_PORT: engine,
    LIKEWISE_JOBS_FREE_MEGABYTES: '0',
    LIKEWISE_JOBS_RESERVE_MEGABYTES: '0',
    ...more,
  };
}

function start(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  // The pipes are closed when nobody holds them any more: then the engine has ended as well.
  const over = once(child, 'close').then(([status, signal]) => ({ status, signal, ...said }));
  return { child, said, over };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 1200; tries++) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found !== undefined && found !== false) return found;
    await sleep(100);
  }
  throw new Error('it did not come about in two minutes');
}

/** The product once it can be used. The engine says who it is where it is asked to say more. */
async function serve(more: Record<string, string> = {}) {
  const env = await settings({ LIKEWISE_LOG_LEVEL: 'debug', ...more });
  const run = start(env);
  const url = `http://127.0.0.1:${env.LIKEWISE_WEB_PORT}/`;
  const engine = `http://127.0.0.1:${env.LIKEWISE_ENGINE_PORT}`;
  const pids = () =>
    [...run.said.stdout.matchAll(/"pid":(\d+)[^\n]*"ready"/g)].map(([, pid]) => Number(pid));
  await until(() => run.said.stdout.includes(`Likewise is at ${url}\n`));
  return { ...run, url, engine, pids };
}

/** For what does not depend on the model: it is opened sooner. */
const tiny = { LIKEWISE_MODEL: tinyModel };

const sample = (name: string) => {
  const bytes = new Uint8Array(readFileSync(`samples/${name}.png`));
  return { name: `${name}.png`, size: bytes.length, fetch: async () => bytes };
};
const three = {
  before: sample('plain'),
  after: sample('with-glasses'),
  picture: sample('friend'),
};
const isGone = (pid: number) => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

describe('npm start', () => {
  it('serves a page that works, and still does when its engine was killed in the middle', async () => {
    const { child, over, url, engine, pids } = await serve();
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('Likewise');
    await until(async () => (await fetch(`${engine}/readyz`)).ok);
    expect(await (await fetch(`${engine}/livez`)).text()).toBe('ok');

    const visitor = await visitorOf(url);
    visitors.push(visitor);
    const views = visitor.run('analogy', three);
    const work = /likewise_step_seconds_count\{[^}]*\} [1-9]/;
    await until(async () => work.test(await (await fetch(`${engine}/metrics`)).text()));
    const [first = 0] = pids();
    process.kill(first, 'SIGKILL');
    // What was accepted goes on, and the page that asked for it is told.
    expect((await views).at(-1)?.kind).toBe('result');
    const [, second = 0] = pids();
    expect(second).toBeGreaterThan(0);
    expect(second).not.toBe(first);
    expect((await visitor.run('status', {})).at(-1)).toMatchObject({ kind: 'list' });

    child.kill('SIGTERM');
    const { status, stderr } = await over;
    expect(status).toBe(128 + 15);
    expect(stderr).toContain('The engine crashed (SIGKILL) and is started again in 0.5 s.\n');
    expect([first, second].map(isGone)).toEqual([true, true]);
    await expect(fetch(url)).rejects.toThrow();
    await expect(fetch(`${engine}/livez`)).rejects.toThrow();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends with its engine by %s, and within some seconds', async (name, status) => {
    const { child, over, engine, pids } = await serve(tiny);
    await until(async () => (await fetch(`${engine}/readyz`)).ok);
    const began = performance.now();
    child.kill(name);
    expect(await over).toMatchObject({ status, stderr: '' });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(pids().map(isGone)).toEqual([true]);
  });

  it('ends although its engine does not answer', async () => {
    const { child, over, url, engine, pids } = await serve(tiny);
    await until(async () => (await fetch(`${engine}/readyz`)).ok);
    const visitor = await visitorOf(url);
    visitors.push(visitor);
    process.kill(pids()[0] ?? 0, 'SIGSTOP');
    const asked = visitor.run('status').catch(() => {});
    await sleep(500);
    child.kill('SIGTERM');
    expect((await over).status).toBe(143);
    expect(pids().map(isGone)).toEqual([true]);
    await asked;
  });

  it('ends while its engine still starts', async () => {
    const { child, over } = await serve();
    child.kill('SIGTERM');
    expect((await over).status).toBe(143);
  });

  it.each([
    [
      'the port of the page is taken',
      async () => ({ LIKEWISE_WEB_PORT: await takenPort() }),
      /^The setting web\.port is wrong: [^\n]*EADDRINUSE[^\n]*\n$/,
    ],
    [
      'the port of the engine is taken',
      async () => ({ LIKEWISE_ENGINE_PORT: await takenPort() }),
      /^The engine cannot listen on 127\.0\.0\.1:\d+: something else listens there\.[^\n]*\n$/,
    ],
    [
      'the engine is to take any port',
      async () => ({ LIKEWISE_ENGINE_PORT: '0' }),
      /^The setting engine\.port is wrong: 0 takes any port[^\n]*\n$/,
    ],
    [
      'there is no such model',
      async () => ({ LIKEWISE_MODEL: 'docs' }),
      /^[^\n]*docs is no model[^\n]*\n$/,
    ],
  ])('ends with status 2 and one line where %s', async (_, wrong, line) => {
    const { over } = start(await settings(await wrong()));
    const { status, stderr } = await over;
    expect(stderr).toMatch(line);
    expect(status).toBe(2);
  });

  it('explains itself, and starts nothing', async () => {
    const { over } = start({}, ['--help']);
    expect(await over).toMatchObject({ status: 0, stderr: '' });
    expect((await over).stdout).toMatch(/^npm start\n/);
  });
});
