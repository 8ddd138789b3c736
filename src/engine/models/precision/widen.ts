import {
  type AttributeProto,
  copyMessage,
  dimsOf,
  numbersOf,
  sizeOf,
  type TensorProto,
  type TypeProto,
  tensorFromProto,
  tensorOf,
  tensorToProto,
  toNumber,
  type ValueInfoProto,
} from '../../onnx/index.ts';
import { FLOAT, HALF } from './names.ts';

/** Attributes whose integer is an element type. */
const TYPE_ATTRIBUTES = [
  'to',
  'dtype',
  'output_dtype',
  'output_datatype',
  'stash_type',
  'softmax_precision',
];

/**
 * Up to this size a float16 tensor becomes a float32 one: gradient rules and pattern matching look
 * at the values of constants such as an exponent or a unit scale, and see none behind a Cast.
 */
const SMALL = 1024;

export function isHalf(tensor: TensorProto): boolean {
  return tensor.dataType === HALF;
}

/** True for a tensor whose bytes should not be stored again in twice the size. */
export function isLarge(tensor: TensorProto): boolean {
  return sizeOf(dimsOf(tensor)) > SMALL;
}

/** The same values as float32, inline. Every float16 is a float32. */
export function widenTensor(tensor: TensorProto, dir: string | null): TensorProto {
  const value = tensorFromProto(tensor, dir);
  return tensorToProto(tensor.name ?? '', tensorOf('float32', value.dims, numbersOf(value)));
}

/** An attribute without float16 in it; the same object where there is none. */
export function widenAttribute(attribute: AttributeProto, dir: string | null): AttributeProto {
  const { name = '', i, t, tensors } = attribute;
  const change = (fields: Partial<AttributeProto>) => Object.assign(copyMessage(attribute), fields);
  if (TYPE_ATTRIBUTES.includes(name) && i !== undefined && toNumber(i) === HALF) {
    return change({ i: FLOAT });
  }
  if (t && isHalf(t)) return change({ t: widenTensor(t, dir) });
  if (tensors?.some(isHalf)) {
    return change({ tensors: tensors.map((x) => (isHalf(x) ? widenTensor(x, dir) : x)) });
  }
  return attribute;
}

function widenType(type: TypeProto): TypeProto {
  const { tensorType, sequenceType, optionalType } = type;
  const change = (fields: Partial<TypeProto>) => Object.assign(copyMessage(type), fields);
  if (tensorType?.elemType === HALF) {
    return change({ tensorType: Object.assign(copyMessage(tensorType), { elemType: FLOAT }) });
  }
  for (const [key, inner] of [
    ['sequenceType', sequenceType],
    ['optionalType', optionalType],
  ] as const) {
    const elemType = inner?.elemType && widenType(inner.elemType);
    if (inner && elemType && elemType !== inner.elemType) {
      return change({ [key]: Object.assign(copyMessage(inner), { elemType }) });
    }
  }
  return type;
}

/** A declared value without float16 in its type; the same object where there is none. */
export function widenInfo(info: ValueInfoProto): ValueInfoProto {
  const type = info.type && widenType(info.type);
  return type && type !== info.type ? Object.assign(copyMessage(info), { type }) : info;
}
