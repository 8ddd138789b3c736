/**
 * Whether the Discord bot keeps up: `npm run bench:discord`. Members of a Discord to test against use
 * all of it; the bot and the engine are processes of their own, as they are in the product, and the
 * device is a stand-in.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, runCommand } from '../src/cli/command.ts';
import { openDiscord } from '../test/bots/discord/twin/driver.ts';
import type { Discord } from '../test/bots/discord/twin/shapes.ts';
import { type Started, startEngine, startProcess } from './common/chat/processes.ts';
import { soak } from './common/chat/soak.ts';
import { type DiscordArguments, parseDiscordArguments, usage } from './discord/arguments.ts';
import { createMembers } from './discord/members.ts';
import { tallyOf } from './discord/tally.ts';
import { startWatch, type Watch } from './discord/watch.ts';

const discordBench: Command = async (args, { stdout, stderr, signal }) => {
  const options = parseDiscordArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'likewise-discord-'));
  const opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  try {
    const discord = await openDiscord();
    opened.defer(() => discord.close());
    const token = randomBytes(24).toString('hex');
    const engine = await startEngine(folder, token);
    opened.defer(() => engine.close());
    const logged = new Map<string, number>();
    const bot = await startProcess(
      new URL('discord/bot.ts', import.meta.url),
      [folder, discord.restUrl, discord.token, engine.ready, token],
      (line) => void logged.set(line, (logged.get(line) ?? 0) + 1),
    );
    opened.defer(() => bot.close());
    while (!discord.connected()) await sleep(50, undefined, { signal });
    const figures = await figuresOf(discord, { bot, engine }, options, signal);
    const violations = discord.violations();
    for (const one of violations.slice(0, 20)) stderr.write(`discord: ${one}\n`);
    const all = { ...options, ...figures, violations: violations.length };
    stdout.write(`${JSON.stringify({ ...all, logged: Object.fromEntries(logged) }, null, 2)}\n`);
    const { unacknowledged, unanswered, doubles, lateEdits, progress } = figures;
    const wrong = [unacknowledged, unanswered, doubles, lateEdits, progress.hasty, all.violations];
    if (wrong.some((count) => count > 0)) process.exitCode = 1;
  } finally {
    await opened.disposeAsync();
  }
};

/** The members at work, and what became of it. */
async function figuresOf(
  discord: Discord,
  { bot, engine }: { readonly bot: Started; readonly engine: Started },
  options: DiscordArguments,
  signal: AbortSignal,
) {
  const { minutes, interactions } = options;
  const members = createMembers(discord, options);
  const watch: Watch = startWatch(discord, (watched) => members.onAnswer(watched));
  // What is started and registered is not part of it.
  const earlier = discord.requests.length;
  const { seconds, memoryMb } = await soak({
    ...{ minutes, interactions, signal, bot, engine },
    title: 'discord, interactions',
    act: () => members.act(watch),
    open: watch.open,
  }).finally(watch.stop);
  const used = discord.requests.slice(earlier);
  const done = watch.done();
  for (const { kind, answered, acknowledged } of done.filter((one) => one.answered === undefined)) {
    process.stderr.write(
      `discord: no answer: ${JSON.stringify({ kind, answered, acknowledged })}\n`,
    );
  }
  return { ...tallyOf(done, used, seconds), memoryMb };
}

await runCommand(discordBench);
