import { readFlags, whole, wrong } from '../common/arguments.ts';

export const usage = `npm run bench:storm -- [options]

10,000 jobs of 200 users, one of whom posts half of them first, on a stand-in device whose
time passes at once. Prints figures as JSON at the end.

  --jobs N     jobs in all                                        10000
  --users N    users; the first of them posts half of the jobs    200
  --served N   jobs over which fairness is measured               a fifth of the jobs
  --folder DIR where the journal is put, on a real disk           a temporary folder
  --help       this text
`;

export interface StormArguments {
  readonly jobs: number;
  readonly users: number;
  readonly served: number;
  readonly folder: string | undefined;
}

/** @throws LikewiseError `USAGE` */
export function parseStormArguments(args: readonly string[]): StormArguments | 'help' {
  const flags = readFlags(args, {
    jobs: { type: 'string' },
    users: { type: 'string' },
    served: { type: 'string' },
    folder: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (flags.help) return 'help';
  const jobs = whole('jobs', flags.jobs, 10_000, [4, 1e6]);
  const users = whole('users', flags.users, 200, [2, 10_000]);
  const served = whole('served', flags.served, Math.max(1, Math.floor(jobs / 5)), [1, jobs]);
  if (jobs < 2 * users) throw wrong('--jobs: give two a user or more');
  return { jobs, users, served, folder: flags.folder };
}
