/** The process that is killed: the queue on a journal, and a device of short steps. */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaults } from '../../config/index.ts';
import { openJobs, openJournal } from '../../src/engine/jobs/index.ts';
import { standIn } from '../common/stand-in.ts';
import { type Answer, type Post, pace, planned } from './plan.ts';

const [folder, life] = process.argv.slice(2) as [string, string];
const lavish = { waiting: 1e6, running: 1e6, deviceSeconds: 1e9, megabytes: 1e9 };
const keptFolder = join(folder, 'kept');
mkdirSync(keptFolder, { recursive: true });
const fileOf = (key: string) =>
  join(keptFolder, createHash('sha256').update(key).digest('hex').slice(0, 32));
const tell = (answer: Answer) => void process.send?.(answer);
const note = (file: string, ...words: unknown[]) =>
  appendFileSync(join(folder, file), `${words.join(' ')}\n`);

let over = 0;
let working: { job: string; key: string; step: number } | undefined;

const jobs = await openJobs({
  journal: openJournal(join(folder, 'journal.sqlite')),
  settings: {
    ...defaults.jobs,
    checkpointSeconds: pace.checkpointSeconds,
    user: lavish,
    tenant: lavish,
  },
  executor: standIn({
    async wait(seconds, signal) {
      const began = performance.now();
      await sleep(seconds * 1000, undefined, { signal: signal as AbortSignal });
      const took = (performance.now() - began) / 1000;
      // Written when it is done: what is killed in the middle was not done.
      if (working) note('work', life, working.key, working.step, took.toFixed(4));
    },
    kept: {
      async get(key) {
        try {
          return Number(readFileSync(fileOf(key), 'utf8'));
        } catch {
          return undefined;
        }
      },
      async set(key, value) {
        writeFileSync(`${fileOf(key)}.new`, String(value));
        renameSync(`${fileOf(key)}.new`, fileOf(key));
      },
    },
    onWork: ({ job, index, task }, step) => {
      const { key } = task.input as { key?: string };
      working = { job, key: key ?? `${job}/${index}`, step };
    },
  }),
  onEnd: (job, { state }) => {
    note('posted', job, state);
    tell({ over: ++over });
  },
});
process.on('message', async ({ n }: Post) => {
  const { key, owner, tasks } = planned(n);
  const { job } = await jobs.submit({ owner, key, tasks, request: { n } });
  tell({ n, job: job.id });
});
jobs.lost.then((error) => {
  note('faults', error.message);
  process.exit(1);
});
over += jobs
  .list('tenant', Number.MAX_SAFE_INTEGER)
  .filter(({ state }) => state === 'done' || state === 'failed').length;
tell({ over });
