/**
 * Programs for the supervisor, by their first argument, and `parent`: a supervisor of the others, as a
 * process of its own that can be killed.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endWithParent,
  outliveReaders,
  restartsOf,
  supervise,
} from '../../src/engine/supervisor.ts';

const [act = '', ...args] = process.argv.slice(2);
const say = (word: string) => process.stdout.write(`${word}\n`);
/** Goes on until something ends it. */
const stay = () => setInterval(() => {}, 1000);

const acts: Record<string, () => unknown> = {
  /** Ends with a status. */
  exit: () => process.exit(Number(args[0])),
  /** Notes each start in a file, and crashes in another way each time, until it has so many. */
  crash: () => {
    const [file = '', enough] = args;
    appendFileSync(file, `${restartsOf(process.env)}\n`);
    const starts = readFileSync(file, 'utf8').split('\n').length - 1;
    if (starts > Number(enough)) process.exit(0);
    if (starts % 3 === 1) process.exit(1);
    if (starts % 3 === 2) process.kill(process.pid, 'SIGKILL');
    process.exit(70);
  },
  /** Ends well when it is told to. */
  serve: () => {
    const end = (name: string) => {
      say(`told ${name}`);
      process.exit(0);
    };
    process.on('SIGTERM', end).on('SIGINT', end);
    stay();
    say('up');
  },
  /** Does not listen. */
  stubborn: () => {
    process.on('SIGTERM', () => {});
    stay();
    say('up');
  },
  /** Ends when its supervisor is gone. */
  loyal: () => {
    endWithParent(async () => void say('stopped'));
    stay();
    say('up');
  },
  /** Does not manage to end by itself. */
  hanging: () => {
    endWithParent(() => new Promise(() => say('stopping')), 50);
    stay();
    say('up');
  },
  /** Nothing keeps it, the supervisor least of all. */
  brief: () => {
    endWithParent(() => {});
    say('done');
  },
  /** Speaks after its stdin was closed, and ends with status 7; `fragile` does not expect trouble. */
  chatty: async () => {
    if (args[0] !== 'fragile') outliveReaders();
    for await (const _ of process.stdin);
    for (let i = 0; i < 3; i++) {
      say('still here');
      process.stderr.write('here too\n');
      await sleep(20);
    }
    process.exit(7);
  },
  parent: async () => {
    const abort = new AbortController();
    const told = (name: NodeJS.Signals) => abort.abort(name);
    process.on('SIGTERM', told).on('SIGINT', told);
    process.exitCode = await supervise({
      program: new URL(import.meta.url),
      args,
      execArgv: [],
      onEvent: (event) => say(JSON.stringify(event)),
      signal: abort.signal,
      graceMs: Number(process.env.GRACE_MS ?? 10_000),
    });
    process.off('SIGTERM', told).off('SIGINT', told);
  },
};
await acts[act]?.();
