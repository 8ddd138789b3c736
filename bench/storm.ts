/**
 * Whether a flood drowns anybody: `npm run bench:storm`. The queue, its journal on a real disk and its
 * limits are the product's; the device is a stand-in that takes, in virtual time, what the embedded
 * model takes (README, "Speed").
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../config/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import { openJobs, openJournal, type Task } from '../src/engine/jobs/index.ts';
import { progressLine } from './common/progress.ts';
import { inversionTask, renderTask, standIn, virtualClock } from './common/stand-in.ts';
import { parseStormArguments, type StormArguments, usage } from './storm/arguments.ts';
import { jainIndex, servicesUntilAll } from './storm/fairness.ts';

/** Steps and seconds of the preset `fast` on the embedded model. */
const timings = { tokens: [8, 0.065], noise: [10, 0.027], render: 0.43 } as const;

const storm: Command = async (args, { env, stdout, signal }) => {
  const options = parseStormArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'likewise-storm-'));
  try {
    const figures = await measure(options, folder, loadConfig(env).jobs, signal);
    stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

type Settings = ReturnType<typeof loadConfig>['jobs'];

async function measure(
  { jobs: count, users, served: window }: StormArguments,
  folder: string,
  settings: Settings,
  signal: AbortSignal,
) {
  const began = performance.now();
  const clock = virtualClock(Date.UTC(2026, 0, 1));
  const kept = new Map<string, number>();
  const userOf = new Map<string, string>();
  const served: string[] = [];
  const states = new Map<string, number>();
  const finished = Promise.withResolvers<void>();
  const line = progressLine('storm, jobs served', count, 0);
  // Nobody is refused: what is measured is who waits for how long.
  const lavish = { waiting: 1e6, running: 1e6, deviceSeconds: 1e9, megabytes: 1e9 };
  const jobs = await openJobs({
    journal: openJournal(join(folder, 'journal.sqlite')),
    executor: standIn({
      wait: async (seconds) => {
        await new Promise(setImmediate);
        signal.throwIfAborted();
        clock.pass(seconds * 1000);
      },
      kept: {
        get: async (key) => kept.get(key),
        set: async (key, value) => void kept.set(key, value),
      },
    }),
    clock,
    settings: { ...settings, user: lavish, tenant: lavish },
    onEnd: (id, { state }) => {
      states.set(state, (states.get(state) ?? 0) + 1);
      if (state === 'done') served.push(userOf.get(id) as string);
      line.update(served.length);
      if ([...states.values()].reduce((a, b) => a + b, 0) === count) finished.resolve();
    },
  });
  const started = clock.now();
  const accepts: number[] = [];
  for (const user of posters(count, users)) {
    signal.throwIfAborted();
    const owner = { tenant: `tenant${user % 10}`, user: `user${user}` };
    const key = String(accepts.length);
    const before = performance.now();
    const { job } = await jobs.submit({ owner, key, tasks: analogy(key), request: null });
    accepts.push(performance.now() - before);
    userOf.set(job.id, owner.user);
  }
  await Promise.race([finished.promise, jobs.lost.then((error) => Promise.reject(error))]);
  line.stop();
  const lost = [...userOf.keys()].filter((id) => jobs.get(id)?.state !== 'done').length;
  const virtualSeconds = (clock.now() - started) / 1000;
  await jobs.close();

  const firsts = new Map<string, number>();
  for (const user of served.slice(0, window)) firsts.set(user, (firsts.get(user) ?? 0) + 1);
  const shares = Array.from({ length: users }, (_, user) => firsts.get(`user${user}`) ?? 0);
  accepts.sort((a, b) => a - b);
  const quantile = (q: number) => round(accepts[Math.floor(q * (accepts.length - 1))] as number);
  return {
    jobs: count,
    users,
    flooder: Math.floor(count / 2),
    jain: round(jainIndex(shares), 4),
    over: window,
    servicesUntilAll: servicesUntilAll(served, users) ?? null,
    flooderServed: shares[0],
    lost,
    ends: Object.fromEntries(states),
    virtualHours: round(virtualSeconds / 3600),
    acceptMs: { p50: quantile(0.5), p99: quantile(0.99) },
    wallSeconds: round((performance.now() - began) / 1000),
  };
}

/** Who posts, in order: user 0 half of all first, then the others in turn. */
function posters(count: number, users: number): number[] {
  const flood = Math.floor(count / 2);
  return Array.from({ length: count }, (_, index) =>
    index < flood ? 0 : 1 + ((index - flood) % (users - 1)),
  );
}

/** The tasks of an analogy between three new pictures. */
function analogy(key: string): Task[] {
  const [[tokenSteps, tokenSeconds], [noiseSteps, noiseSeconds]] = [timings.tokens, timings.noise];
  return [
    ...['a', 'a2', 'b'].map((name) => inversionTask(`${key}${name}`, tokenSteps, tokenSeconds)),
    { ...inversionTask(`${key}n`, noiseSteps, noiseSeconds), label: 'noise' },
    renderTask(timings.render),
  ];
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

await runCommand(storm);
