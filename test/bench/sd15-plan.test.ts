import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { parseSd15Arguments, type Sd15Arguments } from '../../bench/sd15/arguments.ts';
import { forecast, type Plan, processesOf, secondsOf } from '../../bench/sd15/forecast.ts';
import {
  exactEnvironment,
  providerOf,
  roundsToTf32,
  timedEnvironment,
} from '../../bench/sd15/provider.ts';
import type { Reference } from '../../bench/sd15/reference.ts';
import { createSides } from '../../bench/sd15/sides.ts';
import { about } from '../../bench/sd15/table.ts';
import type { Host } from '../../src/engine/onnx/providers.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise sd15 plan-'));
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a provider', () => {
  const host: Host = {
    platform: 'linux',
    arch: 'x64',
    env: {},
    missing: (provider) => (provider === 'cuda' ? 'its libraries are not installed' : undefined),
    attempt: async (provider) => (provider === 'webgpu' ? 'it crashed' : undefined),
  };

  it('that was named and cannot be used is refused with its reason, before anything is made', async () => {
    await expect(providerOf('cuda', host)).rejects.toThrow(
      '--provider cuda cannot be used here: its libraries are not installed',
    );
    await expect(providerOf('webgpu', host)).rejects.toThrow('it crashed');
    expect(await providerOf('dml', host)).toEqual({ provider: 'dml', tried: [] });
    expect(await providerOf('auto', host)).toMatchObject({
      provider: 'cpu',
      tried: [{ provider: 'cuda' }, { provider: 'webgpu' }],
    });
  });

  it('rounds to TF32 on CUDA in float32 unless NVIDIA is told not to', () => {
    const cuda = { provider: 'cuda', precision: 'float32' } as const;
    expect(roundsToTf32(cuda, {})).toBe(true);
    expect(roundsToTf32(cuda, { NVIDIA_TF32_OVERRIDE: '1' })).toBe(true);
    expect(roundsToTf32(cuda, { NVIDIA_TF32_OVERRIDE: '0' })).toBe(false);
    expect(roundsToTf32({ ...cuda, precision: 'float16' }, {})).toBe(false);
    expect(roundsToTf32({ ...cuda, provider: 'webgpu' }, {})).toBe(false);
    expect(timedEnvironment({ NVIDIA_TF32_OVERRIDE: '1', A: 'b' })).toEqual({ A: 'b' });
    expect(timedEnvironment({ NVIDIA_TF32_OVERRIDE: '0' })).toEqual({ NVIDIA_TF32_OVERRIDE: '0' });
    expect(exactEnvironment({ NVIDIA_TF32_OVERRIDE: '1' })).toEqual({ NVIDIA_TF32_OVERRIDE: '0' });
  });
});

describe('the time that it will take', () => {
  const plan: Plan = {
    only: ['eq2', 'eq3', 'render', 'open'],
    batch: 4,
    steps: 10,
    threads: 2,
    ours: true,
    size: 'full',
    runs: 1,
    provider: 'cpu',
    device: 'cpu',
    exact: false,
  };

  it('is told with the number of processes', () => {
    expect(processesOf(plan)).toBe(10);
    expect(processesOf({ ...plan, exact: true, device: 'cuda' })).toBe(13);
    expect(processesOf({ ...plan, exact: true, device: undefined })).toBe(5);
    expect(processesOf({ ...plan, ours: false })).toBe(6);
    expect(forecast(plan)).toMatch(
      /^10 processes, .* about 2\d\.\d min \(by what two cores took\)/,
    );
    const gpu: Plan = { ...plan, provider: 'cuda', device: 'cuda', exact: true, runs: 3 };
    expect(forecast(gpu)).toMatch(/^13 processes, .* about 1\d\.\d min \(a guess/);
    expect(forecast({ ...plan, size: 'tiny' })).toContain('each a few seconds');
  });

  it('grows with the work on a processor and shrinks with its threads', () => {
    expect(secondsOf({ ...plan, steps: 20 })).toBeGreaterThan(secondsOf(plan) + 300);
    expect(secondsOf({ ...plan, threads: 16 })).toBeLessThan(secondsOf(plan) / 2);
    expect(secondsOf({ ...plan, provider: 'cuda' })).toBeGreaterThan(
      secondsOf({ ...plan, provider: 'cuda', device: 'cuda' }),
    );
  });
});

describe('what is said of both sides', () => {
  const options = { threads: 8, provider: 'cuda', reference: true, ours: true };
  const prepared = {
    provider: 'cuda',
    precision: 'float32',
    image: { height: 512, width: 512 },
    factor: 0.18,
  } as const;
  const card = { name: 'NVIDIA H100' };
  const lines = (
    device: 'cpu' | 'cuda',
    { total, memory }: { total: number | undefined; memory?: number } = { total: 85_000 },
  ) => {
    const description = () => `2.13, on ${device}`;
    const reference = { torch: '2.13', device, half: false, tf32: true, description };
    const all = {
      options: { ...options, memory } as Sd15Arguments,
      model: 'm',
      prepared,
      tried: [],
    };
    return about({ ...all, tf32: true, card, total, reference }).join('\n');
  };

  it('names the GPU, the arithmetic, and where PyTorch computes', () => {
    expect(lines('cuda')).toContain('ours: on cuda (NVIDIA H100), float32 rounded to TF32');
    expect(lines('cuda')).toContain('PyTorch: 2.13, on cuda');
    expect(lines('cuda')).toContain('Compared is exact float32');
    expect(lines('cuda')).not.toContain("the processor's");
    expect(lines('cpu')).toContain("PyTorch's figures are the processor's");
  });

  it('names the memory that the model may take, by what the product finds out', () => {
    expect(lines('cuda')).toContain('TF32, up to nine tenths of 85000 MB');
    const untold = lines('cuda', { total: undefined });
    expect(untold).toContain('TF32, up to the default for a GPU that does not tell its memory');
    expect(lines('cuda', { total: 85_000, memory: 12_000 })).toContain('TF32, up to 12000 MB');
  });
});

/** Node's option to run a script first; as in JSON, quotes hold spaces, and backslashes are doubled. */
const requiring = (script: string) => `--require ${JSON.stringify(script)}`;

const sidesOf = (options: Partial<Sd15Arguments>, folder: string, said: string[] = []) => {
  const parsed = parseSd15Arguments(['--batch', '1', '--steps', '1', '--threads', '1'], {});
  if (parsed === 'help') throw new Error('unexpected');
  return createSides({
    options: { ...parsed, ...options, runs: 2 },
    provider: 'cpu',
    tf32: true,
    processes: 4,
    model: resolve('test/fixtures/models/script'),
    folder,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
};

describe('our side', { timeout: 120_000 }, () => {
  it('runs once more for what is compared where it rounds to TF32, with that switched off', async () => {
    // Tells of each process whether it is compared, and its switch.
    const spy = join(dir, 'spy.cjs');
    const log = join(dir, 'log');
    const tell = `const { compared } = JSON.parse(process.argv[2]);
      require('fs').appendFileSync(
        ${JSON.stringify(log)}, compared + ' ' + process.env.NVIDIA_TF32_OVERRIDE + '\\n');`;
    writeFileSync(spy, `if (require('worker_threads').isMainThread) { ${tell} }`);
    vi.stubEnv('NODE_OPTIONS', requiring(spy));
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', '1');
    const said: string[] = [];
    const sides = sidesOf({}, dir, said);
    await sides.prepare();
    const out = join(dir, 'out');
    mkdirSync(out);
    const told = await sides.ours('eq2', out, true);
    expect(told?.result.runs).toHaveLength(2);
    expect(told?.result.peakBytes).toBeGreaterThan(5e7);
    expect(told?.failure).toBeUndefined();
    expect(existsSync(join(out, 'gradient.f32'))).toBe(true);
    expect(said.join('\n')).toMatch(/\[3\/4, .*\] ours, eq2 in exact float32: once more/);

    // The second process fails, and what the first one says it measured stays.
    writeFileSync(
      spy,
      `${tell} if (compared) throw new Error('no room');
      require('fs').writeSync(1, '{"event":"done","runs":[1,2]}\\n');
      process.exit();`,
    );
    const kept = await sides.ours('eq2', out, true);
    expect(kept?.result.runs).toEqual([1, 2]);
    expect(kept?.failure).toContain('ours, eq2 in exact float32: it ended with status 1');
    await sides.ours('unet', out, false);
    const [plain, exact] = ['false undefined', 'true 0'];
    const processes = readFileSync(log, 'utf8').trim().split('\n');
    expect(processes).toEqual([plain, plain, exact, plain, exact, plain]);
  });
});

describe("PyTorch's side", () => {
  it('computes what is compared only where there is something to compare', async () => {
    const folder = join(dir, 'theirs');
    mkdirSync(folder);
    // In Python's place: says what it was told, and ends.
    const echo = join(dir, 'echo.cjs');
    writeFileSync(
      echo,
      `const { task, compared } = JSON.parse(process.argv[2]);
      require('fs').writeSync(1, JSON.stringify({ event: 'done', task, compared }) + '\\n');
      process.exit();`,
    );
    vi.stubEnv('NODE_OPTIONS', requiring(echo));
    const sides = sidesOf({ python: process.execPath }, folder);
    const reference: Reference = {
      ...{ torch: '2.13', device: 'cpu', half: false, tf32: false },
      description: () => '',
    };
    const told = async (compared: boolean) =>
      (await sides.reference(reference, 'eq2', folder, compared)).result;
    expect(await told(true)).toEqual({ task: 'eq2', compared: true });
    expect(await told(false)).toEqual({ task: 'eq2', compared: false });
  });
});
