import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  copyMessage,
  decodeModel,
  dtypeOfType,
  isOnnxError,
  OnnxError,
  type OnnxModel,
  readModel,
  readSkeleton,
  type TensorProto,
} from '../onnx/index.ts';
import { graphOf, withGraph } from './graph.ts';
import { toFloat16, toFloat32 } from './precision/index.ts';

/** Smaller tensors stay in the graph: rules and the runtime's shape inference read them. */
const leastBytes = 1024;

/** A part's graph with float32 inputs, outputs and arithmetic, whatever the file has. */
export function readPart(path: string): OnnxModel {
  return toFloat32(readModel(path));
}

/**
 * The same, its large weights left where they are: those inside of the file become references to
 * their place in it, as if the file were its own external data.
 */
export function readLight(path: string): OnnxModel {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return readPart(path);
  }
  let model: OnnxModel;
  try {
    model = decodeModel(bytes, resolve(dirname(path)));
  } catch (cause) {
    const why = isOnnxError(cause) ? cause.message : String(cause);
    throw new OnnxError('not-onnx', `"${path}": ${why}`, { cause });
  }
  const initializer = (graphOf(model).initializer ?? []).map((t) => inFile(t, bytes));
  return toFloat32(withGraph(model, { initializer }));
}

/** Decoded bytes are views of the file's: where one begins is where it lies in the file. */
function inFile(tensor: TensorProto, file: Buffer): TensorProto {
  const raw = tensor.rawData;
  if (!raw || raw.buffer !== file.buffer) return tensor;
  const external = copyMessage(tensor);
  if (raw.byteLength < leastBytes) {
    // A copy: a view would keep the whole file in memory.
    external.rawData = raw.slice();
    return external;
  }
  delete external.rawData;
  external.dataLocation = 1;
  external.externalData = [
    { key: 'location', value: 'model.onnx' },
    { key: 'offset', value: String(raw.byteOffset - file.byteOffset) },
    { key: 'length', value: String(raw.byteLength) },
  ];
  return external;
}

/**
 * What a session of the forward pass opens: the file itself where that will do, since the runtime maps
 * it into memory.
 * @param half compute in float16
 */
export function sourceOf(path: string, half: boolean): string | OnnxModel {
  if (half) return toFloat16(readPart(path));
  const graph = graphOf(readSkeleton(path));
  const ends = [...(graph.input ?? []), ...(graph.output ?? [])];
  return ends.some(({ type }) => dtypeOfType(type) === 'float16') ? readPart(path) : path;
}
