import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { presets, tokensOptions } from '../../src/engine/inversion/index.ts';
import type { Provider } from '../../src/engine/onnx/index.ts';
import { modelFolder, oneOf, readFlags, whole, wrong } from '../common/arguments.ts';

/** What is measured, in the order in which it runs. */
export const parts = ['eq2', 'eq3', 'render', 'open'] as const;
export type PartName = (typeof parts)[number];

const providers = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
const precisions = ['float32', 'float16'] as const;
const devices = ['auto', 'cpu', 'cuda', 'mps'] as const;

export interface Sd15Arguments {
  /** A folder that is there, or undefined: one of random weights, made where it is not kept yet. */
  readonly model: string | undefined;
  readonly size: 'full' | 'tiny';
  readonly only: readonly PartName[];
  readonly batch: number;
  readonly steps: number;
  /** undefined: {@link defaultRuns}. */
  readonly runs: number | undefined;
  readonly threads: number;
  readonly provider: Provider | 'auto';
  /** MB that the model may take; undefined: as much as by default. */
  readonly memory: number | undefined;
  /** undefined: the default. */
  readonly precision: (typeof precisions)[number] | undefined;
  readonly python: string;
  /** Where PyTorch computes; `auto`: on its GPU where we are on one. */
  readonly device: (typeof devices)[number];
  readonly ours: boolean;
  readonly reference: boolean;
  readonly report: string;
}

const batch = tokensOptions(presets.fast, {}).batch;

/** Seconds in which the engine has to be ready on a full-size model, when what it makes once is there. */
export const readyLimit = 60;

export const usage = `A model of Stable Diffusion 1.5's size at 512 x 512, beside PyTorch on the same weights.

  npm run bench:sd15 -- [options]

  --only LIST        of eq2 (a step of Eq. 2), eq3 (a gradient of Eq. 3), render
                     (one cell), open (until the first answer)                (all)
  --batch N          samples of a step of Eq. 2                               (${batch})
  --steps N          sampler steps of Eq. 3 and of a render                   (10)
  --runs N           measurements of each; medians count       (1; on a GPU ${defaultRuns('cuda')})
  --threads N        threads of both sides                                    (cores)
  --provider NAME    ${providers.join(', ')}              (auto)
  --memory MB        memory that the model may take   (the setting's default)
  --precision NAME   ${precisions.join(', ')}, auto           (the setting's default)
  --device NAME      of PyTorch: cpu, cuda, mps or auto: its GPU where we are on
                     one                                                      (auto)
  --python PATH      an interpreter with torch, onnx and numpy (and onnxscript, to
                     make the model); or the variable PYTHON                  (python3)
  --skip-reference   without PyTorch
  --skip-ours        PyTorch alone
  --size NAME        full, or tiny: the same shape of a few thousand weights  (full)
  --model DIR        another model       (made once, .cache/bench/sd15/SIZE)
  --report FILE      results as JSON                          (.cache/bench/sd15.json)
  --help             this text

Gradients that differ from PyTorch's by more than ${limits().float32} of their length (float16: ${limits().float16})
end it with exit status 1, and so does an engine that takes ${readyLimit} s or more to be ready when it is started
again with a full-size model. On CUDA, what is measured in float32 rounds to TF32 on both sides, as ONNX Runtime
does; gradients are compared in exact float32, untimed. With NVIDIA_TF32_OVERRIDE=0, all of it is exact.
`;

/** Measurements of each task: on a processor they take minutes, on a GPU seconds that vary more. */
export function defaultRuns(provider: Provider): number {
  return provider === 'cpu' ? 1 : 3;
}

/** How far a gradient may be from PyTorch's: the norm of the difference by the norm. */
export function limits(): Readonly<Record<'float32' | 'float16', number>> {
  return { float32: 1e-3, float16: 2e-2 };
}

const text = { type: 'string' } as const;
const yes = { type: 'boolean' } as const;
const flags = {
  only: text,
  batch: text,
  steps: text,
  runs: text,
  threads: text,
  provider: text,
  memory: text,
  precision: text,
  device: text,
  python: text,
  size: text,
  model: text,
  report: text,
  'skip-reference': yes,
  'skip-ours': yes,
  help: yes,
} as const;

/** @throws LikewiseError `USAGE` */
export function parseSd15Arguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Sd15Arguments | 'help' {
  const given = readFlags(args, flags);
  if (given.help) return 'help';
  for (const [flag, value] of Object.entries(given)) {
    if (value === '') throw wrong(`--${flag} is empty`);
  }
  if (given['skip-ours'] && given['skip-reference']) {
    throw wrong('--skip-ours and --skip-reference leave nothing to measure');
  }
  const wanted = given.only?.split(',').map((name) => oneOf('only', name, 'eq2', parts));
  const report = given.report ?? join('.cache', 'bench', 'sd15.json');
  if (!report.endsWith('.json')) throw wrong(`--report writes JSON: "${report}" must end in .json`);
  const precision = oneOf('precision', given.precision, 'auto', ['auto', ...precisions]);
  return {
    model: given.model === undefined ? undefined : modelFolder(given.model),
    size: oneOf('size', given.size, 'full', ['full', 'tiny']),
    only: parts.filter((part) => wanted?.includes(part) ?? true),
    batch: whole('batch', given.batch, batch, [1, 64]),
    steps: whole('steps', given.steps, 10, [1, 100]),
    runs: given.runs === undefined ? undefined : whole('runs', given.runs, 1, [1, 1000]),
    threads: whole('threads', given.threads, availableParallelism(), [1, 1024]),
    provider: oneOf('provider', given.provider, 'auto', providers),
    memory: given.memory === undefined ? undefined : whole('memory', given.memory, 0, [1, 1e7]),
    precision: precision === 'auto' ? undefined : precision,
    python: given.python ?? (env.PYTHON || 'python3'),
    device: oneOf('device', given.device, 'auto', devices),
    ours: !given['skip-ours'],
    reference: !given['skip-reference'],
    report,
  };
}
