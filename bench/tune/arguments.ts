import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import type { GuidanceMode } from '../../src/engine/synthesis/index.ts';
import { modelFolder, numbers, oneOf, readFlags, whole, wrong } from '../common/arguments.ts';
import { presetWith } from '../common/preset.ts';
import type { Plan } from '../quality/plan.ts';

export interface TuneArguments {
  /** One plan for each combination of modes and options. */
  readonly plans: readonly Plan[];
  readonly count: number;
  readonly jobs: number;
  readonly report: string;
}

export const usage = `Which dials and options do best, on analogies that the quality bench never uses.

  npm run bench:tune -- [options]

  --count N          analogies, over all kinds of change in turn       (40)
  --lambda LIST      strengths tried               (0.5,0.75,1,1.25,1.5,2,2.5,3)
  --guidance LIST    guidance scales tried                             (1,2,3,5)
  --mode LIST        anchored, classic or both                         (anchored)
  --preset NAME      fast or paper                                     (fast)
  --set PATH=LIST    an option of the preset and its values, such as
                     tokens.iterations=10,20,40; may be given several
                     times: every combination is tried
  --seed N           which analogies                                   (0)
  --model DIR        a model in diffusers' ONNX layout                 (models/avatars)
  --cache DIR|none   where inversions are kept: other dials on the same
                     inversions cost renders only                      (.cache/bench/inversions)
  --report FILE      results as JSON                                   (.cache/bench/tune.json)
  --jobs N           analogies at a time, one process each             (1)
  --threads N        threads of each                                   (cores / jobs)
  --help             this text
`;

const flags = {
  count: { type: 'string' },
  lambda: { type: 'string' },
  guidance: { type: 'string' },
  mode: { type: 'string' },
  preset: { type: 'string' },
  set: { type: 'string', multiple: true },
  seed: { type: 'string' },
  model: { type: 'string' },
  cache: { type: 'string' },
  report: { type: 'string' },
  jobs: { type: 'string' },
  threads: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws LikewiseError `USAGE` */
export function parseTuneArguments(
  args: readonly string[],
  defaults: Pick<Config, 'model'>,
): TuneArguments | 'help' {
  const given = readFlags(args, flags);
  if (given.help) return 'help';
  const jobs = whole('jobs', given.jobs, 1, [1, 64]);
  const threads = Math.max(1, Math.floor(availableParallelism() / jobs));
  const lambdas = numbers('lambda', given.lambda, [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3]);
  const guidances = numbers('guidance', given.guidance, [1, 2, 3, 5], [0, 100]);
  const preset = oneOf('preset', given.preset, 'fast', ['fast', 'paper']);
  const modes = (given.mode ?? 'anchored')
    .split(',')
    .map((mode) => oneOf<GuidanceMode>('mode', mode, 'anchored', ['anchored', 'classic']));
  const report = given.report ?? join('.cache', 'bench', 'tune.json');
  if (!report.endsWith('.json')) throw wrong(`--report writes JSON: "${report}" must end in .json`);
  const shared = {
    seed: whole('seed', given.seed, 0, [0, 0xffffffff]),
    split: 'validation',
    model: modelFolder(given.model ?? defaults.model),
    preset,
    lambdas,
    guidances,
    suggested: { lambda: lambdas[0] as number, guidance: guidances[0] as number },
    methods: ['ours'],
    strengths: [],
    roundTripEvery: 0,
    roundTripGuidances: [],
    shown: [],
    cache: given.cache ?? join('.cache', 'bench', 'inversions'),
    threads: whole('threads', given.threads, threads, [1, 1024]),
  } as const;
  const combinations = combine((given.set ?? []).map(parseSet));
  for (const overrides of combinations) presetWith(preset, overrides);
  const plans = modes.flatMap((mode) =>
    combinations.map((overrides): Plan => ({ ...shared, mode, overrides })),
  );
  return { plans, count: whole('count', given.count, 40, [1, 100_000]), jobs, report };
}

/** `tokens.iterations=10,20` -> its path and values; JSON where it is JSON, text elsewhere. */
function parseSet(text: string): [path: string, values: unknown[]] {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) {
    throw wrong(`--set: "${text}" is not PATH=VALUES, as in tokens.iterations=10,20`);
  }
  const values = text
    .slice(at + 1)
    .split(',')
    .map((value) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        return value;
      }
    });
  return [text.slice(0, at), values];
}

/** Every choice of one value a path. */
export function combine(
  axes: readonly (readonly [string, readonly unknown[]])[],
): Record<string, unknown>[] {
  return axes.reduce<Record<string, unknown>[]>(
    (made, [path, values]) => made.flatMap((one) => values.map((v) => ({ ...one, [path]: v }))),
    [{}],
  );
}
