import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '../../../src/bots/discord/definitions/index.ts';
import { createCommands } from '../../../src/commands/index.ts';
import { eventually, long } from './members.ts';
import { openDiscord } from './twin/driver.ts';
import type { Discord } from './twin/shapes.ts';

const program = fileURLToPath(new URL('stop-alone.ts', import.meta.url));

describe('the Discord bot in a process', () => {
  let discord: Discord;
  beforeEach(async () => {
    discord = await openDiscord({ answerWithin: 60_000 });
    const { describe: described } = createCommands({} as never);
    await discord.register(definitionsOf({ describe: described }));
  });
  afterEach(() => discord.close());

  it.each(['1', '0'])(
    'starts (shards: %s), answers, stops, and nothing stays open',
    async (shards) => {
      const child = spawn(process.execPath, [program, discord.restUrl, discord.token, shards]);
      let told = '';
      child.stdout.on('data', (part) => (told += String(part)));
      child.stderr.on('data', (part) => (told += String(part)));
      const ended = once(child, 'exit');
      await eventually(() => told.includes('started'));
      const help = discord.slash(discord.users.alice, 'help');
      await help.answered(long);
      child.stdin.write('stop\n');
      // By itself: connections and timers would keep it.
      expect(await ended).toEqual([0, null]);
      const [, time] = /^started\nstopped (\d+)\n$/.exec(told) ?? [told];
      // Far less than what a stop may wait for at most.
      expect(Number(time)).toBeLessThan(4000);
      expect(discord.connected()).toBe(false);
    },
  );
});
