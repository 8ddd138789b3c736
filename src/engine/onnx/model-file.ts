import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { OnnxError } from './errors.ts';
import { externalDataOf, isExternal } from './initializer.ts';
import {
  type AttributeProto,
  copyMessage,
  type GraphProto,
  type ModelProto,
  type TensorProto,
} from './proto.ts';
import { decodeModelProto, encodeModelProto } from './schema.ts';

/** A decoded model and the folder its external data is relative to (null: it was never a file). */
export interface OnnxModel {
  proto: ModelProto;
  dir: string | null;
}

/** protobuf's own limit on one message. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Decodes a model from memory.
 * @param dir folder that external data is relative to.
 * @throws OnnxError `not-onnx`.
 */
export function decodeModel(bytes: Uint8Array, dir: string | null = null): OnnxModel {
  let proto: ModelProto;
  try {
    proto = decodeModelProto(bytes);
  } catch (cause) {
    throw new OnnxError('not-onnx', 'not an ONNX model: the bytes are no ModelProto', { cause });
  }
  if (!proto.graph?.node?.length || !proto.opsetImport?.length) {
    throw new OnnxError('not-onnx', 'not an ONNX model: it has no graph or no operator set');
  }
  return { proto, dir };
}

/**
 * Reads a model file. External data (`weights.pb`, `model.onnx_data`) stays where it is.
 * @throws OnnxError `not-found` or `not-onnx`, naming the path.
 */
export function readModel(path: string): OnnxModel {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const what = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : `${code}`;
    throw new OnnxError(
      'not-found',
      `cannot read "${path}": ${what}; give the path of a .onnx file`,
      {
        cause,
      },
    );
  }
  try {
    return decodeModel(bytes, resolve(dirname(path)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError('not-onnx', `"${path}": ${why}`, { cause });
  }
}

/** The serialised model; external data is still only referred to, relative to `model.dir`. */
export function encodeModel(model: OnnxModel): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = encodeModelProto(model.proto);
  } catch (cause) {
    throw new OnnxError('too-large', 'the model cannot be serialised; is it over 2 GB?', { cause });
  }
  if (bytes.byteLength > MAX_BYTES) {
    throw new OnnxError('too-large', 'the model is over 2 GB: keep its weights in external data');
  }
  return bytes;
}

/** Every tensor of a graph that lies in another file, those of subgraphs included. */
export function externalTensors(graph: GraphProto): TensorProto[] {
  const found = (graph.initializer ?? []).filter(isExternal);
  for (const node of graph.node ?? []) {
    for (const attribute of node.attribute ?? []) {
      if (attribute.t && isExternal(attribute.t)) found.push(attribute.t);
      for (const t of attribute.tensors ?? []) if (isExternal(t)) found.push(t);
      if (attribute.g) found.push(...externalTensors(attribute.g));
      for (const g of attribute.graphs ?? []) found.push(...externalTensors(g));
    }
  }
  return found;
}

function sameFile(a: string, b: string): boolean {
  const [x, y] = [statSync(a), statSync(b)];
  return x.ino === y.ino && x.dev === y.dev;
}

/**
 * Makes a weights file reachable from `dir` and returns its location relative to it. ONNX Runtime
 * follows no path and no symbolic link out of the model's folder, so a file elsewhere gets a hard
 * link (no space), or where the file system has none, a copy.
 */
function bringInto(dir: string, source: string): string {
  const inside = relative(dir, source);
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside.split(sep).join('/');
  if (!existsSync(source)) {
    throw new OnnxError('external-data', `weights file "${source}" is missing: put it back`);
  }
  const extension = extname(source);
  const stem = basename(source, extension);
  for (let n = 0; ; n++) {
    const name = n === 0 ? `${stem}${extension}` : `${stem}-${n}${extension}`;
    const target = join(dir, name);
    if (existsSync(target)) {
      if (sameFile(target, source)) return name;
      continue;
    }
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target, constants.COPYFILE_FICLONE);
    }
    return name;
  }
}

type Locations = ReadonlyMap<string, string>;

function relocateTensor(proto: TensorProto, locations: Locations): TensorProto {
  if (!isExternal(proto)) return proto;
  const copy = copyMessage(proto);
  copy.externalData = (proto.externalData ?? []).map((entry) =>
    entry.key === 'location'
      ? { key: 'location', value: locations.get(entry.value ?? '') ?? entry.value ?? '' }
      : entry,
  );
  return copy;
}

function relocateAttribute(attribute: AttributeProto, locations: Locations): AttributeProto {
  const copy = copyMessage(attribute);
  if (copy.t) copy.t = relocateTensor(copy.t, locations);
  if (copy.g) copy.g = relocateGraph(copy.g, locations);
  if (copy.tensors) copy.tensors = copy.tensors.map((t) => relocateTensor(t, locations));
  if (copy.graphs) copy.graphs = copy.graphs.map((g) => relocateGraph(g, locations));
  return copy;
}

function relocateGraph(graph: GraphProto, locations: Locations): GraphProto {
  const copy = copyMessage(graph);
  copy.initializer = (graph.initializer ?? []).map((t) => relocateTensor(t, locations));
  copy.node = (graph.node ?? []).map((node) => {
    if (!node.attribute?.some((a) => a.t || a.g || a.tensors?.length || a.graphs?.length)) {
      return node;
    }
    const changed = copyMessage(node);
    changed.attribute = node.attribute.map((a) => relocateAttribute(a, locations));
    return changed;
  });
  return copy;
}

/** The model as it must be to lie in `dir`: the same, or a copy with other external locations. */
function relocateModel(model: OnnxModel, dir: string): OnnxModel {
  const from = model.dir;
  const external = externalTensors(model.proto.graph ?? {});
  if (external.length === 0 || from === null || from === dir) return model;
  const locations = new Map<string, string>();
  for (const tensor of external) {
    const { location } = externalDataOf(tensor);
    if (!locations.has(location)) {
      locations.set(location, bringInto(dir, resolve(from, location)));
    }
  }
  const proto = copyMessage(model.proto);
  proto.graph = relocateGraph(proto.graph ?? {}, locations);
  return { proto, dir };
}

/**
 * Writes a model to `path`: under another name first, then renamed, so that no half-written file
 * is ever seen. Its external data is still found: see {@link bringInto}. `model` is not changed.
 * @throws OnnxError `not-found` where the folder does not exist, `external-data` where a weights
 *   file is missing, `too-large` above 2 GB.
 */
export function writeModel(model: OnnxModel, path: string): void {
  const dir = resolve(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  if (!existsSync(dir)) {
    throw new OnnxError('not-found', `cannot write "${path}": make the folder "${dir}" first`);
  }
  try {
    writeFileSync(temporary, encodeModel(relocateModel(model, dir)));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
