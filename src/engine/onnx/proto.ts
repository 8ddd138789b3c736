/**
 * Types of the decoded ONNX messages, as protobufjs gives them: every field may be absent, 64-bit
 * integers are {@link Int64}. Names and numbers follow onnx/onnx.proto (IR version 3 to 13).
 *
 * A decoded message also carries the fields this schema does not know (`$unknowns`), so that
 * reading and writing a model loses nothing. Change messages in place, or copy them with
 * `copyMessage`: object spread would drop the unknown fields.
 */

/** A 64-bit integer: protobufjs' Long when read, a plain number may be written. */
export type Int64 =
  | number
  | { readonly low: number; readonly high: number; readonly unsigned: boolean };

export interface StringStringEntry {
  key?: string;
  value?: string;
}

export interface TensorProto {
  dims?: Int64[];
  dataType?: number;
  segment?: { begin?: Int64; end?: Int64 };
  floatData?: number[];
  int32Data?: number[];
  stringData?: Uint8Array[];
  int64Data?: Int64[];
  name?: string;
  docString?: string;
  rawData?: Uint8Array;
  externalData?: StringStringEntry[];
  /** 0 = in this message, 1 = in the file `externalData` names. */
  dataLocation?: number;
  doubleData?: number[];
  uint64Data?: Int64[];
  metadataProps?: StringStringEntry[];
}

export interface SparseTensorProto {
  values?: TensorProto;
  indices?: TensorProto;
  dims?: Int64[];
}

export interface Dimension {
  dimValue?: Int64;
  dimParam?: string;
  denotation?: string;
}

export interface TensorShapeProto {
  dim?: Dimension[];
}

export interface TypeProto {
  tensorType?: { elemType?: number; shape?: TensorShapeProto };
  sequenceType?: { elemType?: TypeProto };
  mapType?: { keyType?: number; valueType?: TypeProto };
  optionalType?: { elemType?: TypeProto };
  sparseTensorType?: { elemType?: number; shape?: TensorShapeProto };
  opaqueType?: { domain?: string; name?: string };
  denotation?: string;
}

export interface ValueInfoProto {
  name?: string;
  type?: TypeProto;
  docString?: string;
  metadataProps?: StringStringEntry[];
}

export interface AttributeProto {
  name?: string;
  refAttrName?: string;
  docString?: string;
  /** See {@link AttributeType}. */
  type?: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  sparseTensor?: SparseTensorProto;
  tp?: TypeProto;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  tensors?: TensorProto[];
  graphs?: GraphProto[];
  sparseTensors?: SparseTensorProto[];
  typeProtos?: TypeProto[];
}

/** Values of {@link AttributeProto.type}. */
export const AttributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

export interface NodeProto {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  domain?: string;
  overload?: string;
  attribute?: AttributeProto[];
  docString?: string;
  metadataProps?: StringStringEntry[];
}

export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  sparseInitializer?: SparseTensorProto[];
  docString?: string;
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
  valueInfo?: ValueInfoProto[];
  quantizationAnnotation?: {
    tensorName?: string;
    quantParameterTensorNames?: StringStringEntry[];
  }[];
  metadataProps?: StringStringEntry[];
}

export interface OperatorSetId {
  domain?: string;
  version?: Int64;
}

export interface FunctionProto {
  name?: string;
  input?: string[];
  output?: string[];
  attribute?: string[];
  attributeProto?: AttributeProto[];
  node?: NodeProto[];
  docString?: string;
  opsetImport?: OperatorSetId[];
  domain?: string;
  overload?: string;
  valueInfo?: ValueInfoProto[];
  metadataProps?: StringStringEntry[];
}

export interface ModelProto {
  irVersion?: Int64;
  opsetImport?: OperatorSetId[];
  producerName?: string;
  producerVersion?: string;
  domain?: string;
  modelVersion?: Int64;
  docString?: string;
  graph?: GraphProto;
  metadataProps?: StringStringEntry[];
  trainingInfo?: unknown[];
  functions?: FunctionProto[];
}

/** An {@link Int64} as a number; beyond ±2^53 the nearest double (INT64_MAX stays "very large"). */
export function toNumber(value: Int64 | undefined, fallback = 0): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number') return value;
  const low = value.low >>> 0;
  return (value.unsigned ? value.high >>> 0 : value.high) * 4294967296 + low;
}

/** An {@link Int64} as an exact bigint. */
export function toBigInt(value: Int64): bigint {
  if (typeof value === 'number') return BigInt(value);
  const high = BigInt(value.unsigned ? value.high >>> 0 : value.high);
  return (high << 32n) | BigInt(value.low >>> 0);
}

/** A bigint as the Long that protobufjs writes. */
export function fromBigInt(value: bigint, unsigned = false): Int64 {
  const low = Number(BigInt.asIntN(32, value));
  return { low, high: Number(BigInt.asIntN(32, value >> 32n)), unsigned };
}

/** A shallow copy of a decoded message that keeps the fields the schema does not know. */
export function copyMessage<T extends object>(message: T): T {
  const copy = Object.assign({}, message);
  const unknowns = (message as { $unknowns?: Uint8Array[] }).$unknowns;
  if (unknowns) Object.defineProperty(copy, '$unknowns', { value: unknowns });
  return copy;
}
