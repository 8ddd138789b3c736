import { type WebBotOptions, webBot } from '../../../src/bots/web/index.ts';
import { createCommands } from '../../../src/commands/index.ts';
import { openSettings } from '../../../src/commands/settings.ts';
import type { Engine } from '../../../src/engine/client.ts';

/** The page on a free port of the loopback, with real commands on an engine. */
export async function serveWeb(engine: Engine, options: Partial<WebBotOptions> = {}) {
  const settings = openSettings(':memory:');
  const logged: unknown[] = [];
  const commands = createCommands({
    engine,
    settings,
    log: (details) => void logged.push(details),
    dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] },
    pictureMegabytes: 25,
  });
  const bot = webBot({ commands, host: '127.0.0.1', port: 0, ...options });
  await bot.start();
  return {
    url: bot.url(),
    logged,
    async close() {
      await bot.stop();
      settings.close();
    },
  };
}
