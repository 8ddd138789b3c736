/** The product as `npm start` opens it, in a folder of its own and on free ports. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Milliseconds for the page and the engine to be there; a cold disk takes some. */
const patience = 120_000;

export interface Product {
  /** Where its page is. */
  readonly url: string;
  readonly engine: { readonly url: string; readonly token: string };
  /** Ends it, and removes all that it wrote. */
  close(): Promise<void>;
}

/**
 * Resolves once the page and the engine answer.
 * @throws where it ends before that, with what it said last
 */
export async function startProduct(
  env: Record<string, string | undefined>,
  signal: AbortSignal,
  settings: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-product-'));
  const [webPort, enginePort] = await freePorts();
  const token = randomBytes(24).toString('hex');
  // Where somebody else's engine and page are, and who may see them, is not for this one.
  const rest = Object.entries(env).filter(
    ([name]) => !/^LIKEWISE_(ENGINE|WEB|DISCORD|SLACK)_/.test(name),
  );
  const child = spawn(
    process.execPath,
    ['--require', './src/cli/node-version.cjs', 'src/main.ts'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(rest),
        LIKEWISE_CACHE: join(folder, 'cache'),
        LIKEWISE_ENGINE_FOLDER: join(folder, 'engine'),
        LIKEWISE_ENGINE_HOST: '127.0.0.1',
        LIKEWISE_ENGINE_PORT: String(enginePort),
        LIKEWISE_ENGINE_TOKEN: token,
        LIKEWISE_WEB_HOST: '127.0.0.1',
        LIKEWISE_WEB_PORT: String(webPort),
        ...settings,
      },
    },
  );
  const exited = once(child, 'exit');
  let said = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(killing);
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const url = `http://127.0.0.1:${webPort}/`;
  const engine = { url: `http://127.0.0.1:${enginePort}`, token };
  try {
    const until = performance.now() + patience;
    for (const address of [url, `${engine.url}/readyz`]) {
      while (!(await answers(address))) {
        signal.throwIfAborted();
        const isOver = child.exitCode !== null || child.signalCode !== null;
        if (isOver || performance.now() > until) {
          throw new Error(`the product did not start: ${said.trim().split('\n').at(-1)}`);
        }
        await sleep(100);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { url, engine, close };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Two ports that nothing listens on; held together for a moment, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) server.close();
  return ports as [number, number];
}
