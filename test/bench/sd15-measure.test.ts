import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeValues } from '../../bench/sd15/inputs.ts';
import { measure } from '../../bench/sd15/measure.ts';
import type { Measured } from '../../bench/sd15/orders.ts';
import type { Told } from '../../bench/sd15/process.ts';
import type { Reference } from '../../bench/sd15/reference.ts';
import { LikewiseError } from '../../src/errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-sd15-measure-'));
afterAll(() => rmSync(dir, { recursive: true }));

const reference: Reference = {
  ...{ torch: '2.13', device: 'cpu', half: false, tf32: false },
  description: () => '',
};

/** Results by name; or what goes wrong after it was measured; or at once. */
type Outcome = Record<string, number[]> | string | Error;

/** Measures one part of sides that end as they are told. */
async function measured(part: 'eq2' | 'render' | 'open', ours: Outcome, theirs: Outcome) {
  const failures: string[] = [];
  const compared: boolean[] = [];
  const told = (outcome: Outcome, seconds: number, out: string): Told<Measured> => {
    if (outcome instanceof Error) throw outcome;
    const end = { result: { runs: [seconds] }, first: 1, gpuBytes: undefined };
    if (typeof outcome === 'string') return { ...end, failure: outcome };
    for (const [name, values] of Object.entries(outcome)) {
      writeValues(out, name, Float32Array.from(values));
    }
    return end;
  };
  const sides = {
    ours: async (_: string, out: string) => told(ours, 2, out),
    reference: async (_: Reference, __: string, out: string, wanted: boolean) => {
      compared.push(wanted);
      return told(theirs, 4, out);
    },
  };
  const listeners = {
    folder: mkdtempSync(join(dir, 'part-')),
    failed: (reason: string) => void failures.push(reason),
    say: () => {},
  };
  return { ...(await measure(part, sides, reference, listeners)), failures, compared };
}

const whole = { loss: [1], gradient: [3, 4] };

describe('a part', () => {
  it('has the figures of both sides, and how far apart they are', async () => {
    const told = await measured('eq2', { ...whole, gradient: [3, 4.5] }, whole);
    expect([told.ours?.seconds, told.reference?.seconds]).toEqual([2, 4]);
    expect(told.apart).toEqual({ loss: 0, gradient: 0.1 });
    expect(told).toMatchObject({ failures: [], compared: [true] });
    const render = await measured('render', { pixels: [1] }, { pixels: [1] });
    expect(render.apart).toEqual({ pixels: 0 });
    const open = await measured('open', {}, {});
    expect(open).toMatchObject({ apart: null, failures: [], compared: [false] });
  });

  it.each<[string, Outcome, RegExp]>([
    ['are missing', { loss: [1] }, /^eq2 cannot be compared: gradient: ENOENT/],
    [
      'differ in size',
      { ...whole, gradient: [3, 4, 5] },
      /^eq2 cannot be compared: gradient: results differ in size: 2, 3$/,
    ],
  ])(
    'keeps its figures where results %s, and says why nothing is compared',
    async (_, theirs, why) => {
      const told = await measured('eq2', whole, theirs);
      expect([told.ours?.seconds, told.reference?.seconds]).toEqual([2, 4]);
      expect(told.apart).toBeNull();
      expect(told.failures).toEqual([expect.stringMatching(why)]);
    },
  );

  it('has nothing compared, nor computed for it, where our side failed', async () => {
    const early = await measured('eq2', new Error('no room'), whole);
    expect(early).toMatchObject({ ours: null, reference: { seconds: 4 }, apart: null });
    expect(early).toMatchObject({ failures: ['no room'], compared: [false] });
    const late = await measured('eq2', 'no room', whole);
    expect(late).toMatchObject({ ours: { seconds: 2 }, reference: { seconds: 4 }, apart: null });
    expect(late).toMatchObject({
      failures: ['ours, eq2, when it was measured: no room'],
      compared: [false],
    });
  });

  it('ends with the bench', async () => {
    const stopped = new LikewiseError('CANCELLED', {});
    await expect(measured('eq2', stopped, whole)).rejects.toBe(stopped);
  });
});
