import { readFileSync } from 'node:fs';
import { decodeModel, encodeModel } from '../../../src/engine/onnx/index.ts';

/** A graph with its larger weights moved to another file, as exporters do it. */
export function withExternalData(path: string, location: string): { graph: Buffer; data: Buffer } {
  const model = decodeModel(readFileSync(path));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.proto.graph?.initializer ?? []) {
    const raw = tensor.rawData;
    if (!raw || raw.length < 64) continue;
    tensor.externalData = Object.entries({ location, offset, length: raw.length }).map(
      ([key, value]) => ({ key, value: String(value) }),
    );
    tensor.dataLocation = 1;
    delete tensor.rawData;
    parts.push(raw);
    offset += raw.length;
  }
  return { graph: Buffer.from(encodeModel(model)), data: Buffer.concat(parts) };
}
