/**
 * Whether the Slack bot keeps up: `npm run bench:slack`. Members of a Slack to test against use all of
 * it; the bot and the engine are processes of their own, as they are in the product, and the device is
 * a stand-in.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, runCommand } from '../src/cli/command.ts';
import { openSlack } from '../test/bots/slack/twin/driver.ts';
import type { Slack } from '../test/bots/slack/twin/shapes.ts';
import { type Started, startEngine, startProcess } from './common/chat/processes.ts';
import { soak } from './common/chat/soak.ts';
import { parseSlackArguments, type SlackArguments, usage } from './slack/arguments.ts';
import { createMembers } from './slack/members.ts';
import { saidOf } from './slack/said.ts';
import { tallyOf } from './slack/tally.ts';
import { startWatch, type Watch } from './slack/watch.ts';

const slackBench: Command = async (args, { stdout, stderr, signal }) => {
  const options = parseSlackArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'likewise-slack-'));
  const opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  try {
    const { members: crowd, limited, socket } = options;
    const slack = await openSlack({ crowd, limited });
    opened.defer(() => slack.close());
    const token = randomBytes(24).toString('hex');
    const engine = await startEngine(folder, token);
    opened.defer(() => engine.close());
    const logged = new Map<string, number>();
    const members = createMembers(slack, options);
    const watch = startWatch(slack, (watched) => members.onAnswer(watched));
    opened.defer(() => watch.stop());
    const proof = socket ? ['socket', slack.appToken] : ['http', slack.signingSecret];
    const bot = await startProcess(
      new URL('slack/bot.ts', import.meta.url),
      [folder, slack.slackApiUrl, slack.botToken, ...proof, engine.ready, token],
      (line) => {
        const said = saidOf.read(line);
        if (said) watch.hear(said);
        else logged.set(line, (logged.get(line) ?? 0) + 1);
      },
    );
    opened.defer(() => bot.close());
    if (socket) await slack.useSocket();
    else slack.useHttp(`http://127.0.0.1:${bot.ready}/slack/events`);
    const act = () => members.act(watch);
    const figures = await figuresOf(slack, { bot, engine, watch, act }, options, signal);
    for (const { kind, said, failed } of watch.all.filter((one) => one.answered === undefined)) {
      stderr.write(`slack: no answer: ${JSON.stringify({ kind, said, failed })}\n`);
    }
    const violations = slack.violations();
    for (const one of violations.slice(0, 20)) stderr.write(`slack: ${one}\n`);
    const all = { ...options, ...figures, violations: violations.length };
    stdout.write(`${JSON.stringify({ ...all, logged: Object.fromEntries(logged) }, null, 2)}\n`);
    const { unacknowledged, unanswered, doubles, strays, lateEdits } = figures;
    const wrong = unacknowledged + unanswered + doubles + strays + lateEdits + all.violations;
    if (wrong > 0) process.exitCode = 1;
  } finally {
    await opened.disposeAsync();
  }
};

interface AtWork {
  readonly bot: Started;
  readonly engine: Started;
  readonly watch: Watch;
  readonly act: () => Promise<void>;
}

/** The members at work, and what became of it. */
async function figuresOf(
  slack: Slack,
  { bot, engine, watch, act }: AtWork,
  { minutes, interactions }: SlackArguments,
  signal: AbortSignal,
) {
  // What is asked at the start is not part of it.
  const earlier = slack.requests.length;
  const title = 'slack, interactions';
  const { open } = watch;
  const { seconds, memoryMb } = await soak({
    ...{ title, minutes, interactions, signal, bot, engine, act, open },
  });
  const done = watch.done();
  const used = slack.requests.slice(earlier);
  return { ...tallyOf(done, used, seconds), strays: watch.strays(), memoryMb };
}

await runCommand(slackBench);
