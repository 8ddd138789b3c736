/**
 * Whether a crash loses anything: `npm run bench:crash`. A process with the product's queue and journal
 * is killed (SIGKILL) at random moments and started again; jobs are posted all the while, each until
 * it is answered. At the end the last life is left alone until nothing is to be done.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, runCommand } from '../src/cli/command.ts';
import { createRandom } from '../src/engine/inversion/index.ts';
import { openJournal } from '../src/engine/jobs/index.ts';
import { progressLine } from './common/progress.ts';
import { type CrashArguments, parseCrashArguments, usage } from './crash/arguments.ts';
import { type Life, liveAndDie, startLife } from './crash/lives.ts';
import { pace } from './crash/plan.ts';
import { tally } from './crash/tally.ts';

/** Most jobs that are accepted and not over: enough that there is always something to do. */
const backlog = 6;

const crash: Command = async (args, { stdout, signal }) => {
  const options = parseCrashArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'likewise-crash-'));
  try {
    const figures = await measure(options, folder, signal);
    stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function measure({ kills, seed }: CrashArguments, folder: string, signal: AbortSignal) {
  const random = createRandom(seed, 'crash');
  const accepted = new Map<number, string>();
  /** Posted, and not answered. */
  const asked = new Set<number>();
  let posted = 0;
  let over = 0;
  const on = {
    accepted(n: number, job: string) {
      accepted.set(n, job);
      asked.delete(n);
    },
    over(count: number) {
      over = count;
    },
  };
  const work = (life: Life) => {
    if (posted - over >= backlog) return;
    asked.add(posted);
    life.post({ n: posted++ });
  };
  const start = async (number: number) => {
    const life = await startLife(folder, number, on);
    // The same requests again: whoever was not answered does not know whether it was accepted.
    for (const n of asked) life.post({ n });
    return life;
  };

  const line = progressLine('crash, kills', kills, 0);
  for (let kill = 1; kill <= kills; kill++) {
    await liveAndDie(await start(kill), () => random.uniform(), work, signal);
    line.update(kill);
  }
  line.stop();
  const last = await start(kills + 1);
  while (asked.size > 0 || over < accepted.size) {
    signal.throwIfAborted();
    await sleep(100);
  }
  await last.kill();

  const journal = openJournal(join(folder, 'journal.sqlite'));
  const { repeated, ...counts } = tally(folder, journal, accepted, kills);
  journal.close();
  const sorted = [...repeated].sort((a, b) => a - b);
  const quantile = (q: number) => round(sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
  return {
    kills,
    ...counts,
    checkpointSeconds: pace.checkpointSeconds,
    repeatedSeconds: {
      mean: round(sorted.reduce((a, b) => a + b, 0) / sorted.length),
      p50: quantile(0.5),
      p99: quantile(0.99),
      max: quantile(1),
    },
    withinInterval: sorted.filter((seconds) => seconds <= pace.checkpointSeconds).length,
  };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

await runCommand(crash);
