import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createSession,
  lackingOps,
  lackingWords,
  readModel,
  tensorOf,
  valueInfoProto,
} from '../../../src/engine/onnx/index.ts';
import { noSoftwareGpu, softwareGpu } from './software-gpu.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-coverage-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('the CPU lacks nothing', async () => {
  expect(await lackingOps(readModel('models/avatars/unet/model.onnx'), 'cpu')).toEqual([]);
});

test('what a provider lacks is said in one line', () => {
  const lacking = [
    { op: 'Einsum', count: 3 },
    { op: 'com.microsoft.Own', count: 1 },
  ];
  expect(lackingWords('webgpu', lacking)).toBe(
    'webgpu lacks Einsum (3 nodes), com.microsoft.Own (1 node): these run on the CPU',
  );
});

test('a node that fails is named with its operator and the provider', async () => {
  const session = await createSession({
    dir: null,
    proto: {
      irVersion: 8,
      opsetImport: [{ domain: '', version: 14 }],
      graph: {
        name: 'g',
        node: [{ opType: 'Reshape', name: 'the culprit', input: ['x', 'shape'], output: ['y'] }],
        input: [valueInfoProto('x', 'float32', ['n']), valueInfoProto('shape', 'int64', ['r'])],
        output: [valueInfoProto('y', 'float32', ['a', 'b'])],
      },
    },
  });
  const feeds = { x: tensorOf('float32', [3], [1, 2, 3]), shape: tensorOf('int64', [2], [2, 2]) };
  await expect(session.run(feeds)).rejects.toThrow(/cpu.*Reshape.*the culprit/);
  await session.release();
});

// Skipped where noSoftwareGpu says why: WebGPU needs a driver, if only one that computes in software.
describe.skipIf(noSoftwareGpu !== undefined)(`WebGPU ${noSoftwareGpu ?? 'in software'}`, () => {
  test('names what it leaves to the CPU, and that is what runs there; auto does not take it', async () => {
    const child = spawn(process.execPath, ['test/engine/onnx/webgpu.stub.ts'], {
      env: softwareGpu(join(dir, 'vulkan')),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const found = (await json(child.stdout)) as Record<string, unknown>;
    const lacking = [
      { op: 'Celu', count: 2 },
      { op: 'Hardmax', count: 2 },
    ];
    expect(found).toMatchObject({ lacking, onCpu: [] });
    expect(found.warnings).toEqual([lackingWords('webgpu', lacking)]);
    expect((found.ranOnCpu as string[]).sort()).toEqual(lacking.map(({ op }) => op));
    expect(found.ranOnGpu).toEqual(expect.arrayContaining(['MatMul', 'Reshape', 'Mul', 'Add']));
    const [cpu, gpu] = found.answers as [number[], number[]];
    expect(gpu).toHaveLength(cpu.length);
    gpu.forEach((value, i) => {
      expect(value).toBeCloseTo(cpu[i] ?? Number.NaN, 4);
    });
    expect(found.choice).toMatchObject({
      tried: expect.arrayContaining([
        { provider: 'webgpu', why: expect.stringContaining('only a software driver') },
      ]),
    });
    expect(found.choice).not.toMatchObject({ provider: 'webgpu' });
  });
});
