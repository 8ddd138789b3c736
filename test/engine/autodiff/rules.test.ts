import { describe, expect, test } from 'vitest';
import { buildVjp, DIFFERENTIABLE } from '../../../src/engine/autodiff/index.ts';
import { createSession, tensorOf } from '../../../src/engine/onnx/index.ts';
import { elementwise } from './cases/elementwise.ts';
import { layout } from './cases/layout.ts';
import { products } from './cases/products.ts';
import { reductions } from './cases/reductions.ts';
import { checkGradient, makeModel, node, random, randomTensor, tolerance } from './graphs.ts';

const cases = [...elementwise, ...products, ...reductions, ...layout];

test.each([0, 1])('the gradient of a norm at 0 is 0, keepdims %i', async (keepdims) => {
  const model = makeModel({
    nodes: [node('ReduceL2', ['x', 'k'], ['y'], { keepdims })],
    inputs: { x: [2, 2] },
    constants: { k: tensorOf('int64', [1], [1]) },
    outputs: ['y'],
    dtype: 'float32',
  });
  const session = await createSession(buildVjp(model, { of: 'y', wrt: ['x'] }), { threads: 1 });
  const dims = keepdims ? [2, 1] : [2];
  const { grad_x: gradient } = await session.run({
    x: tensorOf('float32', [2, 2], [0, 0, 3, -4]),
    grad_y: tensorOf('float32', dims, [7, 10]),
  });
  expect(Array.from(gradient?.data as Float32Array)).toEqual([0, 0, 6, -8]);
  await session.release();
});

describe('each rule agrees with central differences', () => {
  test('every differentiable operator has a case', () => {
    const covered = new Set(cases.map((c) => c.op));
    // Those with a domain are the project's own: they are tested with what makes them.
    const standard = DIFFERENTIABLE.filter((op) => !op.includes('.'));
    expect(standard.filter((op) => !covered.has(op))).toEqual([]);
  });

  test.each(cases.map((c) => [`${c.op} ${c.about ?? ''}`, c] as const))('%s', async (_, c) => {
    const names = c.inputs.map((_dims, i) => `x${i}`);
    const inputs = Object.fromEntries(names.map((n, i) => [n, c.inputs[i] as number[]]));
    const outputs = c.outputs ?? ['y'];
    const { error, dtype } = await checkGradient(
      (type) => ({
        nodes: [node(c.op, c.wires ?? names, outputs, c.attributes)],
        inputs,
        outputs: [outputs[0] as string],
        constants: c.constants?.(type) ?? {},
        opset: c.opset ?? 18,
      }),
      (type) => {
        const next = random(11, ...(c.range ?? [-1, 1]));
        return Object.fromEntries(
          names.map((n) => [n, randomTensor(type, inputs[n] as number[], next)]),
        );
      },
      { ...(c.wrt && { wrt: c.wrt }), linear: c.linear ?? false, single: c.single ?? false },
    );
    expect(error, `in ${dtype}`).toBeLessThan(tolerance(dtype, c.linear));
  });
});
