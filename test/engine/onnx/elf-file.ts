const strings = (names: readonly string[]) => Buffer.from(`\0${names.join('\0')}\0`);

/**
 * A shared library, as far as the dynamic linker reads one to see what it needs: a header, two segments,
 * the dynamic section and its names. Addresses are not the places in the file, as in real ones.
 * @param code what follows, of no meaning
 */
export function elfOf(needed: readonly string[], code: Buffer = Buffer.alloc(0)): Buffer {
  const names = strings(needed);
  const [dynamicAt, base] = [64 + 2 * 56, 0x20_0000];
  const tags: [tag: number, value: number][] = [[0x1e, 8]];
  let at = 1;
  for (const name of needed) {
    tags.push([1, at]);
    at += name.length + 1;
  }
  const namesAt = dynamicAt + (tags.length + 3) * 16;
  tags.push([5, base + namesAt], [10, names.length], [0, 0]);
  const total = namesAt + names.length + code.length;

  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  const segment = (type: number, offset: number, size: number) => {
    const bytes = Buffer.alloc(56);
    bytes.writeUInt32LE(type, 0);
    bytes.writeBigUInt64LE(BigInt(offset), 8);
    bytes.writeBigUInt64LE(BigInt(base + offset), 16);
    bytes.writeBigUInt64LE(BigInt(size), 32);
    bytes.writeBigUInt64LE(BigInt(size), 40);
    return bytes;
  };
  const dynamic = Buffer.alloc(tags.length * 16);
  for (const [i, [tag, value]] of tags.entries()) {
    dynamic.writeBigUInt64LE(BigInt(tag), i * 16);
    dynamic.writeBigUInt64LE(BigInt(value), i * 16 + 8);
  }
  const segments = [segment(1, 0, total), segment(2, dynamicAt, dynamic.length)];
  return Buffer.concat([header, ...segments, dynamic, names, code]);
}

/** What ONNX Runtime's provider for CUDA 12 or 13 is linked to, as of 1.28. */
export const cudaLinks = (version: number) => [
  `libcublasLt.so.${version}`,
  `libcublas.so.${version}`,
  'libcurand.so.10',
  `libcudart.so.${version}`,
  'libcuda.so.1',
  `libnvrtc.so.${version}`,
  'libstdc++.so.6',
  'libc.so.6',
];
