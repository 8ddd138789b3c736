import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What is not as a shared library of a 64-bit little-endian machine has to be. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}

// System V gABI: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
const headerBytes = 64;
const segmentBytes = 56;
const entryBytes = 16;
const sharedObject = 3;
/** A machine (`e_machine`): x86-64. */
export const x64Machine = 62;
const [loaded, dynamic] = [1, 2];
const [end, needed, stringTable, stringTableSize] = [0, 1, 5, 10];

// More than any library has: a damaged one must not have much read, or for long.
const mostSegments = 256;
const mostDynamicBytes = 1 << 16;
/** File systems take no longer names. */
const mostNameBytes = 256;

interface Segment {
  readonly type: number;
  /** Where it lies in the file, in memory, and bytes of it in the file. */
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * The libraries that a shared library is linked to (`DT_NEEDED`), in its order: the dynamic linker has to
 * find them before the library can be loaded. Reads headers, the dynamic section and the names themselves,
 * 2 MB at most, however large the file is.
 * @param machine that it has to be built for; undefined: any
 * @throws ElfError where it is none, damaged, or for another machine; whatever `fs` throws
 */
export function neededLibraries(path: string, machine?: number): string[] {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const read = (at: number, length: number) => {
      if (length < 0 || at + length > size) throw cutShort();
      const buffer = Buffer.alloc(length);
      if (readSync(file, buffer, 0, length, at) < length) throw cutShort();
      return buffer;
    };
    const segments = readSegments(read, size, machine);
    const entries = readDynamic(read, segments);
    const valueOfTag = (tag: number) => entries.find((entry) => entry.tag === tag)?.value;
    const names = entries.filter(({ tag }) => tag === needed);
    if (names.length === 0) return [];
    const [address, length] = [valueOfTag(stringTable), valueOfTag(stringTableSize)];
    if (address === undefined || length === undefined) throw new ElfError('it has no names');
    const from = inFile(address, segments);
    return names.map(({ value }) => {
      if (value >= length) throw new ElfError('a name lies outside of its table');
      const bytes = read(
        from + value,
        Math.min(mostNameBytes, length - value, size - from - value),
      );
      const to = bytes.indexOf(0);
      if (to <= 0) throw new ElfError('a name has no end, or is empty');
      return bytes.toString('utf8', 0, to);
    });
  } finally {
    closeSync(file);
  }
}

type Read = (at: number, length: number) => Buffer;

function readSegments(read: Read, size: number, machine: number | undefined): Segment[] {
  if (size < headerBytes) throw new ElfError('it is no shared library, or cut short');
  const header = read(0, headerBytes);
  // Its class is 64 bits, its bytes are in little-endian order, and its version is 1.
  const right = header.toString('latin1', 0, 7) === '\x7fELF\x02\x01\x01';
  if (!right || header.readUInt16LE(16) !== sharedObject) {
    throw new ElfError('it is no shared library of a 64-bit machine');
  }
  const found = header.readUInt16LE(18);
  if (machine !== undefined && found !== machine) {
    throw new ElfError(`it is built for another processor (machine ${found}, not ${machine})`);
  }
  const count = header.readUInt16LE(56);
  if (header.readUInt16LE(54) !== segmentBytes || count > mostSegments) {
    throw new ElfError('its header is damaged');
  }
  const table = read(number(header, 32), count * segmentBytes);
  const segments = Array.from({ length: count }, (_, i) => {
    const one = table.subarray(i * segmentBytes, (i + 1) * segmentBytes);
    const [offset, address, bytes] = [number(one, 8), number(one, 16), number(one, 32)];
    return { type: one.readUInt32LE(0), offset, address, size: bytes };
  });
  // What ends too early, by a download that broke off or a full disk, is seen by this alone.
  if (segments.some((one) => one.type === loaded && one.offset + one.size > size)) throw cutShort();
  return segments;
}

function readDynamic(read: Read, segments: readonly Segment[]): { tag: number; value: number }[] {
  const section = segments.find(({ type }) => type === dynamic);
  if (!section) return [];
  if (section.size > mostDynamicBytes) throw new ElfError('its dynamic section is damaged');
  const bytes = read(section.offset, section.size);
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const tag = bytes.readBigInt64LE(at);
    if (tag === BigInt(end)) break;
    // Values of other tags may be anything.
    if (![needed, stringTable, stringTableSize].includes(Number(tag))) continue;
    entries.push({ tag: Number(tag), value: number(bytes, at + 8) });
  }
  return entries;
}

/** Where an address of memory lies in the file. */
function inFile(address: number, segments: readonly Segment[]): number {
  const holder = segments.find(
    (one) => one.type === loaded && address >= one.address && address < one.address + one.size,
  );
  if (!holder) throw new ElfError('its names are in no part of it');
  return holder.offset + (address - holder.address);
}

/** Whole numbers of 64 bits, as far as a file can be long. */
function number(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > 2n ** 48n) throw new ElfError('it points nowhere');
  return Number(value);
}

function cutShort(): ElfError {
  return new ElfError('it is cut short');
}
