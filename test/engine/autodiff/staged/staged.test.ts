import { describe, expect, test } from 'vitest';
import { buildStagedVjp, type StagedVjp } from '../../../../src/engine/autodiff/index.ts';
import { type Tensor, tensorOf, zeros } from '../../../../src/engine/onnx/index.ts';
import { type Fixture, loadFixture, relativeError, runOnce } from '../helpers.ts';

/** What is fed beside the model's own inputs, for the recorded cotangent. */
function feedsOf({ inputs, cotangents, outputs }: Fixture, of: string, backward = true) {
  const ones = (outputs[of] as Tensor).dims.map(() => 1);
  const feeds: Record<string, Tensor> = {
    ...inputs,
    backward: tensorOf('bool', [], [backward ? 1 : 0]),
    [`grad_${of}`]: cotangents[of] as Tensor,
    error_target: zeros('float32', ones),
    error_scale: zeros('float32', ones),
  };
  return feeds;
}

function open(name: string) {
  const fixture = loadFixture(name);
  const [of] = Object.keys(fixture.cotangents) as [string];
  const wrt = Object.keys(fixture.gradients);
  const build = (stageBytes: number, sliceBytes = 1024, weights?: 'rearranged' | 'shared') =>
    buildStagedVjp(fixture.model, { of, wrt, stageBytes, sliceBytes, ...(weights && { weights }) });
  return { fixture, of, wrt, build };
}

const opsIn = ({ model }: StagedVjp, op: string): number =>
  (model.proto.graph?.node ?? []).filter((node) => node.opType === op).length;

const parts = [
  'unet-script-14-static-scalar',
  'unet-script-17-batch-half',
  'unet-dynamo-21-batch-fused',
  'decoder-dynamo-20-batch',
];

describe('a gradient graph in stages agrees with PyTorch', () => {
  test.each(parts)('%s', async (name) => {
    const { fixture, of, wrt, build } = open(name);
    const staged = build(20e3);
    expect(staged.stages).toBeGreaterThan(2);
    const results = await runOnce(staged.model, feedsOf(fixture, of));
    expect(relativeError(results[of], fixture.outputs[of])).toBeLessThan(1e-5);
    for (const value of wrt) {
      const error = relativeError(results[`grad_${value}`], fixture.gradients[value]);
      expect(error, value).toBeLessThan(1e-4);
    }
  });
});

describe('a gradient graph in stages', () => {
  const { fixture, of, wrt, build } = open('unet-script-14-batch');

  test('gives the same numbers with any number of stages', async () => {
    const counts = new Set<number>();
    const results = [];
    for (const stageBytes of [8e3, 40e3, 1e9]) {
      const staged = build(stageBytes);
      counts.add(staged.stages);
      results.push(await runOnce(staged.model, feedsOf(fixture, of)));
    }
    expect(counts.size).toBe(3);
    expect(counts.has(1)).toBe(true);
    const [first, ...others] = results;
    for (const other of others) {
      for (const [key, value] of Object.entries(other)) {
        expect(relativeError(value, first?.[key]), key).toBeLessThan(1e-5);
      }
    }
  });

  test('without gradients gives the output alone', async () => {
    const { model } = build(20e3);
    const results = await runOnce(model, feedsOf(fixture, of, false));
    expect(relativeError(results[of], fixture.outputs[of])).toBeLessThan(1e-5);
    for (const value of wrt) expect(results[`grad_${value}`]?.data.length).toBe(0);
  });

  test('differentiates the error that it computes itself', async () => {
    const { model } = build(20e3);
    const y = fixture.outputs[of] as Tensor<'float32'>;
    const g = fixture.cotangents[of] as Tensor<'float32'>;
    // With target = y - g / 2 and scale 2, the cotangent is g.
    const target = y.data.map((value, i) => value - (g.data[i] as number) / 2);
    const ones = y.dims.map(() => 1);
    const results = await runOnce(model, {
      ...feedsOf(fixture, of),
      [`grad_${of}`]: zeros('float32', ones),
      error_target: { ...y, data: target },
      error_scale: tensorOf('float32', [2, 1, 1, 1], [2, 2]),
    });
    for (const value of wrt) {
      const error = relativeError(results[`grad_${value}`], fixture.gradients[value]);
      expect(error, value).toBeLessThan(1e-4);
    }
  });

  test('slices attention that is too large, and no other', () => {
    const sliced = build(1e9, 1024);
    const kept = build(1e9, 1e9);
    expect(opsIn(kept, 'Softmax')).toBeGreaterThan(0);
    expect(opsIn(sliced, 'Softmax')).toBeGreaterThan(opsIn(kept, 'Softmax'));
    expect(opsIn(sliced, 'Attention') + opsIn(kept, 'Attention')).toBe(0);
  });

  test('reads weights as they are, or rearranged for speed', async () => {
    const shared = build(20e3, 1024, 'shared');
    const rearranged = build(20e3, 1024, 'rearranged');
    const results = await runOnce(rearranged.model, feedsOf(fixture, of));
    for (const value of wrt) {
      const error = relativeError(results[`grad_${value}`], fixture.gradients[value]);
      expect(error, value).toBeLessThan(1e-4);
    }
    expect(opsIn(rearranged, 'Transpose')).toBeGreaterThan(opsIn(shared, 'Transpose'));
  });

  test('needs less memory with more stages', () => {
    const [one, many] = [1e9, 100e3].map((stageBytes) => build(stageBytes));
    expect(one?.stages).toBe(1);
    expect(many?.backwardBytes).toBeLessThan(0.6 * (one?.backwardBytes ?? 0));
  });
});
