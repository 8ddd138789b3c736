import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CheckMeans, check } from '../../../src/cli/model/check.ts';
import { float32, type LoadOptions, loadModel } from '../../../src/engine/models/index.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { type NvidiaSmi, standInNvidiaSmi } from '../../engine/onnx/nvidia-smi.ts';

const dir = 'test/fixtures/models/script';

let smi: NvidiaSmi;
beforeEach(() => {
  smi = standInNvidiaSmi();
});
afterEach(() => {
  vi.unstubAllEnvs();
  smi.close();
});

/** The processor under a GPU's name; `before` is told how each model is opened. */
function gpu(before: (options: LoadOptions) => void = () => {}): CheckMeans {
  return {
    choose: async () => ({ provider: 'cuda', tried: [] }),
    async load(folder, options = {}) {
      before(options);
      const model = await loadModel(folder, { ...options, provider: 'cpu' });
      return { ...model, provider: options.provider as string };
    },
  };
}

async function run(means: CheckMeans, ...args: string[]) {
  const stdout = new PassThrough();
  const terminal = {
    env: {},
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  const error = await check([dir, '--directions', '1', ...args], terminal, means).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { out: String(stdout.read() ?? ''), error };
}

describe.skipIf(process.platform === 'win32')('check on a GPU', () => {
  test('measures its memory, and float16 beside float32', async () => {
    const opened: (string | undefined)[] = [];
    const means = gpu(({ precision }) => {
      opened.push(precision);
      // Of float16 it is not told.
      smi.apps(`${process.pid}, ${precision === 'float16' ? 9000 : 700}\n`);
    });
    const { out, error } = await run(means);
    expect(error).toBeUndefined();
    expect(opened).toEqual(['float32', 'float16']);
    expect(out).toMatch(/ {2}memory at most: [\d.]+ [MG]B, and of the GPU's: 734 MB\n/);
    const [, single = '', half = ''] = out.split(/\ntimes(?: by float16)?:\n/);
    const names = (text: string) => [...text.matchAll(/^ {2}(.*?): (?:about )?[\d.]+ m?s$/gm)];
    expect(names(half).map(([, name]) => name)).toEqual(names(single).map(([, name]) => name));
    expect(names(half)).toHaveLength(5);
    const off = Number(/^ {2}gradients: ([\d.]+) % off those by float32$/m.exec(half)?.[1]);
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(2);
  });

  test('goes on where float16 fails, and where there is no nvidia-smi', async () => {
    smi.remove();
    const means = gpu(({ precision }) => {
      if (precision !== 'float16') return;
      throw new LikewiseError('PROVIDER_UNUSABLE', { provider: 'cuda', reason: 'no such kernel' });
    });
    const { out, error } = await run(means);
    expect(error).toBeUndefined();
    expect(out).toMatch(/\(of the GPU's: not seen, nvidia-smi is not there or does not tell\)\n/);
    expect(out).toMatch(/\nfloat16 cannot be used here: [^\n]*no such kernel[^\n]*\n\nsettings:\n/);
    expect(out).not.toContain('LIKEWISE_PRECISION');
  });

  test('compares nothing where float16 is set, and says apart what it runs on and computes in', async () => {
    const opened: (string | undefined)[] = [];
    const means = gpu(({ precision }) => void opened.push(precision));
    const { out, error } = await run(means, '--precision', 'float16');
    expect(error).toBeUndefined();
    expect(opened).toEqual(['float16']);
    expect(out).toContain('  runs on: cuda\n');
    expect(out).toContain('  computes in: float16\n');
    expect(out).not.toContain('by float16');
  });
});

test('a model with a wrong gradient is refused, with the part', async () => {
  let closed = 0;
  const means: CheckMeans = {
    choose: async () => ({ provider: 'cpu', tried: [] }),
    async load(...args) {
      const model = await loadModel(...args);
      return {
        ...model,
        async decodeErrorVjp(...inputs) {
          const { pixels, gradZ } = await model.decodeErrorVjp(...inputs);
          return {
            pixels,
            gradZ: float32(
              gradZ.dims,
              gradZ.data.map((value) => 1.1 * value),
            ),
          };
        },
        async close() {
          closed++;
          await model.close();
        },
      };
    },
  };
  const { out, error } = await run(means);
  expect(error).toMatchObject({
    code: 'MODEL_GRADIENT',
    exitStatus: 2,
    details: { path: dir, part: 'decoder by the latents', limit: '1.0 %' },
  });
  expect((error as Error).message).toMatch(/is not what finite differences say: 9\.\d % off/);
  expect(out).toMatch(/^ {2}U-Net by the latents: \S+ % off$/m);
  expect(out).toMatch(/^ {2}decoder by the latents: \S+ % off \(WRONG\)$/m);
  expect(out).not.toContain('times:');
  expect(closed).toBe(1);
});
