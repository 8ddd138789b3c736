import { type TypeProto, toNumber, type ValueInfoProto } from './proto.ts';
import { DTYPES, type DType, dtypeOfCode } from './tensor.ts';

/** A graph input or output. A dimension is a size, or the name of one that is free. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly (number | string)[];
}

/** Dims of a type, or undefined where even the rank is unknown or it is no tensor. */
export function dimsOfType(type: TypeProto | undefined): (number | string)[] | undefined {
  return type?.tensorType?.shape?.dim === undefined && type?.tensorType?.shape === undefined
    ? undefined
    : (type.tensorType.shape.dim ?? []).map((d) =>
        d.dimValue !== undefined ? toNumber(d.dimValue) : (d.dimParam ?? '?'),
      );
}

/** Element type of a type, or undefined for sequences, maps and unsupported elements. */
export function dtypeOfType(type: TypeProto | undefined): DType | undefined {
  return dtypeOfCode(type?.tensorType?.elemType ?? 0);
}

/** A ValueInfoProto; a string dimension is a free one. Without `dims` the rank is left open. */
export function valueInfoProto(
  name: string,
  dtype: DType,
  dims?: readonly (number | string)[],
): ValueInfoProto {
  const shape = dims && {
    dim: dims.map((d) =>
      typeof d === 'number' ? { dimValue: d } : d === '?' ? {} : { dimParam: d },
    ),
  };
  return { name, type: { tensorType: { elemType: DTYPES[dtype].code, ...(shape && { shape }) } } };
}
