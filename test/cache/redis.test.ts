import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idKey, openRedisCache, records } from '../../src/cache/index.ts';
import { cacheContract } from '../contracts/cache.ts';

/** The contract holds on Redis too, where there is a server to run. */
const reason = hasServer() ? '' : ' (skipped: no redis-server in the path; CI installs one)';

describe.skipIf(reason !== '')(`on Redis${reason}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-redis-'));
  let server: ChildProcess;
  let url = '';
  let databases = 0;
  const key = idKey('t', 'tokens', 'a');

  beforeAll(async () => {
    const port = await freePort();
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
    server = spawn('redis-server', [...flags, '--databases', '100'], { stdio: 'pipe' });
    const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
    for await (const line of lines) if (line.includes('Ready to accept connections')) break;
    url = `redis://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  cacheContract('the cache on Redis', (options) =>
    openRedisCache(`${url}/${databases++}`, options),
  );

  it('two engines share it', async () => {
    const place = `${url}/${databases++}`;
    const [first, second] = [await openRedisCache(place), await openRedisCache(place)];
    const value = { x: Float32Array.of(1, -0, Number.NaN) };
    await records(first).set(key, value);
    expect(await records(second).get(key)).toEqual(value);
    expect(sum(await second.forget('t', 'local'))).toBe(1);
    expect(await first.get(key)).toBeUndefined();
    await Promise.all([first.close(), second.close()]);
  });

  it('hands the retention to the server as well', async () => {
    const cache = await openRedisCache(`${url}/${databases++}`, { retention: { embeddings: 30 } });
    await cache.set(key, Uint8Array.of(1));
    // By the server's clock, so for once in real time.
    await expect.poll(() => cache.get(key)).toBeUndefined();
    await cache.close();
  });

  it('a server that goes away is an error, not an empty cache', async () => {
    const port = await freePort();
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
    const other = spawn('redis-server', flags, { stdio: 'pipe' });
    const lines = createInterface({ input: other.stdout });
    for await (const line of lines) if (line.includes('Ready to accept connections')) break;
    const cache = await openRedisCache(`redis://127.0.0.1:${port}`);
    await cache.set(key, Uint8Array.of(1));
    other.kill('SIGKILL');
    await once(other, 'exit');
    await expect(cache.get(key)).rejects.toThrow();
    await expect(cache.set(key, Uint8Array.of(1))).rejects.toThrow();
    await cache.close();
  });
});

it('an address where no server is, is an error at once', async () => {
  const port = await freePort();
  await expect(openRedisCache(`redis://127.0.0.1:${port}`)).rejects.toThrow();
});

function hasServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
