import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSd15Arguments } from '../../bench/sd15/arguments.ts';
import { type EngineOrder, engineSettings, secondsToReady } from '../../bench/sd15/engine.ts';
import {
  cellsOfTriple,
  coldTriple,
  disagreements,
  lateStart,
  type Part,
  relativeError,
  type Side,
} from '../../bench/sd15/figures.ts';
import { runTask } from '../../bench/sd15/process.ts';
import { derived, partsTable } from '../../bench/sd15/table.ts';
import { whyAbsent } from '../../bench/speed/reference.ts';
import { loadConfig } from '../../config/index.ts';
import { presets } from '../../src/engine/inversion/index.ts';
import { isLikewiseError } from '../../src/errors.ts';

const model = resolve('test/fixtures/models/script');
const dir = mkdtempSync(join(tmpdir(), 'likewise-sd15-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('the command line', () => {
  it.each([
    [['--only', 'eq2,eq4'], '--only: "eq4" is none of eq2, eq3, render, open'],
    [['--batch', '0'], '--batch: "0" is no whole number from 1'],
    [['--provider', 'tpu'], '--provider: "tpu" is none of auto, cpu'],
    [['--memory', 'much'], '--memory: "much"'],
    [['--precision', 'int8'], '--precision: "int8"'],
    [['--device', 'tpu'], '--device: "tpu" is none of auto, cpu, cuda, mps'],
    [['--size', 'small'], '--size: "small"'],
    [['--model', 'nowhere'], '"nowhere" has no unet/model.onnx'],
    [['--report', 'x.txt'], 'must end in .json'],
    [['--python', ''], '--python is empty'],
    [['--skip-ours', '--skip-reference'], 'leave nothing to measure'],
    [['extra'], "Unexpected argument 'extra'"],
  ] as const)('refuses %j', (args, problem) => {
    try {
      parseSd15Arguments(args, {});
      expect.unreachable();
    } catch (error) {
      expect(isLikewiseError(error) && error.exitStatus).toBe(2);
      expect((error as Error).message).toContain(problem);
    }
  });

  it('takes what it is given, in the order of the parts, and the preset fast for the rest', () => {
    expect(parseSd15Arguments([], { PYTHON: 'py' })).toMatchObject({
      model: undefined,
      size: 'full',
      only: ['eq2', 'eq3', 'render', 'open'],
      batch: presets.fast.tokens.batch,
      steps: presets.fast.steps,
      provider: 'auto',
      runs: undefined,
      memory: undefined,
      python: 'py',
    });
    expect(parseSd15Arguments(['--only', 'open,eq2', '--memory', '12000'], {})).toMatchObject({
      only: ['eq2', 'open'],
      memory: 12_000,
    });
  });

  it('says how to have a model where there is neither one nor Python', () => {
    const args = [resolve('bench/sd15.ts'), '--size', 'tiny', '--python', 'no-such-python'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: dir,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('no-such-python cannot be run (ENOENT)');
    expect(stderr).toContain('training/requirements.txt');
    expect(existsSync(join(dir, '.cache'))).toBe(false);
    const help = spawnSync(process.execPath, [args[0] as string, '--help'], { encoding: 'utf8' });
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('npm run bench:sd15 --');
  });
});

const side = (seconds: number, more: Partial<Side> = {}): Side => ({
  seconds,
  all: [seconds],
  first: null,
  unet: null,
  decode: null,
  peakMb: 9000,
  gpuMb: null,
  note: null,
  ...more,
});
const parts: Part[] = [
  { part: 'eq2', ours: side(4), reference: side(8), apart: { loss: 1e-7, gradient: 2e-5 } },
  { part: 'eq3', ours: side(30), reference: null, apart: null },
  {
    part: 'render',
    ours: side(20, { unet: 1, decode: 2, gpuMb: 12_345 }),
    reference: side(40, { unet: 2, decode: 3 }),
    apart: { pixels: 1 },
  },
];
const sizes = { batch: 4, steps: 10 };

describe('figures', () => {
  it('are apart by the norm of the difference, and wholly where something is no number', () => {
    const error = relativeError(Float32Array.of(3, 4.5), Float32Array.of(3, 4));
    expect(error).toBeCloseTo(0.1);
    expect(relativeError(Float32Array.of(0), Float32Array.of(0))).toBe(0);
    expect(relativeError(Float32Array.of(1), Float32Array.of(0))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError(Float32Array.of(Number.NaN), Float32Array.of(1))).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(() => relativeError(Float32Array.of(1), Float32Array.of(1, 2))).toThrow('in size');
  });

  it('disagree by their gradients', () => {
    expect(disagreements(parts, 1e-3)).toEqual([]);
    const [problem = ''] = disagreements(parts, 1e-5);
    expect(problem).toBe("the gradient of eq2 is 2.0e-5 from PyTorch's (limit 0.00001)");
    const wholly: Part = {
      part: 'eq3',
      ours: null,
      reference: null,
      apart: { gradient: Infinity },
    };
    expect(disagreements([wholly], 2e-2)).toHaveLength(1);
  });

  it('say that the engine was late, the second time, with a full-size model', () => {
    const full = { height: 512, width: 512 };
    expect(lateStart([90, 60], full)).toEqual([
      'the engine, started again, was ready after 60.0 s (limit 60 s)',
    ]);
    expect(lateStart([90, 59.9], full)).toEqual([]);
    expect(lateStart([90], full)).toEqual([]);
    expect(lateStart([], full)).toEqual([]);
    expect(lateStart([90, 90], { height: 64, width: 64 })).toEqual([]);
  });

  it('add up to a cold triple, where all that it takes was measured', () => {
    const { tokens, tokensWithoutGuess, noise } = presets.paper;
    expect(tokensWithoutGuess).toEqual({});
    const described = (3 * tokens.iterations * 4 * tokens.batch) / 4;
    const drawn = cellsOfTriple * (20 * 1 + 2);
    const refined = (noise?.evaluations ?? Number.NaN) * 30;
    expect(coldTriple('paper', 'ours', parts, sizes)).toBeCloseTo(described + refined + drawn);
    expect(coldTriple('paper', 'reference', parts, sizes)).toBeNull();
    expect(coldTriple('fast', 'reference', parts, sizes)).toBeGreaterThan(0);
    expect(coldTriple('fast', 'ours', parts.slice(0, 2), sizes)).toBeNull();
  });

  it('are shown', () => {
    const table = partsTable(parts, sizes);
    expect(table).toMatch(
      /Eq\. 2 step, batch 4 +4\.00 s +8\.00 s +2\.00 x +9\.00 GB +9\.00 GB +2e-5/,
    );
    expect(table).toMatch(/Eq\. 3 gradient, 10 steps and decoder +30\.0 s +- +- +9\.00 GB +- +-/);
    expect(table).toContain('9.00 GB+12.3 GB');
    const unseen = [{ ...(parts[0] as Part), ours: side(4, { peakMb: null, gpuMb: 12_345 }) }];
    expect(partsTable(unseen, sizes)).toContain(' ?+12.3 GB');
    expect(derived(parts, sizes)).toEqual([
      'renders per second: 0.05; PyTorch 0.025',
      expect.stringMatching(/^a cold triple and 5 pictures, preset fast: .*; PyTorch /),
      expect.stringMatching(/^a cold triple and 5 pictures, preset paper: [^;]*$/),
    ]);
  });
});

describe('a task in a process of its own', () => {
  const told: string[] = [];
  const task = (script: string, signal = new AbortController().signal) =>
    runTask<{ answer: number }>({
      command: [process.execPath, '-e', script],
      env: process.env,
      signal,
      gpu: false,
      onStep: (text) => told.push(text),
    });

  it('says what it is about, when it first answers, and what came out', async () => {
    const say = (said: object) => `console.log(${JSON.stringify(JSON.stringify(said))});`;
    const { result, first, gpuBytes } = await task(
      say({ event: 'step', text: 'one' }) +
        'console.log("something else");' +
        say({ event: 'first' }) +
        say({ event: 'done', answer: 42 }),
    );
    expect(result.answer).toBe(42);
    expect(first).toBeGreaterThan(0);
    expect(gpuBytes).toBeUndefined();
    expect(told).toEqual(['one']);
  });

  it('fails with its reason, or with what it said last', async () => {
    const failed = 'console.log(\'{"event":"failed","reason":"too large"}\'); process.exit(1)';
    await expect(task(failed)).rejects.toThrow('status 1: too large');
    await expect(task('console.error("a\\nb"); process.exit(3)')).rejects.toThrow('status 3: b');
    await expect(task('')).rejects.toThrow('status 0: it said nothing');
    await expect(task('process.kill(process.pid, "SIGKILL")')).rejects.toThrow('memory enough');
  });

  it('keeps what was measured, whatever happens then, and lets it wait until it may go on', async () => {
    const say = (said: object) => `console.log(${JSON.stringify(JSON.stringify(said))});`;
    const measured = (then: string) =>
      say({ event: 'measured', answer: 42, note: 'one' }) +
      `process.stdin.once('data', () => { ${then} process.stdin.destroy(); });`;
    expect(await task(measured(say({ event: 'done', note: 'two' })))).toMatchObject({
      result: { answer: 42, note: 'two' },
    });
    const failed = measured(`${say({ event: 'failed', reason: 'no room' })} process.exit(1);`);
    expect(await task(failed)).toMatchObject({
      result: { answer: 42, note: 'one' },
      failure: 'it ended with status 1: no room',
    });
    const { result, failure } = await task(measured("process.kill(process.pid, 'SIGKILL');"));
    expect(result.answer).toBe(42);
    expect(failure).toContain('was there memory enough?');
    expect((await task(measured('process.exit(0);'))).failure).toContain('it said nothing');
    const crash = `${say({ event: 'done', answer: 1 })} process.exitCode = 3;`;
    await expect(task(crash)).rejects.toThrow('status 3');
  });

  it('ends with the bench', async () => {
    const abort = new AbortController();
    const waiting = task('setInterval(() => {}, 1000)', abort.signal);
    setTimeout(() => abort.abort(new Error('stopped')), 100);
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('the engine', () => {
  it('says why it did not get ready', async () => {
    const nowhere = { model: 'nowhere', provider: 'cpu', memory: undefined, precision: undefined };
    const { signal } = new AbortController();
    await expect(secondsToReady(nowhere as EngineOrder, dir, signal)).rejects.toThrow(
      /^the engine ended with status 2 before it was ready: .*nowhere/,
    );
  });

  it('is started with settings that there are', () => {
    const settings = engineSettings(
      { model, provider: 'cpu', memory: undefined, precision: undefined },
      dir,
    );
    expect(loadConfig(settings)).toMatchObject({ model, provider: 'cpu', engine: { port: 0 } });
  });
});

const python = process.env.PYTHON || 'python3';
const absent = whyAbsent(python);

/** Runs the bench on the tiny model of the tests. @returns its report and what it wrote */
async function bench(args: readonly string[]) {
  const report = join(dir, 'report.json');
  const all = ['--model', model, '--provider', 'cpu', '--threads', '1', '--report', report];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve('bench/sd15.ts'), ...all, '--batch', '2', '--steps', '2', ...args],
    { cwd: dir },
  );
  return { report: JSON.parse(readFileSync(report, 'utf8')) as Report, stdout };
}

interface Report {
  parts: Part[];
  engineReadySeconds: number[];
  failures: string[];
}

describe('the bench', { timeout: 300_000 }, () => {
  it('measures each part and starts the engine', async () => {
    const args = ['--only', 'eq2,open', '--skip-reference'];
    const { report, stdout } = await bench(args);
    expect(report.parts.map(({ part }) => part)).toEqual(['eq2', 'open']);
    for (const { ours, reference } of report.parts) {
      expect(ours?.seconds).toBeGreaterThan(0);
      expect(ours?.peakMb).toBeGreaterThan(50);
      expect(reference).toBeNull();
    }
    expect(report.engineReadySeconds).toHaveLength(2);
    expect(report.failures).toEqual([]);
    expect(stdout).toContain('the engine, to ready: ');
  });

  it.skipIf(absent !== undefined)(
    `agrees with PyTorch${absent ? ` (skipped: ${absent})` : ''}`,
    async () => {
      const { report } = await bench(['--only', 'eq2,eq3', '--python', python]);
      for (const { part, reference, apart } of report.parts) {
        expect(reference?.peakMb, part).toBeGreaterThan(50);
        for (const error of Object.values(apart ?? {})) expect(error, part).toBeLessThan(1e-4);
      }
      expect(report.parts.map(({ apart }) => apart && Object.keys(apart))).toEqual([
        ['loss', 'gradient'],
        ['loss', 'gradient'],
      ]);
    },
  );
});
