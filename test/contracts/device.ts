import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CorruptRecordError } from '../../src/cache/index.ts';
import type { Device, InversionOrder, Running } from '../../src/engine/device/index.ts';
import { presets, type TokensResult } from '../../src/engine/inversion/index.ts';
import { createRandom } from '../../src/engine/inversion/random.ts';
import type { Described } from '../../src/engine/pipeline/index.ts';

const preset = {
  ...presets.fast,
  tokens: { ...presets.fast.tokens, count: 4, iterations: 3, batch: 2 },
  tokensWithoutGuess: {},
  fixedPoint: { steps: 10, iterations: 1, tolerance: 0 },
};

/** What every `Device` must do. `open` gives a new one, on the same model each time. */
export function deviceContract(name: string, open: () => Promise<Device>): void {
  describe(`${name} keeps the device contract`, () => {
    let device: Device;
    beforeAll(async () => {
      device = await open();
    });
    afterAll(() => device.close());

    const order = (seed = 1, more: Partial<InversionOrder> = {}): InversionOrder => {
      const { height, width } = device.model.image;
      const pixels = createRandom(seed, 'picture').gaussians(3 * height * width);
      const sha256 = createHash('sha256').update(pixels).digest('hex');
      const picture = { pixels: pixels.map((v) => Math.tanh(v)), sha256 };
      return {
        kind: 'tokens',
        preset,
        seed: 0,
        scope: 'tenant',
        picture,
        ...more,
      } as InversionOrder;
    };
    const end = async (running: Running) => {
      let report = { ...running, done: running.done };
      while (!report.done) report = { ...report, ...(await device.step(running.task)) };
      return (await device.finish(running.task)) as unknown as TokensResult;
    };

    it('says what it runs', () => {
      const { model } = device;
      expect(model.hash).toMatch(/./);
      expect(Math.min(model.image.height, model.image.width)).toBeGreaterThan(0);
    });

    it('makes an inversion step by step, and tells how far it is', async () => {
      const running = await device.begin(order());
      expect(running).toMatchObject({ done: false, phase: 'tokens', step: 0, steps: 3 });
      const steps: number[] = [];
      let done = false;
      while (!done) {
        const report = await device.step(running.task);
        steps.push(report.step);
        done = report.done;
      }
      expect(steps).toEqual([1, 2, 3]);
      const result = (await device.finish(running.task)) as unknown as TokensResult;
      const { length, width } = device.model.text;
      expect(result.c).toHaveLength(length * width);
      // It is over: nothing more can be asked of it, but to end it.
      await expect(device.step(running.task)).rejects.toThrow(RangeError);
      await device.drop(running.task);
    });

    it('goes on from a saved state to the same bytes', async () => {
      const whole = await end(await device.begin(order()));
      const first = await device.begin(order());
      await device.step(first.task);
      const saved = await device.save(first.task);
      await device.drop(first.task);
      const resumed = await device.begin(order(), { saved });
      expect(resumed.step).toBe(1);
      expect(await end(resumed)).toEqual(whole);
    });

    it('refuses a saved state that is not whole', async () => {
      const { task } = await device.begin(order());
      const saved = await device.save(task);
      saved[saved.length - 1] = (saved[saved.length - 1] as number) ^ 1;
      await expect(device.begin(order(), { saved })).rejects.toThrow(CorruptRecordError);
      await device.drop(task);
    });

    it('keeps tasks apart that take turns', async () => {
      const alone = await end(await device.begin(order(2)));
      const [one, two] = [await device.begin(order(1)), await device.begin(order(2))];
      await Promise.all([device.step(one.task), device.step(two.task), device.step(one.task)]);
      expect(await end(two)).toEqual(alone);
      await device.drop(one.task);
    });

    it('does not finish what is not done', async () => {
      const { task } = await device.begin(order());
      await expect(device.finish(task)).rejects.toThrow(RangeError);
      await device.drop(task);
    });

    it('an aborted step changes nothing', async () => {
      const { task } = await device.begin(order());
      const before = await device.save(task);
      await expect(device.step(task, AbortSignal.abort())).rejects.toThrow();
      const abort = new AbortController();
      const step = device.step(task, abort.signal);
      abort.abort();
      await step.catch(() => {});
      const after = await device.save(task);
      const made = (await device.begin(order(), { saved: after })).step;
      if (made === 0) expect(after).toEqual(before);
      else expect(made).toBe(1);
      await device.drop(task);
    });

    it('has one key for equal orders, another for others', async () => {
      const keys = await Promise.all(
        [order(1), order(1), order(2), order(1, { scope: 'other' }), order(1, { seed: 1 })].map(
          (o) => device.keyOf(o),
        ),
      );
      expect(keys[0]).toBe(keys[1]);
      expect(new Set(keys).size).toBe(4);
    });

    it('finds the noise of a picture and renders from it', async () => {
      const tokens = order();
      const key = await device.keyOf(tokens);
      const described: Described = { ...(await end(await device.begin(tokens))), key };
      const noise = order(1, { kind: 'noise', described } as Partial<InversionOrder>);
      const found = (await end(await device.begin(noise))) as unknown as { noise: Float32Array };
      const direction = (await device.features('3')).map((v) => 0.1 * v);
      const input = { noise: found.noise, c: described.c, direction, mode: 'anchored' } as const;
      const cells = [0, 1].map((lambda) => ({ lambda, sigma: 3 }));
      const [still, moved] = await device.render({ ...input, cells, steps: 10 });
      const { height, width } = device.model.image;
      expect(still).toHaveLength(3 * height * width);
      expect(moved).not.toEqual(still);
      const again = await device.render({ ...input, cells: cells.slice(1), steps: 10 });
      expect(again).toEqual([moved]);
    });

    it('suggests a drawn cell, and not the one that is B itself', async () => {
      const { height, width } = device.model.image;
      const b = createRandom(1, 'picture')
        .gaussians(3 * height * width)
        .map((v) => Math.tanh(v));
      const c = await device.features('1');
      const direction = (await device.features('3')).map((v, i) => v - (c[i] as number));
      const cells = [0, 1, 2].map((lambda) => ({
        lambda,
        sigma: 1,
        pixels: b.map((v, i) => v + 0.1 * lambda * Math.sin(i)),
      }));
      const order = { c, direction, b, cells };
      const chosen = await device.suggest(order);
      expect([1, 2]).toContain(chosen);
      expect(await device.suggest(order)).toBe(chosen);
      // Where its cell stands does not matter.
      const turned = await device.suggest({ ...order, cells: cells.toReversed() });
      expect(turned).toBe(2 - chosen);
      expect(await device.suggest({ ...order, cells: cells.slice(0, 1) })).toBe(0);
      await expect(device.suggest({ ...order, cells: [] })).rejects.toThrow(RangeError);
      await expect(device.suggest({ ...order, b: b.slice(1) })).rejects.toThrow(RangeError);
      await expect(device.suggest(order, AbortSignal.abort())).rejects.toThrow();
    });

    it('shows a picture of what it has', async () => {
      const { task } = await device.begin(order());
      const { height, width } = device.model.image;
      const picture = await device.preview(task);
      expect(picture).toHaveLength(3 * height * width);
      expect(picture?.every((v) => v >= -1 && v <= 1)).toBe(true);
      await device.drop(task);
    });
  });
}
