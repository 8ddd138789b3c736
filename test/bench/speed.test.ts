import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError, type Timing, timings } from '../../bench/speed/compare.ts';
import { type Reference, startReference, whyAbsent } from '../../bench/speed/reference.ts';
import { inForwards, timingTable, tripleText } from '../../bench/speed/table.ts';
import { type Task, type Workload, workloadOf } from '../../bench/speed/tasks.ts';
import type { TripleResult } from '../../bench/speed/triple.ts';
import {
  evaluationsOf,
  extrapolated,
  referencePaperSeconds,
  shortened,
} from '../../bench/speed/triples.ts';
import { createRandom, presets } from '../../src/engine/inversion/index.ts';
import { type DiffusionModel, float32, loadModel } from '../../src/engine/models/index.ts';

const timing = (id: string, ours: number, reference: number | null): Timing => ({
  id,
  title: id,
  ours,
  reference,
  ratio: reference === null ? null : reference / ours,
  error: null,
  all: { ours: [], reference: [] },
});

const triple: TripleResult = {
  load: 1,
  tokens: 4,
  noise: 2,
  render: 1,
  total: 8,
  warm: 1,
  evaluations: { tokens: { forward: 0, vjp: 96 }, noise: { forward: 30, vjp: 20 } },
  reconstructionDb: 30,
  autoencoderDb: 31,
  peakMb: 700,
};

describe('a shortened triple', () => {
  const { tokens, noise, steps } = presets.paper;
  const fraction = 4 / tokens.iterations;

  it('makes the stated share of steps', () => {
    expect(shortened('paper', 1)).toEqual({});
    expect(shortened('paper', fraction)['tokens.iterations']).toBe(4);
    expect(shortened('paper', 1e-9)).toEqual({ 'tokens.iterations': 1, 'noise.evaluations': 1 });
  });

  it('is extrapolated in proportion, and what is done once is not', () => {
    const made = shortened('paper', fraction)['noise.evaluations'] ?? Number.NaN;
    const noiseBy = (noise?.evaluations ?? Number.NaN) / made;
    const full = extrapolated('paper', fraction, triple);
    expect(full.tokens).toBeCloseTo(4 / fraction);
    expect(full.noise).toBeCloseTo(2 * noiseBy);
    expect(full.total).toBeCloseTo(full.load + full.tokens + full.noise + full.render);
    expect(full.evaluations.tokens.vjp).toBe(3 * tokens.batch * tokens.iterations);
    expect(full.evaluations.noise.forward).toBe(Math.round((30 - steps) * noiseBy) + steps);
    expect(tripleText(full)).toContain('extrapolated from 1.0 % of its steps');
    expect(tripleText(full)).not.toContain('dB');
  });

  it('is left as it is where all was made', () => {
    const whole = extrapolated('fast', 1, triple);
    expect(whole).toMatchObject({ ...triple, preset: 'fast' });
    expect(evaluationsOf(whole)).toEqual({ forward: 30, vjp: 116, all: 146 });
    expect(tripleText(whole)).toContain('B comes back at 30.00 dB');
  });
});

describe('the table of times', () => {
  const measured = [
    timing('unet', 0.1, 0.2),
    timing('unet_vjp', 0.21, 0.4),
    timing('tokens_step', 0.25, 0.5),
    timing('noise_step', 1, 3),
    timing('render', 1, 2),
  ];

  it('shows both sides, their ratio, and gradients in forwards', () => {
    expect(timingTable(measured)).toMatch(/tokens_step +250 ms +500 ms +2\.00 x/);
    expect(timingTable([timing('unet', 0.1, null)])).toMatch(/100 ms +- +- +-/);
    expect(inForwards(measured)).toEqual([
      { what: 'batch 8, by context', ours: expect.closeTo(2.1), reference: expect.closeTo(2) },
    ]);
  });

  it("adds up what the reference's paper preset would take", () => {
    const { tokens, noise } = presets.paper;
    const expected = 3 * tokens.iterations * 0.5 + (noise?.evaluations ?? 0) * 3 + 2;
    expect(referencePaperSeconds(measured)).toBeCloseTo(expected);
    expect(referencePaperSeconds([timing('unet', 1, 1)])).toBeNull();
  });

  it('is of runs that take turns, ours first in every other round', async () => {
    const order: string[] = [];
    const task: Task = {
      id: 'one',
      title: 'one',
      run: async () => {
        order.push('ours');
        return {};
      },
    };
    const reference = {
      async run() {
        order.push('theirs');
        return { seconds: 0.5, results: {} };
      },
    } as unknown as Reference;
    const [result] = await timings([task], reference, { runs: 2 });
    expect(order.slice(2)).toEqual(['ours', 'theirs', 'theirs', 'ours']);
    expect(result).toMatchObject({ reference: 0.5 });
    expect(result?.all.ours).toHaveLength(2);
  });
});

describe('PyTorch', () => {
  it('is skipped with a reason where it cannot be had', () => {
    expect(whyAbsent('no-such-python')).toBe('no-such-python cannot be run (ENOENT)');
    expect(whyAbsent(process.execPath)).toContain('has not what is needed');
  });

  it('results are compared relative to the largest value', () => {
    const [a, b] = [float32([2], Float32Array.of(1, 4.4)), float32([2], Float32Array.of(1, 4))];
    expect(relativeError(a, b)).toBeCloseTo(0.1);
    expect(() => relativeError(undefined, b)).toThrow('differ in size');
  });

  const python = process.env.PYTHON || 'python3';
  const absent = whyAbsent(python);
  describe.skipIf(absent !== undefined)(
    `agrees on the same files${absent ? ` (${absent})` : ''}`,
    () => {
      const dir = resolve('test/fixtures/models/script');
      let model: DiffusionModel;
      let reference: Reference;
      let workload: Workload;
      beforeAll(async () => {
        model = await loadModel(dir, { threads: 1 });
        const { height, width } = model.image;
        const values = createRandom(1, 'picture').gaussians(3 * height * width);
        const picture = float32([1, 3, height, width], values.map(Math.tanh));
        const cells = [0, 1].map((lambda) => ({ lambda, sigma: 3 }));
        workload = await workloadOf(model, picture, 'a cat', cells);
        const factor = model.latent.scalingFactor;
        const { tensors } = workload;
        reference = await startReference({ python, model: dir, factor, threads: 1, tensors });
      });
      afterAll(async () => {
        reference?.close();
        await model?.close();
      });

      it('in every task, outputs and gradients', async () => {
        const measured = await timings(workload.tasks, reference, { runs: 1 });
        expect(measured).toHaveLength(7);
        for (const { title, error } of measured) expect(error, title).toBeLessThan(1e-4);
      });

      it('and says what it could not do', async () => {
        await expect(reference.run('nothing')).rejects.toThrow('the reference failed');
      });
    },
  );
});
