import { describe, expect, test } from 'vitest';
import { buildStagedVjp, buildVjp } from '../../../../src/engine/autodiff/index.ts';
import { type NodeProto, type Tensor, tensorOf, zeros } from '../../../../src/engine/onnx/index.ts';
import { makeModel, node, random, randomTensor } from '../graphs.ts';
import { relativeError, runOnce } from '../helpers.ts';

interface Case {
  q: number[];
  k: number[];
  v: number[];
  out: number[];
  /** From the product `s` to the scores `r` that Softmax reads. */
  between?: NodeProto[];
  constants?: Record<string, Tensor>;
  mask?: number[];
}

/** softmax(q k) v, q being touched before so that the attention is inside of the graph. */
function modelOf({ q, k, v, between, constants, mask }: Case) {
  const scores = between ? 'r' : 's';
  const named = (nodes: NodeProto[]) => nodes.map((n) => ({ ...n, name: `make_${n.output?.[0]}` }));
  return makeModel({
    nodes: named([
      node('Sin', ['q'], ['a']),
      node('MatMul', ['a', 'k'], ['s']),
      ...(between ?? []),
      node('Softmax', [scores], ['p'], { axis: -1 }),
      node('MatMul', ['p', 'v'], ['o']),
      node('Cos', ['o'], ['y']),
    ]),
    inputs: { q, k, v, ...(mask && { m: mask }) },
    constants: constants ?? {},
    outputs: ['y'],
    dtype: 'float32',
  });
}

const heads = { q: [2, 3, 10, 4], k: [2, 3, 4, 7], v: [2, 3, 7, 4], out: [2, 3, 10, 4] };
const factor = tensorOf('float32', [], [0.4]);
const cases: Record<string, Case> = {
  'heads beside the batch': heads,
  'heads in the batch': { q: [6, 10, 4], k: [6, 4, 7], v: [6, 7, 4], out: [6, 10, 4] },
  'a value of another width': { ...heads, v: [2, 3, 7, 5], out: [2, 3, 10, 5] },
  'a factor': { ...heads, between: [node('Mul', ['f', 's'], ['r'])], constants: { f: factor } },
  'a divisor': { ...heads, between: [node('Div', ['s', 'f'], ['r'])], constants: { f: factor } },
  'a factor, then a mask with rows': {
    ...heads,
    between: [node('Mul', ['s', 'f'], ['t']), node('Add', ['t', 'm'], ['r'])],
    constants: { f: factor },
    mask: [2, 1, 10, 7],
  },
  'a mask of rows for all heads': {
    ...heads,
    between: [node('Add', ['s', 'm'], ['r'])],
    mask: [10, 7],
  },
  'a mask for all rows': {
    ...heads,
    between: [node('Add', ['m', 's'], ['r'])],
    mask: [2, 1, 1, 7],
  },
};

describe('attention in slices', () => {
  test.each(Object.entries(cases))('%s', async (_, spec) => {
    const model = modelOf(spec);
    const next = random(3);
    const wrt = ['q', 'k', 'v'];
    const feeds: Record<string, Tensor> = {
      q: randomTensor('float32', spec.q, next),
      k: randomTensor('float32', spec.k, next),
      v: randomTensor('float32', spec.v, next),
      ...(spec.mask && { m: randomTensor('float32', spec.mask, next) }),
    };
    const cotangent = randomTensor('float32', spec.out, next);
    const whole = await runOnce(buildVjp(model, { of: 'y', wrt }), { ...feeds, grad_y: cotangent });

    // 3 slices of 4, 4 and 2 rows.
    const scores = spec.q.slice(0, -1).reduce((n, d) => n * d, 4) * 7;
    const options = { of: 'y', wrt, stageBytes: 1e9, sliceBytes: scores / 2.5 };
    const { model: sliced } = buildStagedVjp(model, options);
    const softmaxes = (sliced.proto.graph?.node ?? []).filter((n) => n.opType === 'Softmax');
    expect(softmaxes.length).toBe(3);
    const none = zeros(
      'float32',
      spec.out.map(() => 1),
    );
    const results = await runOnce(sliced, {
      ...feeds,
      backward: tensorOf('bool', [], [1]),
      grad_y: cotangent,
      error_target: none,
      error_scale: none,
    });
    expect(relativeError(results.y, whole.y)).toBeLessThan(1e-6);
    for (const name of wrt) {
      expect(relativeError(results[`grad_${name}`], whole[`grad_${name}`]), name).toBeLessThan(
        3e-6,
      );
    }
  });

  test('a mask inside of a factor is left as it is, and right', async () => {
    const between = [node('Add', ['s', 'm'], ['t']), node('Mul', ['t', 'f'], ['r'])];
    const spec = { ...heads, between, constants: { f: factor }, mask: [2, 1, 1, 7] };
    const options = { of: 'y', wrt: ['q'], stageBytes: 1e9, sliceBytes: 16 };
    const { model } = buildStagedVjp(modelOf(spec), options);
    const softmaxes = (model.proto.graph?.node ?? []).filter((n) => n.opType === 'Softmax');
    expect(softmaxes.length).toBe(1);
  });
});
