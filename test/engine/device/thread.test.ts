import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openDevice } from '../../../src/engine/device/index.ts';
import { chooseProvider } from '../../../src/engine/onnx/index.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { deviceContract } from '../../contracts/device.ts';
import { noSoftwareGpu, softwareGpu } from '../onnx/software-gpu.ts';

const model = 'models/avatars';

deviceContract('a device on a thread of its own', () => openDevice({ model, threads: 1 }));

it('says what is wrong with a folder that is no model', async () => {
  const error = await openDevice({ model: 'docs' }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LikewiseError);
  expect(error).toMatchObject({ code: 'MODEL_UNUSABLE' });
});

it('fails every call after it was closed, and closes twice', async () => {
  const device = await openDevice({ model, threads: 1 });
  const asked = device.features('glasses');
  await device.close();
  expect(await asked).toHaveLength(device.model.text.length * device.model.text.width);
  await device.close();
  await expect(device.features('glasses')).rejects.toThrow('closed');
  expect(await Promise.race([device.lost, sleep(50, 'kept')])).toBe('kept');
});

it('tells how large its heap is, until it is closed', async () => {
  const device = await openDevice({ model, threads: 1 });
  const bytes = await device.heap();
  // Its thread has read graphs and a vocabulary; a heap of 1 GB would be a leak.
  expect(bytes).toBeGreaterThan(2e6);
  expect(bytes).toBeLessThan(1e9);
  await device.close();
  await expect(device.heap()).rejects.toMatchObject({ code: 'ERR_WORKER_NOT_RUNNING' });
});

it('says what it runs on, and why on nothing better', async () => {
  const device = await openDevice({ model, provider: 'auto', threads: 1 });
  const { provider, tried = [] } = device.model;
  expect({ provider, tried }).toEqual(await chooseProvider('auto'));
  // On the CPU whatever else there is was tried before; how many that are, the platform decides.
  if (provider === 'cpu') expect(tried.length).toBeGreaterThan(0);
  for (const { why } of tried) expect(why).toMatch(/^\S.*\S$/);
  await device.close();
});

it.skipIf(noSoftwareGpu !== undefined)(
  `tells of what its provider lacks, also to who asks later ${noSoftwareGpu ?? ''}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'likewise-thread-'));
    try {
      const args = ['test/engine/device/webgpu.stub.ts', join(folder, 'model')];
      const child = spawn(process.execPath, args, {
        env: softwareGpu(join(folder, 'vulkan')),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      expect(await json(child.stdout)).toEqual({
        provider: 'webgpu',
        tried: [],
        warnings: ['unet: webgpu lacks Celu (1 node): these run on the CPU'],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

it('leaves this thread free while it computes', async () => {
  const device = await openDevice({ model, threads: 1 });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await device.features('warm');
  ticks = 0;
  const cells = Array.from({ length: 6 }, (_, i) => ({ lambda: i, sigma: 3 }));
  const { length, width } = device.model.text;
  const zeros = new Float32Array(length * width);
  const noise = Float32Array.from({ length: 8 * 16 * 16 }, (_, i) => Math.sin(i));
  const direction = zeros.map((_, i) => Math.cos(i));
  await device.render({ noise, c: zeros, direction, cells, mode: 'anchored', steps: 10 });
  clearInterval(timer);
  // A render takes hundreds of milliseconds: on this thread, no tick would come in between.
  expect(ticks).toBeGreaterThan(10);
  await device.close();
});
