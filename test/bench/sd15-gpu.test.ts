import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstCard, watchGpu } from '../../bench/sd15/gpu.ts';
import { runTask } from '../../bench/sd15/process.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-sd15-gpu-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Stands in for nvidia-smi: says what is in the files beside it. */
const program = `#!/bin/sh
here=$(dirname "$0")
case "$1" in
  --query-gpu=memory.used) cat "$here/cards" ;;
  --query-gpu=name,memory.total) [ "$2 $3" = "-i 1" ] && echo "NVIDIA H100 80GB HBM3, 81559" ;;
  --query-compute-apps=pid,used_memory) cat "$here/apps" ;;
  *) exit 1 ;;
esac
`;
const cards = (...mebibytes: number[]) =>
  writeFileSync(join(dir, 'cards'), mebibytes.map((each) => `${each}\n`).join(''));
const apps = (text: string) => writeFileSync(join(dir, 'apps'), text);

beforeEach(() => {
  writeFileSync(join(dir, 'nvidia-smi'), program);
  chmodSync(join(dir, 'nvidia-smi'), 0o755);
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env.PATH}`);
  apps('');
  cards(1000, 2000);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(process.platform === 'win32')('a watch of the GPU', () => {
  it('counts what was seen between a reset and a freeze', async () => {
    const watch = await watchGpu();
    watch.follow(7);
    cards(1000, 9000);
    await watch.freeze();
    watch.reset();
    cards(1000, 3000);
    await watch.freeze();
    cards(1000, 90_000);
    await watch.freeze();
    expect(await watch.stop()).toBe(1000 * 2 ** 20);
  });

  it('counts all of what it saw where it is not told otherwise', async () => {
    const watch = await watchGpu();
    watch.follow(7);
    cards(1000, 9000);
    await watch.freeze();
    expect(await watch.stop()).toBe(7000 * 2 ** 20);
  });

  it('goes by the process where it is known, else by the card that got most', async () => {
    const seen = async (text: string, ...now: number[]) => {
      cards(1000, 2000);
      const watch = await watchGpu();
      watch.follow(7);
      apps(text);
      cards(...now);
      await watch.freeze();
      return ((await watch.stop()) ?? Number.NaN) / 2 ** 20;
    };
    expect(await seen('7, 400\n77, 5000\n', 1000, 7400)).toBe(400);
    // Another's memory comes and goes on the first card.
    expect(await seen('77, 5000\n', 100, 2600)).toBe(600);
    expect(await seen('7, [N/A]\n', 1500, 2100)).toBe(500);
  });

  it('names the card that programs see first', async () => {
    const card = { name: 'NVIDIA H100 80GB HBM3', megabytes: 85_521 };
    expect(await firstCard('1,0')).toEqual(card);
    expect(await firstCard(undefined)).toBeUndefined();
  });

  it('sees nothing where the driver does not tell', async () => {
    writeFileSync(join(dir, 'cards'), '[N/A]\n');
    const watch = await watchGpu();
    watch.follow(7);
    await watch.freeze();
    expect(await watch.stop()).toBeUndefined();
  });

  it('sees nothing where there is no nvidia-smi', async () => {
    rmSync(join(dir, 'nvidia-smi'));
    vi.stubEnv('PATH', dir);
    const watch = await watchGpu();
    watch.follow(7);
    await watch.freeze();
    expect(await watch.stop()).toBeUndefined();
    expect(await firstCard('1')).toBeUndefined();
  });

  it('leaves out of a task what it took before it measured, and after', async () => {
    const say = (event: string) => `console.log(${JSON.stringify(JSON.stringify({ event }))});`;
    const holds = (mebibytes: number) =>
      `fs.writeFileSync(${JSON.stringify(join(dir, 'apps'))}, process.pid + ', ${mebibytes}');`;
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
  });
});
