import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../../config/index.ts';
import { LikewiseError } from '../errors.ts';
import { cellName } from './report.ts';

/** The command line, understood. */
export interface AnalogyArguments {
  /** Paths of A, A' and B. */
  pictures: [a: string, a2: string, b: string];
  out: string;
  lambda: number[];
  guidance: number[];
  preset: Config['preset'];
  mode: Config['render']['mode'];
  cells: string | undefined;
  report: string | undefined;
  /** undefined = without a cache. */
  cache: string | undefined;
  model: string;
  seed: number;
}

export const usage = `A is to A' as B is to … likewise.

  npm run --silent analogy -- A.png A2.png B.png --out grid.png [options]

Finds what changes from A to A', applies it to B, and writes one picture that shows
all of it: B' at several strengths (lambda) and guidance scales.

  --out FILE         the grid, a PNG
  --lambda LIST      strengths: 0 = B as it is, 1 = the whole change  (0,0.5,1,1.5,2)
  --guidance LIST    guidance scales                                  (2)
  --preset NAME      fast, or paper: the paper's own algorithm        (fast)
  --mode NAME        anchored: strength 0 gives B back at every guidance;
                     classic: the paper's guidance                    (anchored)
  --cells DIR        also write each B' as a file of its own
  --report FILE      also write what was done, and how long it took, as JSON
  --cache DIR|none   where inversions are kept between runs           (.cache/likewise)
  --model DIR        a model in diffusers' ONNX layout                (models/avatars)
  --seed N           of all that is random                            (0)
  --help             this text
`;

const flags = {
  out: { type: 'string' },
  lambda: { type: 'string' },
  guidance: { type: 'string' },
  preset: { type: 'string' },
  mode: { type: 'string' },
  cells: { type: 'string' },
  report: { type: 'string' },
  cache: { type: 'string' },
  model: { type: 'string' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Settings that the command line does not give come from the configuration. */
export type CommandDefaults = Pick<Config, 'model' | 'cache' | 'preset' | 'seed'> & {
  render: Pick<Config['render'], 'lambda' | 'guidance' | 'mode' | 'maxCells'>;
};

/**
 * @param args without the program and its script
 * @throws LikewiseError `USAGE`: what is wrong, and what it should be
 */
export function parseAnalogyArguments(
  args: readonly string[],
  defaults: CommandDefaults,
): AnalogyArguments {
  const { values, positionals } = parse(args);
  const [a, a2, b, extra] = positionals;
  if (a === undefined) throw wrong("Three pictures are needed: A, A' and B");
  if (a2 === undefined) throw wrong("A' and B are missing: three pictures are needed");
  if (b === undefined) throw wrong('B is missing: three pictures are needed');
  if (extra !== undefined) throw wrong(`"${extra}" is one too many: three pictures are needed`);
  if (!values.out)
    throw wrong('--out is missing: name the PNG file to write, as in --out grid.png');
  if (!/\.png$/i.test(values.out))
    throw wrong(`--out writes PNG: "${values.out}" must end in .png`);

  const { render } = defaults;
  const parsed: AnalogyArguments = {
    pictures: [a, a2, b],
    out: values.out,
    lambda: values.lambda === undefined ? render.lambda : numbers('lambda', values.lambda),
    guidance:
      values.guidance === undefined ? render.guidance : numbers('guidance', values.guidance, 0),
    preset: oneOf('preset', values.preset ?? defaults.preset, ['fast', 'paper']),
    mode: oneOf('mode', values.mode ?? render.mode, ['anchored', 'classic']),
    cells: given('cells', values.cells),
    report: given('report', values.report),
    cache: folderOrNone(given('cache', values.cache) ?? defaults.cache),
    model: given('model', values.model) ?? defaults.model,
    seed: values.seed === undefined ? defaults.seed : seed(values.seed),
  };
  checkCells(parsed, render.maxCells);
  checkPaths(parsed);
  return parsed;
}

/** Whether the text of `--help` is asked for, whatever else stands there. */
export function wantsHelp(args: readonly string[]): boolean {
  const { values } = parseArgs({ args: [...args], options: flags, strict: false });
  return values.help === true;
}

function parse(args: readonly string[]) {
  try {
    const joined = joinNegative(args);
    return parseArgs({ args: joined, options: flags, allowPositionals: true, strict: true });
  } catch (cause) {
    // Node's messages go on, over several lines, about things that are not asked here.
    const [problem = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/);
    throw wrong(problem, cause);
  }
}

/** `--lambda -1,0`: to Node, an option cannot be followed by what looks like another one. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1) ?? '';
    if (/^-[\d.]/.test(arg) && /^--(lambda|guidance|seed)$/.test(last)) {
      joined[joined.length - 1] = `${last}=${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

/** A list of different numbers, as given. */
function numbers(name: string, text: string, least = -100): number[] {
  const most = 100;
  const values = text.split(',').map((part) => {
    const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(part) ? Number(part) : Number.NaN;
    if (part.trim() === '') throw wrong(`--${name} lacks a number: give some, as in 0,0.5,1`);
    if (Number.isNaN(value))
      throw wrong(`--${name}: "${part}" is no number; give some, as in 0,0.5,1`);
    if (value < least || value > most) {
      throw wrong(`--${name}: ${part} is out of range, ${least} to ${most}`);
    }
    return value + 0; // no negative zero
  });
  return [...new Set(values)];
}

function seed(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 0xffffffff) return value;
  throw wrong(`--seed: "${text}" is no whole number from 0 to 4294967295`);
}

function oneOf<Name extends string>(flag: string, name: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  throw wrong(`--${flag}: "${name}" is neither ${names.join(' nor ')}`);
}

function given(flag: string, value: string | undefined): string | undefined {
  if (value === '') throw wrong(`--${flag} is empty`);
  return value;
}

function folderOrNone(value: string): string | undefined {
  return value === 'none' ? undefined : value;
}

function checkCells({ lambda, guidance, cells }: AnalogyArguments, most: number): void {
  const count = lambda.length * guidance.length;
  if (count > most) {
    throw wrong(
      `--lambda and --guidance make ${lambda.length} x ${guidance.length} = ${count} cells; ` +
        `at most ${most} are drawn, so give fewer`,
    );
  }
  if (cells === undefined) return;
  if (new Set(cellNames({ lambda, guidance })).size < count) {
    throw wrong('--cells names files by two decimals: two of --lambda or --guidance are too near');
  }
}

/** Paths of the files that `--cells` writes, [] without it. */
export function cellPaths(parsed: AnalogyArguments): string[] {
  const { cells } = parsed;
  return cells === undefined ? [] : cellNames(parsed).map((name) => join(cells, name));
}

function cellNames({ lambda, guidance }: Pick<AnalogyArguments, 'lambda' | 'guidance'>): string[] {
  return lambda.flatMap((l) => guidance.map((g) => cellName(l, g)));
}

/** Nothing that is written may lie where something else is read or written. */
function checkPaths(parsed: AnalogyArguments): void {
  const { pictures, out, report, cells } = parsed;
  const taken = new Map(pictures.map((path) => [resolve(path), 'a picture that is read']));
  // The B' of one run may be the B of the next: then its folder is no place for the next one's cells.
  const written = [
    ...Object.entries({ out, report, cells }),
    ...cellPaths(parsed).map((path): [string, string] => ['cells', path]),
  ] as [flag: string, path: string | undefined][];
  for (const [flag, path] of written) {
    if (path === undefined) continue;
    const other = taken.get(resolve(path));
    if (other !== undefined) throw wrong(`--${flag} would overwrite ${path}, ${other}`);
    taken.set(resolve(path), `which is --${flag}`);
  }
}

function wrong(problem: string, cause?: unknown): LikewiseError {
  return new LikewiseError('USAGE', { problem }, { cause });
}
