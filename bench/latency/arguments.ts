import { readFlags, whole } from '../common/arguments.ts';

export const usage = `npm run bench:latency -- [options]

The engine on the embedded model, with inversions waiting and one running all the while, and renders
that arrive now and then: how long they wait; the same without inversions beside them; and how soon
/livez answers. Prints figures as JSON at the end.

  --renders N     renders of each half                        100
  --every MS      milliseconds between two of them            5000
  --inversions N  jobs that wait for inversions               100
  --help          this text
`;

export interface LatencyArguments {
  readonly renders: number;
  readonly everyMs: number;
  readonly inversions: number;
}

/** @throws LikewiseError `USAGE` */
export function parseLatencyArguments(args: readonly string[]): LatencyArguments | 'help' {
  const flags = readFlags(args, {
    renders: { type: 'string' },
    every: { type: 'string' },
    inversions: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  return {
    renders: whole('renders', flags.renders, 100, [1, 1e6]),
    everyMs: whole('every', flags.every, 5000, [1, 1e6]),
    inversions: whole('inversions', flags.inversions, 100, [0, 10_000]),
  };
}
