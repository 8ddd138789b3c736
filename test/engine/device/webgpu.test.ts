import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { noSoftwareGpu, softwareGpu } from '../onnx/software-gpu.ts';

// A software adapter compiles each kernel, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

it.skipIf(noSoftwareGpu !== undefined)(
  `has the CPU's gradients on WebGPU, as a whole graph and in stages ${noSoftwareGpu ?? ''}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'likewise-webgpu-'));
    try {
      const child = spawn(process.execPath, ['test/engine/device/webgpu-gradients.stub.ts'], {
        env: softwareGpu(join(folder, 'vulkan')),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const found = (await json(child.stdout)) as { stages: number; errors: number[][] };
      expect(found.stages).toBeGreaterThan(2);
      // The output and its gradient, of each of the two.
      expect(found.errors.map((errors) => errors.length)).toEqual([2, 2]);
      for (const error of found.errors.flat()) {
        expect(error).toBeLessThan(1e-3);
        // It is another device's arithmetic, not the same by mistake.
        expect(error).toBeGreaterThan(0);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
