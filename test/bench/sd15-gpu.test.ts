import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runTask } from '../../bench/sd15/process.ts';
import { type NvidiaSmi, standInNvidiaSmi } from '../engine/onnx/nvidia-smi.ts';

let smi: NvidiaSmi;
beforeEach(() => {
  smi = standInNvidiaSmi();
});
afterEach(() => {
  vi.unstubAllEnvs();
  smi.close();
});

it.skipIf(process.platform === 'win32')(
  'leaves out of a task what it took of the GPU before it measured, and after',
  async () => {
    const say = (event: string) => `console.log(${JSON.stringify(JSON.stringify({ event }))});`;
    const holds = (mebibytes: number) =>
      `fs.writeFileSync(${JSON.stringify(smi.appsFile)}, process.pid + ', ${mebibytes}');`;
    const script =
      `const fs = require('fs'); ${holds(9000)}` +
      // Long enough for the watch to see it.
      `setTimeout(() => { ${holds(700)} ${say('measuring')} ${say('measured')} }, 600);` +
      `process.stdin.once('data', () => { ${holds(50_000)}` +
      `setTimeout(() => { ${say('done')} process.stdin.destroy(); }, 600); });`;
    const told = await runTask({
      command: [process.execPath, '-e', script],
      env: process.env,
      signal: new AbortController().signal,
      gpu: true,
      onStep: () => {},
    });
    expect(told.gpuBytes).toBe(700 * 2 ** 20);
    expect(told.failure).toBeUndefined();
  },
);
