import { readFlags, whole } from '../common/arguments.ts';

export const usage = `npm run bench:crash -- [options]

Kills a process with the queue, its journal and a stand-in device of short steps at random
moments, starts it again, and looks what became of every job. Prints figures as JSON at
the end.

  --kills N     how often it is killed                           300
  --seed N      of the moments                                   0
  --folder DIR  where the journal is put, on a real disk         a temporary folder
  --help        this text
`;

export interface CrashArguments {
  readonly kills: number;
  readonly seed: number;
  readonly folder: string | undefined;
}

/** @throws LikewiseError `USAGE` */
export function parseCrashArguments(args: readonly string[]): CrashArguments | 'help' {
  const flags = readFlags(args, {
    kills: { type: 'string' },
    seed: { type: 'string' },
    folder: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  return {
    kills: whole('kills', flags.kills, 300, [1, 1e6]),
    seed: whole('seed', flags.seed, 0, [0, 0xffffffff]),
    folder: flags.folder,
  };
}
