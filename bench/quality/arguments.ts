import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import { modelFolder, numbers, oneOf, readFlags, whole, wrong } from '../common/arguments.ts';
import type { Split } from './analogies.ts';
import { KINDS } from './changes.ts';
import { type MethodId, type Plan, shownRows } from './plan.ts';

export interface QualityArguments {
  readonly plan: Plan;
  readonly count: number;
  readonly jobs: number;
  readonly fresh: boolean;
  /** JSON of the results; the journal lies beside it, `.jsonl`. */
  readonly report: string;
  /** PNG of the contact sheet; undefined for none. */
  readonly sheet: string | undefined;
}

export const usage = `Analogies that training never saw, with known answers: how often B' is right.

  npm run bench:quality -- [options]

  --count N          analogies, over all kinds of change in turn         (200)
  --preset NAME      fast or paper                                       (fast)
  --mode NAME        anchored or classic guidance                        (anchored)
  --lambda LIST      strengths of the grid                               (0,0.5,1,1.5,2)
  --guidance LIST    guidance scales of the grid; the first is "default"
  --suggested N      the strength that "default" means
  --methods LIST     of ours,upper,captions,pixels                       (all)
  --seed N           which analogies                                     (0)
  --model DIR        a model in diffusers' ONNX layout                   (models/avatars)
  --cache DIR|none   where inversions are kept                           (.cache/bench/inversions)
  --report FILE      results as JSON; a run that was stopped goes on from
                     the .jsonl beside it                                (.cache/bench/quality-….json)
  --sheet FILE|none  the contact sheet, a PNG                            (beside the report)
  --rows N           rows of the contact sheet                           (20)
  --jobs N           analogies at a time, one process each               (1)
  --threads N        threads of each                                     (cores / jobs)
  --fresh            begin anew: forget the .jsonl
  --help             this text
`;

const flags = {
  count: { type: 'string' },
  preset: { type: 'string' },
  mode: { type: 'string' },
  lambda: { type: 'string' },
  guidance: { type: 'string' },
  suggested: { type: 'string' },
  methods: { type: 'string' },
  seed: { type: 'string' },
  model: { type: 'string' },
  cache: { type: 'string' },
  report: { type: 'string' },
  sheet: { type: 'string' },
  rows: { type: 'string' },
  jobs: { type: 'string' },
  threads: { type: 'string' },
  fresh: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const allMethods: readonly MethodId[] = ['ours', 'upper', 'captions', 'pixels'];

/** @throws LikewiseError `USAGE` */
export function parseQualityArguments(
  args: readonly string[],
  defaults: Config,
  split: Split = 'test',
): QualityArguments | 'help' {
  const given = readFlags(args, flags);
  if (given.help) return 'help';
  for (const [flag, value] of Object.entries(given)) {
    if (value === '') throw wrong(`--${flag} is empty`);
  }
  const { render } = defaults;
  const count = whole('count', given.count, 200, [1, 100_000]);
  const seed = whole('seed', given.seed, 0, [0, 0xffffffff]);
  const jobs = whole('jobs', given.jobs, 1, [1, 64]);
  const preset = oneOf('preset', given.preset, 'fast', ['fast', 'paper']);
  const mode = oneOf('mode', given.mode, render.mode, ['anchored', 'classic']);
  const lambdas = numbers('lambda', given.lambda, render.lambda);
  const guidances = numbers('guidance', given.guidance, render.guidance, [0, 100]);
  const [lambda] = numbers('suggested', given.suggested, [render.suggested]);
  if (!lambdas.includes(lambda as number)) {
    throw wrong(`--suggested ${lambda} is none of the strengths ${lambdas.join(',')}`);
  }
  const methods = (given.methods?.split(',') ?? allMethods).map((name) =>
    oneOf('methods', name, 'ours', allMethods),
  );
  const name = ['quality', preset, ...(mode === 'anchored' ? [] : [mode]), ...(seed ? [seed] : [])];
  const report = given.report ?? join('.cache', 'bench', `${name.join('-')}.json`);
  if (!report.endsWith('.json')) throw wrong(`--report writes JSON: "${report}" must end in .json`);
  const sheet = given.sheet ?? report.replace(/\.json$/, '.png');
  if (sheet !== 'none' && !sheet.endsWith('.png')) {
    throw wrong(`--sheet writes PNG: "${sheet}" must end in .png`);
  }
  const rows = sheet === 'none' ? 0 : whole('rows', given.rows, 20, [1, 200]);
  const threads = Math.max(1, Math.floor(availableParallelism() / jobs));
  return {
    count,
    jobs,
    fresh: given.fresh ?? false,
    report,
    sheet: sheet === 'none' ? undefined : sheet,
    plan: {
      seed,
      split,
      model: modelFolder(given.model ?? defaults.model),
      preset,
      overrides: {},
      mode,
      lambdas,
      guidances,
      suggested: { lambda: lambda as number, guidance: guidances[0] as number },
      methods,
      strengths: [0.4, 0.6, 0.8],
      roundTripEvery: 5,
      roundTripGuidances: [1, 3, 7],
      shown: shownRows(count, rows, KINDS.length),
      cache: given.cache ?? join('.cache', 'bench', 'inversions'),
      threads: whole('threads', given.threads, threads, [1, 1024]),
    },
  };
}
