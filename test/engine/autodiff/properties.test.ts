import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../src/engine/autodiff/index.ts';
import { createSession, type Tensor, tensorOf } from '../../../src/engine/onnx/index.ts';
import {
  type Attribute,
  checkGradient,
  dot,
  makeModel,
  node,
  random,
  randomTensor,
  tolerance,
} from './graphs.ts';
import { relativeError } from './helpers.ts';

/** Shapes that broadcast against each other, of ranks 0 to 4. */
const broadcastable = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    fc.tuple(fc.nat(4), fc.nat(4)),
  )
  .map(([dims, ones, cuts]) =>
    cuts.map((cut, k) =>
      dims.map((d, i) => (ones[k * 4 + i] ? 1 : d)).slice(Math.min(cut, dims.length)),
    ),
  );

const runs = { numRuns: 15, seed: 1 };
const intsOf = (...v: number[]) => tensorOf('int64', [v.length], v);

/** For a linear operator y = A x (the constant parts taken off): g·(A v) = (A^T g)·v exactly. */
async function adjointError(
  op: string,
  dims: number[],
  attributes: Record<string, Attribute>,
  constants: Record<string, Tensor> = {},
  free = false,
): Promise<number> {
  const inputs = { x: free ? dims.map((_, i) => `n${i}`) : dims };
  const nodes = [node(op, ['x', ...Object.keys(constants)], ['y'], attributes)];
  const model = makeModel({ nodes, inputs, constants, outputs: ['y'], dtype: 'float32' });
  const session = await createSession(buildVjp(model, { of: 'y', wrt: ['x'] }), { threads: 1 });
  const forward = await createSession(model, { threads: 1 });
  const v = randomTensor('float32', dims, random(3));
  const y = (await forward.run({ x: v })).y as Tensor;
  const g = randomTensor('float32', y.dims, random(4));
  const gx = (await session.run({ x: v, grad_y: g })).grad_x as Tensor;
  await session.release();
  await forward.release();
  const size = Math.sqrt(dot(g, g) * dot(y, y)) || 1;
  return Math.abs(dot(g, y) - dot(gx, v)) / size;
}

describe('invariants over shapes', () => {
  test.each(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Where'])('%s undoes broadcasting', async (op) => {
    await fc.assert(
      fc.asyncProperty(broadcastable, async ([a = [], b = []]) => {
        const constants = op === 'Where' ? { mask: tensorOf('bool', [], [1]) } : {};
        const { error, dtype } = await checkGradient(
          () => ({
            nodes: [node(op, [...Object.keys(constants), 'a', 'b'], ['y'])],
            inputs: { a, b },
            outputs: ['y'],
            constants,
          }),
          (type) => ({
            a: randomTensor(type, a, random(1, 0.5, 2)),
            b: randomTensor(type, b, random(2, 0.5, 2)),
          }),
        );
        expect(error).toBeLessThan(tolerance(dtype));
      }),
      runs,
    );
  });

  test('free dimensions give the same as fixed ones', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastable, async ([a = [], b = []]) => {
        const free = (dims: number[], p: string) => dims.map((_, i) => `${p}${i}`);
        const feeds = {
          a: randomTensor('float64', a, random(1, 0.5, 2)),
          b: randomTensor('float64', b, random(2, 0.5, 2)),
        };
        const answers: Record<string, Tensor>[] = [];
        for (const inputs of [
          { a, b },
          { a: free(a, 'p'), b: free(b, 'q') },
        ]) {
          const model = makeModel({
            nodes: [node('Mul', ['a', 'b'], ['y'])],
            inputs,
            outputs: ['y'],
          });
          const session = await createSession(buildVjp(model, { of: 'y', wrt: ['a', 'b'] }));
          const size = a.length > b.length ? a : b;
          const out = size.map((_, i) =>
            Math.max(a[i - size.length + a.length] ?? 1, b[i - size.length + b.length] ?? 1),
          );
          answers.push(
            await session.run({ ...feeds, grad_y: randomTensor('float64', out, random(5)) }),
          );
          await session.release();
        }
        for (const name of ['y', 'grad_a', 'grad_b']) {
          expect(relativeError(answers[1]?.[name], answers[0]?.[name])).toBeLessThan(1e-12);
        }
      }),
      runs,
    );
  });

  test('Conv by its input is an exact adjoint, for any stride, pad, dilation and group', async () => {
    const window = fc.record({
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      pads: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      group: fc.integer({ min: 1, max: 2 }),
      size: fc.tuple(fc.integer({ min: 7, max: 10 }), fc.integer({ min: 7, max: 10 })),
      free: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(window, async ({ kernel, stride, dilation, pads, group, size, free }) => {
        // Free sizes are promised for plain windows only.
        const open = free && dilation === 1 && group === 1;
        const error = await adjointError(
          'Conv',
          [2, 2 * group, ...size],
          { strides: [stride, stride], dilations: [dilation, dilation], pads, group },
          { w: randomTensor('float32', [3 * group, 2, ...kernel], random(9)) },
          open,
        );
        expect(error).toBeLessThan(1e-5);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  test('Slice is an exact adjoint, for any bounds and steps', async () => {
    const cut = fc.record({
      start: fc.integer({ min: -9, max: 8 }),
      end: fc.integer({ min: -9, max: 12 }),
      step: fc.constantFrom(1, 2, 3, -1, -2),
    });
    await fc.assert(
      fc.asyncProperty(fc.tuple(cut, cut), async ([p, q]) => {
        const length = (c: typeof p, n: number) => {
          const wrap = (v: number) => (v < 0 ? v + n : v);
          const low = c.step > 0 ? 0 : -1;
          const first = Math.min(Math.max(wrap(c.start), 0), c.step > 0 ? n : n - 1);
          const last = Math.min(Math.max(wrap(c.end), low), c.step > 0 ? n : n - 1);
          return Math.ceil((last - first) / c.step);
        };
        fc.pre(length(p, 6) > 0 && length(q, 7) > 0);
        const error = await adjointError(
          'Slice',
          [6, 7],
          {},
          {
            s: intsOf(p.start, q.start),
            e: intsOf(p.end, q.end),
            k: intsOf(0, 1),
            d: intsOf(p.step, q.step),
          },
        );
        expect(error).toBeLessThan(1e-6);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  test('a product is linear in the cotangent', async () => {
    const nodes = [
      node('Softmax', ['x'], ['p'], { axis: -1 }),
      node('Mul', ['p', 'x'], ['q']),
      node('LayerNormalization', ['q', 'one'], ['y']),
    ];
    const constants = { one: tensorOf('float64', [5], [1, 2, 3, 4, 5]) };
    const model = makeModel({ nodes, inputs: { x: [3, 5] }, constants, outputs: ['y'] });
    const session = await createSession(buildVjp(model, { of: 'y', wrt: ['x'] }));
    const x = randomTensor('float64', [3, 5], random(1));
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.double({ min: -3, max: 3, noNaN: true }), async (s, k) => {
        const [a, b] = [
          randomTensor('float64', [3, 5], random(s)),
          randomTensor('float64', [3, 5], random(s + 1)),
        ];
        const mixed = Array.from(a.data as Float64Array, (v, i) => v + k * Number(b.data[i]));
        const at = async (g: Tensor) => (await session.run({ x, grad_y: g })).grad_x as Tensor;
        const [ga, gb, gm] = [
          await at(a),
          await at(b),
          await at(tensorOf('float64', [3, 5], mixed)),
        ];
        for (let i = 0; i < 15; i++) {
          expect(Number(gm.data[i])).toBeCloseTo(Number(ga.data[i]) + k * Number(gb.data[i]), 5);
        }
      }),
      runs,
    );
    await session.release();
  });
});
