/**
 * How long a render waits behind inversions: `npm run bench:latency`. The product's engine, on the
 * embedded model, in this process (the model is on a thread of its own, as always), behind its HTTP
 * server, which another thread asks for signs of life.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { defaults } from '../config/index.ts';
import { type Command, runCommand } from '../src/cli/command.ts';
import type { Engine } from '../src/engine/client.ts';
import { createRandom } from '../src/engine/inversion/index.ts';
import type { Work } from '../src/engine/jobs/index.ts';
import { isLast, type JobResult, type Owner } from '../src/engine/protocol.ts';
import { encodePng } from '../src/engine/render/index.ts';
import { engineApp, listenEngine } from '../src/engine/server.ts';
import { openEngine } from '../src/engine/service/index.ts';
import { progressLine } from './common/progress.ts';
import { round, summary } from './common/summary.ts';
import { type LatencyArguments, parseLatencyArguments, usage } from './latency/arguments.ts';
import { startPings } from './latency/pings.ts';

const tenant = 'bench';
const drawer: Owner = { tenant, user: 'drawer' };
/** Renders are five cells, as a first answer is. */
const dials = { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2] };
/** Few pictures are sent at once: the engine refuses more than a few dozen. */
const uploads = new PQueue({ concurrency: 8 });
/** Users who wait for inversions. */
const crowd = 20;

interface Seen extends Work {
  /** When it was over, by `performance.now()`. */
  readonly at: number;
}

const latency: Command = async (args, { stdout, signal }) => {
  const options = parseLatencyArguments(args);
  if (options === 'help') {
    stdout.write(usage);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'likewise-latency-'));
  const seen: Seen[] = [];
  // As many may run at once as always; nobody is refused.
  const lavish = { waiting: 1e6, deviceSeconds: 1e9, megabytes: 1e9 };
  const { user, tenant: guild } = defaults.jobs;
  const { engine } = await openEngine(
    {
      ...defaults,
      cache: join(folder, 'cache'),
      engine: { ...defaults.engine, folder },
      jobs: {
        ...defaults.jobs,
        user: { ...user, ...lavish },
        tenant: { ...guild, ...lavish },
      },
    },
    { onWork: (work) => void seen.push({ ...work, at: performance.now() }) },
  );
  const server = await listenEngine({
    app: engineApp({ engine, token: 'bench', isReady: () => true }),
    host: '127.0.0.1',
    port: 0,
  });
  const pings = startPings(server.address);
  try {
    const base = await prepare(engine);
    await pings.take();
    const idle = await half(engine, base, { ...options, inversions: 0 }, seen, 'idle', signal);
    const idlePings = await pings.take();
    const busy = await half(engine, base, options, seen, 'behind inversions', signal);
    const busyPings = await pings.take();
    const bound = busy.stepMs.p99 + busy.renderMs.p99;
    const figures = {
      ...options,
      behindInversions: { ...busy, livezMs: summary(busyPings) },
      idle: { ...idle, livezMs: summary(idlePings) },
      boundMs: round(bound),
      within: busy.waitMs.p99 <= bound,
    };
    stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    await pings.stop();
    await server.close();
    await engine.close();
    rmSync(folder, { recursive: true });
  }
};

/** An analogy and an inverted B, to draw from. */
async function prepare(engine: Engine): Promise<JobResult> {
  const [a, aPrime, b] = [await put(engine, 1), await put(engine, 2), await put(engine, 3)];
  const pairs = [{ a, aPrime }];
  const { job } = await engine.submit(drawer, 'base', { kind: 'analogy', pairs, b, dials });
  for await (const event of engine.follow(drawer, job)) {
    if (event.kind === 'done') return event.result;
    if (isLast(event)) break;
  }
  throw new Error('the analogy to draw from could not be made');
}

/** Renders at their pace, with so many inversions beside them. */
async function half(
  engine: Engine,
  { analogy, b }: JobResult,
  { renders, everyMs, inversions }: LatencyArguments,
  seen: Seen[],
  title: string,
  signal: AbortSignal,
) {
  let pictures = 0;
  let over = false;
  const ended: Promise<void>[] = [];
  /** One job after the other, so that as many wait all the while. */
  const wait = async (place: number) => {
    const owner = { tenant, user: `user${place % crowd}` };
    while (!over) {
      const picture = await put(engine, 1000 + pictures++, owner);
      if (over) return;
      const { job } = await engine.submit(owner, `${title.length}.${picture}`, {
        kind: 'apply',
        analogies: [{ analogy, weight: 1 }],
        b: picture,
        dials: { lambda: [1], guidance: [2] },
      });
      jobs.add(job);
      for await (const event of engine.follow(owner, job)) if (isLast(event)) break;
      jobs.delete(job);
    }
  };
  const jobs = new Set<string>();
  for (let place = 0; place < inversions; place++) ended.push(wait(place));
  while (jobs.size < inversions) {
    signal.throwIfAborted();
    await sleep(100);
  }
  seen.length = 0;

  const line = progressLine(`latency, ${title}, renders`, renders, 0);
  const arrived = new Map<string, number>();
  const drawn: Promise<void>[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < renders; n++) {
    signal.throwIfAborted();
    const { inversion } = (await engine.status(drawer)).waiting;
    fewest = Math.min(fewest, inversion);
    const at = performance.now();
    const { job } = await engine.submit(drawer, `${title.length}.render${n}`, {
      kind: 'render',
      analogies: [{ analogy, weight: 1 }],
      b,
      dials,
    });
    arrived.set(job, at);
    drawn.push(
      (async () => {
        for await (const event of engine.follow(drawer, job)) if (isLast(event)) break;
      })(),
    );
    line.update(n + 1);
    await sleep(Math.max(0, everyMs - (performance.now() - at)));
  }
  await Promise.all(drawn);
  over = true;
  line.stop();
  for (const job of jobs) await engine.cancel(drawer, job);
  await Promise.all(ended);

  const mine = seen.filter(({ job }) => arrived.has(job));
  const waits = mine.map(({ job, at, seconds }) => at - (arrived.get(job) ?? at) - seconds * 1000);
  const steps = seen.filter((work) => work.class === 'inversion');
  return {
    renders: mine.length,
    fewestWaiting: inversions > 0 ? fewest : 0,
    waitMs: summary(waits),
    renderMs: summary(mine.map(({ seconds }) => seconds * 1000)),
    stepMs: summary(steps.map(({ seconds }) => seconds * 1000)),
  };
}

async function put(engine: Engine, seed: number, owner = drawer): Promise<string> {
  const random = createRandom(seed, 'picture');
  const [width, height] = [64, 64];
  const rgb = Uint8Array.from({ length: width * height * 3 }, () => random.uniform() * 256);
  const png = await encodePng({ rgb, width, height });
  return (await uploads.add(() => engine.putPicture(owner, png))).picture;
}

await runCommand(latency);
