import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import { modelFolder, oneOf, readFlags, whole, wrong } from '../common/arguments.ts';

export interface SpeedArguments {
  readonly model: string;
  readonly runs: number;
  readonly threads: number;
  readonly python: string;
  readonly triples: readonly ('fast' | 'paper')[];
  /** Share of the paper preset's optimiser steps that is really made. */
  readonly paperFraction: number;
  readonly lambdas: readonly number[];
  readonly sigma: number;
  readonly report: string;
}

export const usage = `How long it takes, beside PyTorch on the same weights, machine and threads.

  npm run bench:speed -- [options]

  --runs N             measurements of each task on each side; medians count  (5)
  --triple NAME        whole analogies from cold: fast, paper, both or none   (fast)
  --paper-fraction F   make this share of the paper preset's optimiser steps
                       and say what all of them would take                    (1)
  --threads N          threads of both sides                                  (cores)
  --model DIR          a model in diffusers' ONNX layout                      (models/avatars)
  --python PATH        an interpreter with torch, onnx and numpy; or the
                       environment variable PYTHON                            (python3)
  --report FILE        results as JSON                                        (.cache/bench/speed.json)
  --help               this text
`;

const flags = {
  runs: { type: 'string' },
  triple: { type: 'string' },
  'paper-fraction': { type: 'string' },
  threads: { type: 'string' },
  model: { type: 'string' },
  python: { type: 'string' },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws LikewiseError `USAGE` */
export function parseSpeedArguments(
  args: readonly string[],
  defaults: Config,
  env: Readonly<Record<string, string | undefined>>,
): SpeedArguments | 'help' {
  const given = readFlags(args, flags);
  if (given.help) return 'help';
  for (const [flag, value] of Object.entries(given)) {
    if (value === '') throw wrong(`--${flag} is empty`);
  }
  const triple = oneOf('triple', given.triple, 'fast', ['fast', 'paper', 'both', 'none']);
  const report = given.report ?? join('.cache', 'bench', 'speed.json');
  if (!report.endsWith('.json')) throw wrong(`--report writes JSON: "${report}" must end in .json`);
  const fraction = Number(given['paper-fraction'] ?? 1);
  if (!(fraction > 0 && fraction <= 1)) {
    throw wrong(`--paper-fraction: "${given['paper-fraction']}" is no share above 0 and up to 1`);
  }
  return {
    model: modelFolder(given.model ?? defaults.model),
    runs: whole('runs', given.runs, 5, [1, 1000]),
    threads: whole('threads', given.threads, availableParallelism(), [1, 1024]),
    python: given.python ?? (env.PYTHON || 'python3'),
    triples: triple === 'both' ? ['fast', 'paper'] : triple === 'none' ? [] : [triple],
    paperFraction: fraction,
    lambdas: defaults.render.lambda,
    sigma: defaults.render.guidance[0] ?? 1,
    report,
  };
}
