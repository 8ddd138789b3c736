import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';

/** A file in a ZIP archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly packed: number;
  /** Where its header begins in the archive. */
  readonly at: number;
  /** 0: as it is; 8: deflated. */
  readonly method: number;
  readonly crc: number;
}

/** What is not as a ZIP file has to be. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

const endBytes = 22;
const headerBytes = 30;

/**
 * Lists an archive, of less than 4 GB and on one disk as NuGet's are.
 * @throws ZipError
 */
export async function listZip(path: string): Promise<ZipEntry[]> {
  await using file = await open(path);
  const { size } = await file.stat();
  // The end may be followed by a comment of 64 kB at most.
  const tail = await read(file, Math.max(0, size - endBytes - 0xffff), size);
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0 || end + endBytes > tail.length)
    throw new ZipError('it is no ZIP file, or cut short');
  const count = tail.readUInt16LE(end + 10);
  const from = tail.readUInt32LE(end + 16);
  const directory = await read(file, from, from + tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw new ZipError('its directory is damaged');
    }
    const length = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + length),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    });
    at += 46 + length + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * Writes one file of an archive.
 * @throws ZipError where it is damaged
 */
export async function unpack(path: string, entry: ZipEntry, target: string): Promise<void> {
  await using file = await open(path);
  const header = await read(file, entry.at, entry.at + headerBytes);
  if (header.readUInt32LE(0) !== 0x04034b50)
    throw new ZipError(`${entry.name} is not in its place`);
  if (entry.method !== 0 && entry.method !== 8)
    throw new ZipError(`${entry.name} is packed unusually`);
  const start = entry.at + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = file.createReadStream({
    start,
    end: start + entry.packed - 1,
    autoClose: false,
    highWaterMark: 1 << 20,
  });
  let [crc, size] = [0, 0];
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const out = createWriteStream(target);
    if (entry.method === 8) await pipeline(packed, createInflateRaw(), counted, out);
    else await pipeline(packed, counted, out);
  } catch (cause) {
    if (!/^Z_/.test((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new ZipError(`${entry.name} cannot be unpacked`, { cause });
  }
  if (size !== entry.size || crc !== entry.crc) throw new ZipError(`${entry.name} is damaged`);
}

async function read(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  if (bytesRead < buffer.length) throw new ZipError('it is cut short');
  return buffer;
}
