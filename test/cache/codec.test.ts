import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CorruptRecordError, pack, unpack } from '../../src/cache/index.ts';

const value = {
  name: 'tokens',
  list: [1, -0, 0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, null, true],
  nested: { bytes: Uint8Array.of(1, 2, 3), empty: new Float32Array(0) },
  single: Float32Array.of(1.5, Number.NaN, -0),
  double: Float64Array.of(Math.PI, Number.NEGATIVE_INFINITY),
  whole: BigInt64Array.of(-1n, 2n ** 62n),
};

it('gives back what it was given, bit for bit', () => {
  expect(unpack(pack(value))).toEqual(value);
  expect(pack(unpack(pack(value)))).toEqual(pack(value));
});

it('reads a record at an odd address', () => {
  const packed = pack(value);
  const shifted = new Uint8Array(packed.length + 3);
  shifted.set(packed, 3);
  expect(unpack(shifted.subarray(3))).toEqual(value);
});

it('survives any numbers', () => {
  fc.assert(
    fc.property(fc.float64Array(), fc.array(fc.double()), (array, list) => {
      expect(unpack(pack({ array, list }))).toEqual({ array, list });
    }),
  );
});

it('notices every changed bit and every cut', () => {
  const packed = pack({ a: Float32Array.of(1, 2, 3), b: 'text' });
  for (let i = 0; i < packed.length; i++) {
    const changed = packed.slice();
    changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
    expect(() => unpack(changed), `byte ${i}`).toThrow(CorruptRecordError);
    expect(() => unpack(packed.subarray(0, i)), `cut at ${i}`).toThrow(CorruptRecordError);
  }
});
