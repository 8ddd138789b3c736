import { buildVjp } from '../../../src/engine/autodiff/index.ts';
import {
  type AttributeProto,
  AttributeType,
  createSession,
  type DType,
  type NodeProto,
  type OnnxModel,
  type Session,
  sizeOf,
  type Tensor,
  tensorOf,
  tensorToProto,
  valueInfoProto,
} from '../../../src/engine/onnx/index.ts';

/** An attribute: numbers are ints, `{ f }` a float, `{ t }` a tensor. */
export type Attribute = number | number[] | string | { f: number } | { t: Tensor };

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (Array.isArray(value)) return { name, type: AttributeType.ints, ints: value };
  if (typeof value === 'string') {
    return { name, type: AttributeType.string, s: Buffer.from(value) };
  }
  if ('f' in value) return { name, type: AttributeType.float, f: value.f };
  return { name, type: AttributeType.tensor, t: tensorToProto('', value.t) };
}

export function node(
  opType: string,
  input: string[],
  output: string[],
  attributes: Record<string, Attribute> = {},
): NodeProto {
  const attributeList = Object.entries(attributes).map(([k, v]) => attribute(k, v));
  return { opType, name: `the_${opType}`, input, output, attribute: attributeList };
}

export interface GraphSpec {
  nodes: NodeProto[];
  /** Dims of float inputs; a string is a free dimension. */
  inputs: Record<string, (number | string)[]>;
  constants?: Record<string, Tensor>;
  outputs: string[];
  opset?: number;
  dtype?: DType;
}

export function makeModel(spec: GraphSpec): OnnxModel {
  const dtype = spec.dtype ?? 'float64';
  return {
    dir: null,
    proto: {
      irVersion: 8,
      opsetImport: [{ domain: '', version: spec.opset ?? 18 }],
      graph: {
        name: 'test',
        node: spec.nodes,
        input: Object.entries(spec.inputs).map(([n, dims]) => valueInfoProto(n, dtype, dims)),
        output: spec.outputs.map((n) => valueInfoProto(n, dtype)),
        initializer: Object.entries(spec.constants ?? {}).map(([n, t]) => tensorToProto(n, t)),
      },
    },
  };
}

/** Uniform numbers in [low, high) from a seed. */
export function random(seed: number, low = -1, high = 1): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 4294967296;
  };
}

export function randomTensor(dtype: DType, dims: readonly number[], next: () => number): Tensor {
  return tensorOf(dtype, dims, Array.from({ length: sizeOf(dims) }, next));
}

export function dot(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Number(a.data[i]) * Number(b.data[i]);
  return sum;
}

function shifted(x: Tensor, step: number, direction: Tensor): Tensor {
  const values = Array.from(x.data as ArrayLike<number>, (v, i) => {
    return v + step * Number(direction.data[i]);
  });
  return tensorOf(x.dtype, x.dims, values);
}

export interface Check {
  /** Worst relative difference between g·(J v), by central differences, and (g J)·v. */
  error: number;
  dtype: DType;
}

/**
 * Compares a VJP with central differences along random directions, for every `wrt` by itself.
 * float64 where ONNX Runtime's CPU kernels have it, else float32 with a step to fit.
 */
export async function checkGradient(
  specOf: (dtype: DType) => GraphSpec,
  feedsOf: (dtype: DType) => Record<string, Tensor>,
  options: { wrt?: string[]; of?: string; linear?: boolean; single?: boolean } = {},
): Promise<Check> {
  for (const dtype of ['float64', 'float32'] as const) {
    if (options.single && dtype === 'float64') continue;
    const model = makeModel({ ...specOf(dtype), dtype });
    const feeds = feedsOf(dtype);
    const wrt = options.wrt ?? Object.keys(feeds);
    const of = options.of ?? (model.proto.graph?.output?.[0]?.name as string);
    const vjp = buildVjp(model, { of, wrt });
    let forward: Session;
    try {
      forward = await createSession(model, { threads: 1 });
    } catch (error) {
      if (dtype === 'float64') continue;
      throw error;
    }
    const backward = await createSession(vjp, { threads: 1 });
    const y = (await forward.run(feeds))[of] as Tensor;
    const next = random(7);
    const g = randomTensor(dtype, y.dims, next);
    const results = await backward.run({ ...feeds, [`grad_${of}`]: g });
    // A linear function's difference has no truncation error: the larger the step, the better.
    const step = options.linear ? 1 : dtype === 'float64' ? 1e-5 : 2e-3;
    let error = 0;
    for (const name of wrt) {
      const x = feeds[name] as Tensor;
      const gradient = results[`grad_${name}`] as Tensor;
      if (gradient.dims.join() !== x.dims.join()) throw new Error(`grad_${name} has another shape`);
      for (let k = 0; k < 4; k++) {
        const v = randomTensor(dtype, x.dims, next);
        const at = async (sign: number) => {
          const moved = { ...feeds, [name]: shifted(x, sign * step, v) };
          return dot(g, (await forward.run(moved))[of] as Tensor);
        };
        const numeric = ((await at(1)) - (await at(-1))) / (2 * step);
        const scale = Math.sqrt(dot(g, g) * dot(v, v)) * 0.1;
        const size = Math.max(Math.abs(numeric), scale, 1e-3);
        error = Math.max(error, Math.abs(numeric - dot(gradient, v)) / size);
      }
    }
    await forward.release();
    await backward.release();
    return { error, dtype };
  }
  throw new Error('unreachable');
}

/** What float64 and float32 differences can promise. */
export function tolerance(dtype: DType, linear = false): number {
  if (dtype === 'float64') return 1e-6;
  return linear ? 2e-5 : 5e-3;
}
