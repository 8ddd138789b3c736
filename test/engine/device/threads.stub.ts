/**
 * A process with a thread that does what the first argument says, and exits with status 7 by its
 * `Threads`. The second argument: a pipe without a writer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { watchThreads } from '../../../src/engine/device/index.ts';

const [act = '', pipe = ''] = process.argv.slice(2);
const up = `require('node:worker_threads').parentPort.postMessage('up');`;
const programs: Record<string, string> = {
  brief: up,
  busy: `${up} for (;;);`,
  // Outside of JavaScript for good, as a model is for long.
  stuck: `${up} require('node:fs').readFileSync(${JSON.stringify(pipe)});`,
};
const threads = watchThreads();
// As a program that wants to end well has it.
process.on('SIGTERM', () => {});
const begin = () => new Worker(programs[act] ?? '', { eval: true });

if (act === 'late') {
  await threads.end(0);
  const late = new Worker('for (;;);', { eval: true });
  await new Promise((resolve) => late.once('exit', resolve));
  await threads.exit(7);
}
const worker = begin();
const ended = new Promise((resolve) => worker.once('exit', resolve));
await new Promise((resolve) => worker.once('message', resolve));
if (act === 'brief') await ended;
// It has said so just before it reads.
if (act === 'stuck') await sleep(300);
await threads.exit(7);
