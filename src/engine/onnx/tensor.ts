import { OnnxError } from './errors.ts';

/** The array that holds each element type. bool: 0 or 1 a byte. float16: IEEE half precision. */
export interface DTypeArrays {
  float32: Float32Array;
  float64: Float64Array;
  float16: Float16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
}

/** Element types that tensors of this project can have (no strings, no 4- and 8-bit floats). */
export type DType = keyof DTypeArrays;

export type TensorData = DTypeArrays[DType];

/** A dense tensor in row-major order; `data.length` is the product of `dims` (1 for a scalar). */
export interface Tensor<T extends DType = DType> {
  readonly dtype: T;
  readonly dims: readonly number[];
  readonly data: DTypeArrays[T];
}

interface DTypeInfo {
  /** TensorProto.DataType */
  readonly code: number;
  readonly bytes: number;
  readonly array: new (
    source: ArrayBuffer | number,
    offset?: number,
    length?: number,
  ) => TensorData;
}

/** Element types by name: ONNX code, bytes an element, typed array. */
export const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  float32: { code: 1, bytes: 4, array: Float32Array },
  uint8: { code: 2, bytes: 1, array: Uint8Array },
  int8: { code: 3, bytes: 1, array: Int8Array },
  uint16: { code: 4, bytes: 2, array: Uint16Array },
  int16: { code: 5, bytes: 2, array: Int16Array },
  int32: { code: 6, bytes: 4, array: Int32Array },
  int64: { code: 7, bytes: 8, array: BigInt64Array },
  bool: { code: 9, bytes: 1, array: Uint8Array },
  float16: { code: 10, bytes: 2, array: Float16Array },
  float64: { code: 11, bytes: 8, array: Float64Array },
  uint32: { code: 12, bytes: 4, array: Uint32Array },
  uint64: { code: 13, bytes: 8, array: BigUint64Array },
};

/** The element type of an ONNX code, or undefined for one this project has no array for. */
export function dtypeOfCode(code: number): DType | undefined {
  for (const [name, info] of Object.entries(DTYPES)) if (info.code === code) return name as DType;
  return undefined;
}

/** Number of elements of a shape; 1 for []. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * A tensor around `data` (not copied).
 * @throws OnnxError `dtype` where the length does not fit the shape.
 */
export function tensor<T extends DType>(
  dtype: T,
  dims: readonly number[],
  data: DTypeArrays[T],
): Tensor<T> {
  if (data.length !== sizeOf(dims)) {
    throw new OnnxError(
      'dtype',
      `a tensor of shape [${dims}] has ${sizeOf(dims)} elements, but the data has ${data.length}`,
    );
  }
  return { dtype, dims, data };
}

/** A tensor of zeros. */
export function zeros<T extends DType>(dtype: T, dims: readonly number[]): Tensor<T> {
  return { dtype, dims, data: new DTYPES[dtype].array(sizeOf(dims)) as DTypeArrays[T] };
}

/** A tensor whose elements are the given numbers, rounded to the type. */
export function tensorOf<T extends DType>(
  dtype: T,
  dims: readonly number[],
  values: Iterable<number>,
): Tensor<T> {
  const out = zeros(dtype, dims);
  const wide = dtype === 'int64' || dtype === 'uint64';
  let i = 0;
  for (const value of values) {
    (out.data as { [i: number]: number | bigint })[i++] = wide ? BigInt(value) : value;
  }
  if (i !== out.data.length) {
    throw new OnnxError('dtype', `shape [${dims}] needs ${out.data.length} values, got ${i}`);
  }
  return out;
}

/** The elements as numbers (64-bit integers lose what a double cannot hold). */
export function numbersOf(value: Tensor): number[] {
  return Array.from(value.data as ArrayLike<number | bigint>, Number);
}
