import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../src/engine/autodiff/index.ts';
import {
  type OnnxModel,
  readModel,
  sizeOf,
  type Tensor,
  tensorOf,
  valueInfoProto,
} from '../../../src/engine/onnx/index.ts';
import { relativeError, runOnce, unpack } from './helpers.ts';

/**
 * The embedded model against the gradients that PyTorch computed from the same weights
 * (training/fixtures/record_avatars.py). Inputs and cotangents are waves, sin(rate index).
 */
const folder = process.env.LIKEWISE_GRADIENTS_OF ?? 'models/avatars';
const recorded = process.env.LIKEWISE_GRADIENTS ?? 'test/fixtures/avatars/gradients.json';

interface Wave {
  dims: number[];
  wave?: number;
  scale?: number;
  dtype?: string;
  data?: string;
}

interface Part {
  of: string;
  inputs: Record<string, Wave>;
  cotangent: Wave;
  gradients: Record<string, { dtype: string; dims: number[]; data: string }>;
  inner?: string;
}

function expand(value: Wave): Tensor {
  const { dims, wave, scale = 1, dtype, data } = value;
  if (dtype !== undefined && data !== undefined) return unpack({ v: { dtype, dims, data } }).v!;
  const single = Math.fround(scale);
  const values = Array.from({ length: sizeOf(dims) }, (_, i) => {
    return single * Math.fround(Math.sin((wave ?? 0) * i));
  });
  return tensorOf('float32', dims, values);
}

/** The text encoder with its token embeddings as an input in place of what makes them. */
function openAt(model: OnnxModel, value: string, dims: (number | string)[]): OnnxModel {
  const graph = model.proto.graph!;
  return {
    dir: model.dir,
    proto: {
      ...model.proto,
      graph: {
        ...graph,
        node: graph.node?.filter((n) => !n.output?.includes(value)) ?? [],
        input: [valueInfoProto(value, 'float32', dims)],
        output: graph.output?.filter((o) => o.name === 'last_hidden_state') ?? [],
      },
    },
  };
}

const parts: Record<string, Part> = JSON.parse(readFileSync(recorded, 'utf8'));

describe('the embedded model agrees with PyTorch', () => {
  test.each(Object.keys(parts))('%s', async (name) => {
    const { of, inputs, cotangent, gradients, inner } = parts[name]!;
    const own = (value: string) => (value === 'embeddings' && inner ? inner : value);
    let model = readModel(`${folder}/${name}/model.onnx`);
    if (inner) model = openAt(model, inner, ['batch', 16, 128]);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([k, v]) => [own(k), expand(v)]));
    const wrt = Object.keys(gradients).map(own);
    const vjp = buildVjp(model, { of, wrt, keep: [of] });
    const results = await runOnce(vjp, { ...feeds, [`grad_${of}`]: expand(cotangent) });
    for (const [value, gradient] of Object.entries(unpack(gradients))) {
      expect(relativeError(results[`grad_${own(value)}`], gradient), value).toBeLessThan(1e-4);
    }
  });
});
