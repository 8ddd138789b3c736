import { z } from 'zod';
import { LikewiseError } from '../../errors.ts';
import { duplicateKey } from './duplicate-key.ts';

/**
 * The safetensors format (https://github.com/huggingface/safetensors, "Format"), as far as this
 * program writes it: float32 tensors and text.
 *
 *     header length, uint64 LE | header: JSON, UTF-8, padded with spaces | tensors, little-endian
 *
 * The header has an entry `{dtype, shape, data_offsets: [begin, end]}` for each tensor, its offsets
 * counted from the end of the header, and text under `__metadata__`.
 */
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

export interface FileTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export interface FileLimits {
  /** Most bytes of the file, and of its header. */
  readonly bytes: number;
  readonly header: number;
}

/** An analogy of Stable Diffusion 2 with its features is 0.95 MB. */
export const fileLimits: FileLimits = { bytes: 8e6, header: 65_536 };

const metadataKey = '__metadata__';
const prefix = 8;
const size = z.int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([size, size]),
});

/** @returns the file's bytes; equal files give equal bytes */
export function writeTensors({ metadata, tensors }: TensorFile): Uint8Array {
  const entries: [string, unknown][] = [[metadataKey, metadata]];
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    entries.push([name, { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  // Padded, so that readers that map the file find aligned numbers.
  const header = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(prefix + header + end).fill(0x20, prefix, prefix + header);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(header), true);
  out.set(json, prefix);
  let at = prefix + header;
  for (const { data } of tensors.values()) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return out;
}

/**
 * Reads a file that anybody may have made: nothing is allocated by what it claims, only by what it
 * holds, and every byte of it belongs to exactly one tensor.
 *
 * @throws LikewiseError `ANALOGY_FILE_…`: each way of being wrong has its own code
 */
export function readTensors(bytes: Uint8Array, limits: FileLimits = fileLimits): TensorFile {
  if (bytes.length > limits.bytes) {
    const [megabytes, limit] = [bytes.length, limits.bytes].map((n) =>
      Number((n / 1e6).toFixed(1)),
    );
    throw new LikewiseError('ANALOGY_FILE_TOO_LARGE', {
      megabytes: megabytes as number,
      limit: limit as number,
    });
  }
  const header = readHeader(bytes, limits);
  const data = bytes.subarray(prefix + header.length);
  const { metadata, entries } = entriesOf(header.json);
  const inOrder = entries.toSorted(
    ([, a], [, b]) =>
      a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  const tensors = new Map<string, FileTensor>();
  let reached = 0;
  for (const [name, entry] of inOrder) {
    const [begin, end] = checkPlace(name, entry, reached, data.length);
    tensors.set(name, { shape: entry.shape, data: floats(data, begin, end) });
    reached = end;
  }
  if (reached !== data.length) {
    const reason = `${data.length - reached} bytes at the end belong to no tensor`;
    throw new LikewiseError('ANALOGY_FILE_OFFSETS', { reason });
  }
  return { metadata, tensors };
}

function readHeader(bytes: Uint8Array, limits: FileLimits): { length: number; json: object } {
  if (bytes.length < prefix) {
    throw new LikewiseError('ANALOGY_FILE_CUT', { reason: `it has ${bytes.length} bytes` });
  }
  const claimed = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (claimed > BigInt(limits.header)) {
    const details = { bytes: String(claimed), limit: limits.header };
    throw new LikewiseError('ANALOGY_FILE_HEADER', details);
  }
  const length = Number(claimed);
  if (prefix + length > bytes.length) {
    const reason = `its header of ${length} bytes goes beyond its end`;
    throw new LikewiseError('ANALOGY_FILE_CUT', { reason });
  }
  const text = utf8(bytes.subarray(prefix, prefix + length));
  const json = parse(text);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new LikewiseError('ANALOGY_FILE_DUPLICATE', { key: short(twice) });
  return { length, json };
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new LikewiseError('ANALOGY_FILE_TEXT', {}, { cause });
  }
}

function parse(text: string): object {
  const malformed = (reason: string, cause?: unknown) =>
    new LikewiseError('ANALOGY_FILE_JSON', { reason }, { cause });
  if (!text.startsWith('{')) throw malformed('it does not begin with {');
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw malformed('it is no JSON', cause);
  }
}

type Entry = z.output<typeof entrySchema>;

function entriesOf(json: object) {
  const malformed = (reason: string) => new LikewiseError('ANALOGY_FILE_JSON', { reason });
  const entries: [string, Entry][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === metadataKey) {
      const texts = z.record(z.string(), z.string()).safeParse(value);
      if (!texts.success) throw malformed(`${metadataKey} holds something other than texts`);
      metadata = texts.data;
      continue;
    }
    const entry = entrySchema.safeParse(value);
    if (!entry.success) {
      throw malformed(`"${short(name)}" has no dtype, shape and data_offsets as they should be`);
    }
    entries.push([name, entry.data]);
  }
  return { metadata, entries };
}

/** A tensor begins where the one before it ended: no overlap, no gap, nothing hidden. */
function checkPlace(name: string, entry: Entry, reached: number, length: number): [number, number] {
  const tensor = short(name);
  const { dtype, shape, data_offsets: place } = entry;
  const [begin, end] = place;
  const misplaced = (what: string) => {
    const reason = `"${tensor}" lies from ${begin} to ${end}, ${what}`;
    return new LikewiseError('ANALOGY_FILE_OFFSETS', { reason });
  };
  if (dtype !== 'F32') {
    throw new LikewiseError('ANALOGY_FILE_DTYPE', { tensor, dtype: short(dtype) });
  }
  if (end < begin) throw misplaced('which ends before it begins');
  if (end > length) throw misplaced(`but there are ${length} bytes`);
  if (begin < reached) throw misplaced('which overlaps another');
  if (begin > reached) throw misplaced('which leaves a gap before it');
  const needed = shape.reduce((product, dim) => product * dim, 4);
  if (needed !== end - begin) {
    const expected = `what ${end - begin} bytes hold`;
    throw new LikewiseError('ANALOGY_FILE_SHAPE', { tensor, shape: `[${shape}]`, expected });
  }
  return place;
}

function floats(data: Uint8Array, begin: number, end: number): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset + begin, end - begin);
  return Float32Array.from({ length: (end - begin) / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** What a stranger wrote, short enough for a message. */
function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40).toWellFormed()}…` : text.toWellFormed();
}
