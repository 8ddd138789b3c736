import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstCard, watchGpu } from '../../../src/engine/onnx/gpu-watch.ts';
import { type NvidiaSmi, standInNvidiaSmi } from './nvidia-smi.ts';

let smi: NvidiaSmi;
beforeEach(() => {
  smi = standInNvidiaSmi();
});
afterEach(() => {
  vi.unstubAllEnvs();
  smi.close();
});

describe.skipIf(process.platform === 'win32')('a watch of the GPU', () => {
  it('counts what was seen between a reset and a freeze', async () => {
    const watch = await watchGpu();
    watch.follow(7);
    smi.cards(1000, 9000);
    await watch.freeze();
    watch.reset();
    smi.cards(1000, 3000);
    await watch.freeze();
    smi.cards(1000, 90_000);
    await watch.freeze();
    expect(await watch.stop()).toBe(1000 * 2 ** 20);
  });

  it('counts all of what it saw where it is not told otherwise', async () => {
    const watch = await watchGpu();
    watch.follow(7);
    smi.cards(1000, 9000);
    await watch.freeze();
    expect(await watch.stop()).toBe(7000 * 2 ** 20);
  });

  it('goes by the process where it is known, else by the card that got most', async () => {
    const seen = async (text: string, ...now: number[]) => {
      smi.cards(1000, 2000);
      const watch = await watchGpu();
      watch.follow(7);
      smi.apps(text);
      smi.cards(...now);
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
    smi.cards('[N/A]');
    const watch = await watchGpu();
    watch.follow(7);
    await watch.freeze();
    expect(await watch.stop()).toBeUndefined();
  });

  it('sees nothing where there is no nvidia-smi', async () => {
    smi.remove();
    const watch = await watchGpu();
    watch.follow(7);
    await watch.freeze();
    expect(await watch.stop()).toBeUndefined();
    expect(await firstCard('1')).toBeUndefined();
  });
});
