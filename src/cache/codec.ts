import { createHash } from 'node:crypto';

/**
 * Values made of JSON and typed arrays, as bytes that know whether they are whole:
 *
 *     "LKW1" | header length, uint32 LE | SHA-256 of the rest, 32 bytes | header | arrays
 *
 * The header is JSON in which each typed array stands as `{"$array": [type, offset, length]}`; the
 * arrays follow as raw little-endian bytes, each at a multiple of 8. Numbers survive bit for bit.
 */
export type Packable =
  | null
  | boolean
  | number
  | string
  | undefined
  | TypedArray
  | readonly Packable[]
  | { readonly [key: string]: Packable };

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | BigInt64Array;

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
} as const;

const magic = new TextEncoder().encode('LKW1');
const prefixLength = magic.length + 4 + 32;

/** The bytes are not what was written: cut short, changed, or of another format. */
export class CorruptRecordError extends Error {
  override readonly name = 'CorruptRecordError';
  readonly code = 'CACHE_CORRUPT';
}

/** @returns bytes from which `unpack` makes an equal value; equal values give equal bytes */
export function pack(value: Packable): Uint8Array {
  const arrays: { bytes: Uint8Array; offset: number }[] = [];
  let length = 0;
  const place = (array: TypedArray): unknown => {
    const offset = align(length);
    arrays.push({
      bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      offset,
    });
    length = offset + array.byteLength;
    return { $array: [typeOf(array), offset, array.length] };
  };
  const header = Buffer.from(JSON.stringify(toJson(value, place)));
  const start = align(prefixLength + header.length);
  const out = new Uint8Array(start + length);
  out.set(magic, 0);
  new DataView(out.buffer).setUint32(magic.length, header.length, true);
  out.set(header, prefixLength);
  for (const { bytes, offset } of arrays) out.set(bytes, start + offset);
  out.set(checksum(out), magic.length + 4);
  return out;
}

/**
 * @returns the value that `pack` was given
 * @throws CorruptRecordError when a single bit differs from what `pack` wrote
 */
export function unpack(bytes: Uint8Array): Packable {
  if (bytes.length < prefixLength || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new CorruptRecordError('not a record of this program, or one cut short');
  }
  const stored = bytes.subarray(magic.length + 4, prefixLength);
  if (Buffer.compare(stored, checksum(bytes)) !== 0) {
    throw new CorruptRecordError('checksum does not match: the record was changed or cut short');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(magic.length, true);
  const header = bytes.subarray(prefixLength, prefixLength + headerLength);
  const start = align(prefixLength + headerLength);
  return fromJson(JSON.parse(new TextDecoder().decode(header)), (type, offset, length) => {
    const Kind = arrayTypes[type];
    const from = start + offset;
    // A copy: the source may be a slice that is not aligned to the element's size.
    const copy = bytes.slice(from, from + length * Kind.BYTES_PER_ELEMENT);
    return new Kind(copy.buffer);
  });
}

function toJson(value: Packable, place: (array: TypedArray) => unknown): unknown {
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (value === null || typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return place(value as TypedArray);
  if (Array.isArray(value)) return value.map((item) => toJson(item ?? null, place));
  return Object.fromEntries(
    Object.entries(value as Record<string, Packable>)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => {
        if (key.startsWith('$')) throw new TypeError(`a key may not start with "$": ${key}`);
        return [key, toJson(item, place)];
      }),
  );
}

type Find = (type: keyof typeof arrayTypes, offset: number, length: number) => TypedArray;

function fromJson(value: unknown, find: Find): Packable {
  if (value === null || typeof value !== 'object') return value as Packable;
  if (Array.isArray(value)) return value.map((item) => fromJson(item, find));
  const record = value as Record<string, unknown>;
  if (record.$number !== undefined) return Number(record.$number);
  if (record.$array !== undefined) return find(...(record.$array as Parameters<Find>));
  return Object.fromEntries(
    Object.entries(record).map(([key, item]) => [key, fromJson(item, find)]),
  );
}

function typeOf(array: TypedArray): keyof typeof arrayTypes {
  for (const [name, kind] of Object.entries(arrayTypes)) {
    if (array instanceof kind) return name as keyof typeof arrayTypes;
  }
  throw new TypeError(`cannot pack a ${Object.getPrototypeOf(array).constructor.name}`);
}

/** Of everything but itself, the length field included. */
function checksum(record: Uint8Array): Buffer {
  return createHash('sha256')
    .update(record.subarray(0, magic.length + 4))
    .update(record.subarray(prefixLength))
    .digest();
}

function align(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
