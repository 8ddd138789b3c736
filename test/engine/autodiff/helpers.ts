import { readFileSync } from 'node:fs';
import {
  createSession,
  DTYPES,
  type DType,
  type OnnxModel,
  readModel,
  type Tensor,
  tensorFromProto,
} from '../../../src/engine/onnx/index.ts';

/** Tensors as the fixtures' JSON has them. */
type Packed = Record<string, { dtype: string; dims: number[]; data: string }>;

export interface Fixture {
  name: string;
  model: OnnxModel;
  inputs: Record<string, Tensor>;
  cotangents: Record<string, Tensor>;
  outputs: Record<string, Tensor>;
  gradients: Record<string, Tensor>;
}

export function unpack(packed: Packed): Record<string, Tensor> {
  const entries = Object.entries(packed).map(([name, { dtype, dims, data }]) => {
    const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
    const array = new DTYPES[dtype as DType].array(bytes.buffer);
    return [name, { dtype: dtype as DType, dims, data: array }] as const;
  });
  return Object.fromEntries(entries);
}

export const fixtureFolder = 'test/fixtures/autodiff';

export function loadFixture(name: string): Fixture {
  const record = JSON.parse(readFileSync(`${fixtureFolder}/${name}.json`, 'utf8'));
  return {
    name,
    model: readModel(`${fixtureFolder}/${name}.onnx`),
    inputs: unpack(record.inputs),
    cotangents: unpack(record.cotangents),
    outputs: unpack(record.outputs),
    gradients: unpack(record.gradients),
  };
}

/** |a - b| / |b| in the Euclidean norm. */
export function relativeError(a: Tensor | undefined, b: Tensor | undefined): number {
  if (!a || !b || a.dims.join() !== b.dims.join()) {
    throw new Error(`shapes differ: [${a?.dims}] and [${b?.dims}]`);
  }
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.data.length; i++) {
    const [x, y] = [Number(a.data[i]), Number(b.data[i])];
    difference += (x - y) ** 2;
    size += y ** 2;
  }
  return Math.sqrt(difference / size);
}

/** One run of a model on one thread. */
export async function runOnce(
  model: OnnxModel,
  feeds: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const session = await createSession(model, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** The output of the Gather that reads a table of `width` columns by token ids. */
export function tokenEmbeddings(model: OnnxModel): string {
  const graph = model.proto.graph;
  for (const node of graph?.node ?? []) {
    const table = graph?.initializer?.find((t) => t.name === node.input?.[0]);
    if (node.opType !== 'Gather' || table?.dims?.length !== 2) continue;
    if (tensorFromProto(table, null).dtype === 'float32') return node.output?.[0] ?? '';
  }
  throw new Error('no token table');
}
