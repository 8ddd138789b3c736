import { describe, expect, test } from 'vitest';
import { DIFFERENTIABLE } from '../../../src/engine/autodiff/index.ts';
import { elementwise } from './cases/elementwise.ts';
import { layout } from './cases/layout.ts';
import { products } from './cases/products.ts';
import { reductions } from './cases/reductions.ts';
import { checkGradient, node, random, randomTensor, tolerance } from './graphs.ts';

const cases = [...elementwise, ...products, ...reductions, ...layout];

describe('each rule agrees with central differences', () => {
  test('every differentiable operator has a case', () => {
    const covered = new Set(cases.map((c) => c.op));
    expect(DIFFERENTIABLE.filter((op) => !covered.has(op))).toEqual([]);
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
