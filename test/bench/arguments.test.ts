import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { presetWith } from '../../bench/common/preset.ts';
import { parseQualityArguments } from '../../bench/quality/arguments.ts';
import { settingsOf } from '../../bench/quality/plan.ts';
import { parseSpeedArguments } from '../../bench/speed/arguments.ts';
import { combine, parseTuneArguments } from '../../bench/tune/arguments.ts';
import { defaults } from '../../config/index.ts';
import { isLikewiseError } from '../../src/errors.ts';

const model = ['--model', resolve('test/fixtures/models/script')];
const dir = mkdtempSync(join(tmpdir(), 'likewise-bench-'));
afterAll(() => rmSync(dir, { recursive: true }));

const parsers = {
  quality: (args: string[]) => parseQualityArguments(args, defaults),
  speed: (args: string[]) => parseSpeedArguments(args, defaults, {}),
  tune: (args: string[]) => parseTuneArguments(args, defaults),
};

describe('command lines', () => {
  it.each([
    ['quality', ['--count', 'many'], '--count: "many" is no whole number from 1'],
    ['quality', ['--count', '0'], '--count: "0"'],
    ['quality', ['--preset', 'quick'], '--preset: "quick" is none of fast, paper'],
    ['quality', ['--mode', ''], '--mode is empty'],
    ['quality', ['--lambda', '1,,2'], '--lambda: "" is no number'],
    ['quality', ['--lambda', '0,2'], '--suggested 1 is none of the strengths 0,2'],
    ['quality', ['--methods', 'ours,guess'], '--methods: "guess"'],
    ['quality', ['--report', 'x.txt'], 'must end in .json'],
    ['quality', ['--sheet', 'x.jpg'], 'must end in .png'],
    ['quality', ['--wrong'], "Unknown option '--wrong'"],
    ['quality', ['extra'], "Unexpected argument 'extra'"],
    ['quality', ['--model', 'nowhere'], '"nowhere" has no unet/model.onnx'],
    ['speed', ['--runs', '-1'], '--runs'],
    ['speed', ['--triple', 'slow'], '--triple: "slow" is none of fast, paper, both, none'],
    ['speed', ['--paper-fraction', '2'], '--paper-fraction: "2" is no share'],
    ['tune', ['--set', 'tokens.iterations'], 'is not PATH=VALUES'],
    ['tune', ['--set', 'tokens.colour=1'], 'the preset "fast" has no option "tokens.colour"'],
    ['tune', ['--set', 'noise.steps=1'], 'has no option "noise.steps"'],
    ['tune', ['--guidance', '-1'], '--guidance'],
  ] as const)('%s refuses %j', (bench, args, problem) => {
    try {
      parsers[bench]([...args, ...(args[0] === '--model' ? [] : model)]);
      expect.unreachable();
    } catch (error) {
      expect(isLikewiseError(error) && error.exitStatus).toBe(2);
      expect((error as Error).message).toContain(problem);
    }
  });

  it.each(['quality', 'speed', 'tune'])('%s ends with status 2 and one line', (bench) => {
    const args = [resolve(`bench/${bench}.ts`), '--nonsense'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: dir,
      encoding: 'utf8',
    });
    expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({
      status: 2,
      stdout: '',
      lines: 1,
    });
    expect(existsSync(join(dir, '.cache'))).toBe(false);
    const help = spawnSync(process.execPath, [args[0] as string, '--help'], { encoding: 'utf8' });
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain(`npm run bench:${bench} --`);
  });

  it('quality says what to use instead of a model of another picture size', () => {
    const args = [resolve('bench/quality.ts'), '--count', '1', ...model];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('the analogies 128 x 128');
  });

  it('take what they are given, and the settings for the rest', () => {
    const parsed = parsers.quality(['--count', '7', '--lambda', '1,2', '--seed', '4', ...model]);
    if (parsed === 'help') throw new Error();
    expect(parsed).toMatchObject({
      count: 7,
      report: join('.cache', 'bench', 'quality-fast-4.json'),
      sheet: join('.cache', 'bench', 'quality-fast-4.png'),
      plan: { lambdas: [1, 2], guidances: defaults.render.guidance, split: 'test', seed: 4 },
    });
    const speed = parsers.speed(['--triple', 'both', '--paper-fraction', '0.1', ...model]);
    expect(speed).toMatchObject({ triples: ['fast', 'paper'], paperFraction: 0.1, runs: 5 });
  });
});

describe('tuning', () => {
  it('tries every combination, on the other split', () => {
    const args = ['--set', 'tokens.iterations=5,10', '--set', 'tokens.start="empty","predicted"'];
    const parsed = parsers.tune([...args, '--mode', 'anchored,classic', ...model]);
    if (parsed === 'help') throw new Error();
    expect(parsed.plans).toHaveLength(8);
    expect(new Set(parsed.plans.map(({ split }) => split))).toEqual(new Set(['validation']));
    expect(parsed.plans[1]?.overrides).toEqual({
      'tokens.iterations': 5,
      'tokens.start': 'predicted',
    });
    expect(combine([])).toEqual([{}]);
  });

  it('changes a copy of the preset', () => {
    const changed = presetWith('fast', { 'tokens.iterations': 3 });
    expect(changed.tokens.iterations).toBe(3);
    expect(presetWith('fast', {}).tokens.iterations).not.toBe(3);
  });

  it('never mixes results of other options or models', () => {
    const parsed = parsers.tune(['--set', 'tokens.iterations=5,10', ...model]);
    if (parsed === 'help') throw new Error();
    const settings = parsed.plans.map((plan) => JSON.stringify(settingsOf(plan, 'model')));
    expect(settings[0]).not.toBe(settings[1]);
    const [plan] = parsed.plans;
    if (!plan) throw new Error();
    expect(JSON.stringify(settingsOf(plan, 'other'))).not.toBe(settings[0]);
    expect(JSON.stringify(settingsOf({ ...plan, threads: 99, cache: 'x' }, 'model'))).toBe(
      settings[0],
    );
  });
});
