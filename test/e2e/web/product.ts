import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebBotOptions, webBot } from '../../../src/bots/web/index.ts';
import { createCommands, openSettings } from '../../../src/commands/index.ts';
import { connectEngine } from '../../../src/engine/client.ts';
import { supervise } from '../../../src/engine/supervisor.ts';

export interface RunningProduct {
  readonly url: string;
  /** Kills the engine's process at once; its supervisor starts another one. */
  killEngine(): void;
  /** How often the engine was started. */
  readonly starts: () => number;
  close(): Promise<void>;
}

/**
 * What `npm start` opens, with the embedded model and the engine in a process of its own, in a temporary
 * folder: the engine listens on a socket there, the page on a free port of the loopback.
 */
export async function openProduct(options: Partial<WebBotOptions> = {}): Promise<RunningProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'likewise-'));
  const socket = join(folder, 'engine.sock');
  const token = randomBytes(24).toString('hex');
  const ending = new AbortController();
  const pids: number[] = [];
  const supervised = supervise({
    program: new URL('../../../src/engine/main.ts', import.meta.url),
    // The options of the test runner are not the engine's.
    execArgv: [],
    env: {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith('LIKEWISE_')),
      ),
      LIKEWISE_ENGINE_FOLDER: join(folder, 'engine'),
      LIKEWISE_ENGINE_SOCKET: socket,
      LIKEWISE_ENGINE_TOKEN: token,
      LIKEWISE_CACHE: join(folder, 'cache'),
      LIKEWISE_LOG_LEVEL: 'warn',
    },
    signal: ending.signal,
    onEvent: (event) => {
      if (event.kind === 'started') pids.push(event.pid);
    },
  });
  const engine = connectEngine({ url: `unix:${socket}`, token });
  const settings = openSettings(':memory:');
  const commands = createCommands({
    engine,
    settings,
    log: () => {},
    dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] },
    pictureMegabytes: 25,
  });
  const store = join(folder, 'conversations.sqlite');
  const bot = webBot({ commands, host: '127.0.0.1', port: 0, store, ...options });
  await bot.start();
  // The page is there before the engine has opened its model.
  const until = performance.now() + 280_000;
  const nobody = { tenant: 'web:test', user: 'nobody' };
  for (let error: unknown = 'unknown'; error; ) {
    error = await engine.status(nobody).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (error && performance.now() > until) throw error;
    await sleep(100);
  }
  return {
    url: bot.url(),
    killEngine() {
      const pid = pids.at(-1);
      if (pid === undefined) throw new Error('the engine was not started');
      process.kill(pid, 'SIGKILL');
    },
    starts: () => pids.length,
    async close() {
      await bot.stop();
      await engine.close();
      settings.close();
      ending.abort();
      await supervised;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
