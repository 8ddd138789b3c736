import { describe, expect, test } from 'vitest';
import { AutodiffError, buildVjp, simplify } from '../../../src/engine/autodiff/index.ts';
import { decodeModel, encodeModel, readModel, tensorOf } from '../../../src/engine/onnx/index.ts';
import { type GraphSpec, makeModel, node } from './graphs.ts';
import { fixtureFolder } from './helpers.ts';

function failure(spec: GraphSpec, of = 'y', wrt = ['x']): AutodiffError {
  try {
    buildVjp(makeModel(spec), { of, wrt });
  } catch (error) {
    if (error instanceof AutodiffError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const through = (op: string, domain = ''): GraphSpec => ({
  nodes: [
    node('Relu', ['x'], ['a']),
    { ...node(op, ['a'], ['b']), domain },
    node('Neg', ['b'], ['y']),
  ],
  inputs: { x: [2, 3] },
  outputs: ['y'],
});

describe('what cannot be differentiated is refused by name', () => {
  test.each([
    ['MaxPool', ''],
    ['CumSum', ''],
    ['TopK', ''],
    ['Loop', ''],
    ['NhwcConv', 'com.microsoft'],
    ['Mystery', ''],
  ])('%s %s', (op, domain) => {
    const error = failure(through(op, domain));
    expect(error.code).toBe('unsupported-op');
    expect(error.op).toBe(domain ? `${domain}.${op}` : op);
    expect(error.node).toBe(`the_${op}`);
    expect(error.message).toContain(`"the_${op}"`);
  });

  test('a graph that ONNX Runtime optimised: the message says which file to use', () => {
    const error = failure(through('GroupNorm', 'com.microsoft'));
    expect(error.message).toContain('as it was exported');
  });

  test.each(['Floor', 'Round', 'Sign'])('a path that only leads through %s', (op) => {
    const error = failure(through(op));
    expect(error).toMatchObject({ code: 'not-differentiable', op, node: `the_${op}` });
  });

  test('an operator without a rule beside the path does no harm', () => {
    const spec = through('Relu');
    spec.nodes.push(node('CumSum', ['x', 'k'], ['side']));
    spec.outputs.push('side');
    spec.constants = { k: tensorOf('int64', [], [0]) };
    expect(() => buildVjp(makeModel(spec), { of: 'y', wrt: ['x'] })).not.toThrow();
  });

  test('an output that does not depend on the input', () => {
    const spec = through('Relu');
    spec.inputs.z = [1];
    expect(failure(spec, 'y', ['z']).code).toBe('not-differentiable');
  });

  test('names that are not there are answered with those that are', () => {
    expect(failure(through('Relu'), 'nope').message).toContain('outputs are y');
    expect(failure(through('Relu'), 'y', ['nope']).message).toContain('inputs are x');
  });

  test('token ids: the message names the Gather and its output', () => {
    const model = readModel(`${fixtureFolder}/text-script-14-static.onnx`);
    const act = () => buildVjp(model, { of: 'last_hidden_state', wrt: ['input_ids'] });
    expect(act).toThrow(/input_ids.*int64.*Gather "\/tokens\/Gather".*Gather_output_0/);
  });

  test('a selection by computed indices', () => {
    const model = readModel(`${fixtureFolder}/text-dynamo-18-static.onnx`);
    const gather = model.proto.graph?.node?.find((n) => n.opType === 'Gather');
    const act = () => buildVjp(model, { of: 'pooler_output', wrt: [gather?.output?.[0] ?? ''] });
    expect(act).toThrow(/GatherND|Gather/);
  });

  test('operator sets before 13', () => {
    expect(failure({ ...through('Relu'), opset: 11 })).toMatchObject({ code: 'opset' });
  });

  test('a shape that is needed and not known', () => {
    const error = failure({
      nodes: [node('AveragePool', ['x'], ['y'], { kernel_shape: [2, 2] })],
      inputs: { x: [1, 1, 'h', 'w'] },
      outputs: ['y'],
    });
    expect(error.message).toContain('fix the input shapes');
    expect(error).toMatchObject({ op: 'AveragePool', node: 'the_AveragePool' });
  });
});

describe('the graph that is built', () => {
  const text = readModel(`${fixtureFolder}/text-script-17-batch-quick.onnx`);
  const unet = readModel(`${fixtureFolder}/unet-script-14-batch.onnx`);

  test('the model that was given is not changed', () => {
    const before = encodeModel(unet);
    buildVjp(unet, { of: 'out_sample', wrt: ['sample'], staticShapes: { sample: [1, 4, 8, 8] } });
    expect(Buffer.compare(encodeModel(unet), before)).toBe(0);
  });

  test('weights are not duplicated: the file grows by nodes only', () => {
    const half = readModel(`${fixtureFolder}/unet-script-17-batch-half.onnx`);
    for (const model of [unet, half]) {
      const bytes = (m: typeof unet) =>
        (m.proto.graph?.initializer ?? []).reduce((n, t) => n + (t.rawData?.byteLength ?? 0), 0);
      const vjp = buildVjp(model, { of: 'out_sample', wrt: ['sample', 'encoder_hidden_states'] });
      expect(bytes(vjp)).toBeLessThan(bytes(model) + 4096);
    }
  });

  test('inputs and outputs are the original’s, then the gradients', () => {
    const vjp = buildVjp(unet, { of: 'out_sample', wrt: ['encoder_hidden_states'] });
    const names = (list: { name?: string }[] | undefined) => list?.map((v) => v.name);
    expect(names(vjp.proto.graph?.input)).toEqual([
      'sample',
      'timestep',
      'encoder_hidden_states',
      'grad_out_sample',
    ]);
    expect(names(vjp.proto.graph?.output)).toEqual(['out_sample', 'grad_encoder_hidden_states']);
  });

  test('only what is needed is differentiated', () => {
    const count = (wrt: string[]) =>
      buildVjp(unet, { of: 'out_sample', wrt, keep: [] }).proto.graph?.node?.length ?? 0;
    expect(count(['encoder_hidden_states'])).toBeLessThan(
      count(['encoder_hidden_states', 'sample']),
    );
  });

  test('shape arithmetic is folded, with a free batch and without', () => {
    const shapes = (m: typeof text) =>
      m.proto.graph?.node?.filter((n) => n.opType === 'Shape').length ?? 0;
    expect(shapes(unet)).toBeGreaterThan(20);
    expect(shapes(simplify(unet))).toBeLessThan(3);
    const fixed = simplify(text, { input_ids: [2, 8] });
    expect(shapes(fixed)).toBe(0);
  });

  test('the answer survives writing and reading', () => {
    const vjp = buildVjp(text, { of: 'last_hidden_state', wrt: ['/tokens/Gather_output_0'] });
    const bytes = encodeModel(vjp);
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });
});
