import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { OnnxError } from './errors.ts';
import { fromBigInt, type Int64, type TensorProto, toBigInt, toNumber } from './proto.ts';
import { DTYPES, type DType, dtypeOfCode, sizeOf, type Tensor, type TensorData } from './tensor.ts';

/** Where the bytes of an external tensor lie. `length` is absent for "to the end of the tensor". */
export interface ExternalData {
  location: string;
  offset: number;
  length: number | undefined;
}

/** True where the tensor's bytes are in another file. */
export function isExternal(proto: TensorProto): boolean {
  return proto.dataLocation === 1;
}

/** The file, offset and length that an external tensor names. */
export function externalDataOf(proto: TensorProto): ExternalData {
  const entry = (key: string) => proto.externalData?.find((e) => e.key === key)?.value;
  const location = entry('location');
  if (location === undefined) {
    throw new OnnxError('external-data', `tensor "${proto.name}" names no external file`);
  }
  const length = entry('length');
  return {
    location,
    offset: Number(entry('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

function readExternal(proto: TensorProto, bytes: number, dir: string | null): Uint8Array {
  const { location, offset, length } = externalDataOf(proto);
  if (dir === null) {
    throw new OnnxError(
      'external-data',
      `tensor "${proto.name}" is in "${location}", but the model was not read from a folder`,
    );
  }
  if (length !== undefined && length !== bytes) {
    throw new OnnxError(
      'external-data',
      `tensor "${proto.name}" needs ${bytes} bytes, but says it has ${length} in "${location}"`,
    );
  }
  const path = resolve(dir, location);
  const out = new Uint8Array(bytes);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new OnnxError(
      'external-data',
      `weights file "${path}" is missing: copy it beside the model`,
      { cause },
    );
  }
  try {
    let done = 0;
    while (done < bytes) {
      const got = readSync(file, out, done, Math.min(bytes - done, 1 << 30), offset + done);
      if (got === 0) {
        throw new OnnxError('external-data', `weights file "${path}" is cut short: copy it again`);
      }
      done += got;
    }
  } finally {
    closeSync(file);
  }
  return out;
}

function fromRaw(dtype: DType, dims: number[], raw: Uint8Array, name: string): Tensor {
  const { bytes, array } = DTYPES[dtype];
  const size = sizeOf(dims);
  if (raw.byteLength !== size * bytes) {
    throw new OnnxError(
      'not-onnx',
      `tensor "${name}" of shape [${dims}] needs ${size * bytes} bytes, but has ${raw.byteLength}`,
    );
  }
  // A copy: views into the file are seldom aligned.
  const copy = new ArrayBuffer(raw.byteLength);
  new Uint8Array(copy).set(raw);
  return { dtype, dims, data: new array(copy) };
}

function fromFields(dtype: DType, dims: number[], proto: TensorProto): Tensor {
  const data = new DTYPES[dtype].array(sizeOf(dims));
  const put = (values: ArrayLike<number | bigint> | undefined, into: TensorData = data) => {
    if ((values?.length ?? 0) !== into.length) {
      throw new OnnxError(
        'not-onnx',
        `tensor "${proto.name}" of shape [${dims}] has ${values?.length ?? 0} elements`,
      );
    }
    into.set(values as never);
  };
  if (dtype === 'float32') put(proto.floatData);
  else if (dtype === 'float64') put(proto.doubleData);
  else if (dtype === 'int64') put((proto.int64Data ?? []).map(toBigInt));
  else if (dtype === 'uint64') put((proto.uint64Data ?? []).map(toBigInt));
  else if (dtype === 'uint32') put((proto.uint64Data ?? []).map((v) => toNumber(v)));
  else if (dtype === 'float16') put(proto.int32Data, new Uint16Array(data.buffer));
  else put(proto.int32Data);
  return { dtype, dims, data };
}

/** The dims of a TensorProto. */
export function dimsOf(proto: TensorProto): number[] {
  return (proto.dims ?? []).map((d) => toNumber(d));
}

/**
 * The values of an initializer or Constant.
 * @param dir folder of the model's file, for external data; null where there is none.
 * @throws OnnxError `dtype` for element types without a typed array (strings, bfloat16, float8, …),
 *   `external-data` for a missing or short weights file, `not-onnx` where sizes disagree.
 */
export function tensorFromProto(proto: TensorProto, dir: string | null): Tensor {
  const dtype = dtypeOfCode(proto.dataType ?? 0);
  if (dtype === undefined) {
    throw new OnnxError(
      'dtype',
      `tensor "${proto.name}" has element type ${proto.dataType}, which is not supported`,
    );
  }
  const dims = dimsOf(proto);
  const name = proto.name ?? '';
  if (isExternal(proto)) {
    return fromRaw(dtype, dims, readExternal(proto, sizeOf(dims) * DTYPES[dtype].bytes, dir), name);
  }
  if (proto.rawData !== undefined) return fromRaw(dtype, dims, proto.rawData, name);
  return fromFields(dtype, dims, proto);
}

/** An initializer with the tensor's bytes (shared, not copied) as raw data. */
export function tensorToProto(name: string, value: Tensor): TensorProto {
  const { buffer, byteOffset, byteLength } = value.data;
  return {
    name,
    dims: value.dims.map((d): Int64 => (Number.isSafeInteger(d) ? d : fromBigInt(BigInt(d)))),
    dataType: DTYPES[value.dtype].code,
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  };
}
