import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OnnxError } from './errors.ts';
import { decodeModel, type OnnxModel } from './model-file.ts';

/** Numbers of fields in onnx/onnx.proto. */
const graphField = 7;
const initializerField = 5;
/** Of a TensorProto: float, int32, int64, raw, double and uint64 data. */
const dataFields = new Set([4, 5, 7, 9, 10, 11]);

/**
 * A model without the values of its weights: nodes, inputs, outputs, and of each initializer its
 * name, shape, type and place. Reads past the values, so that a file of 2 GB costs what its graph
 * costs.
 * @throws OnnxError `not-found` or `not-onnx`, naming the path
 */
export function readSkeleton(path: string): OnnxModel {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new OnnxError('not-found', `cannot read "${path}"`, { cause });
  }
  try {
    const source: Source = { file, start: 0, window: Buffer.alloc(0) };
    const model = copyFields(source, 0, fstatSync(file).size, (number, from, to) =>
      number !== graphField
        ? undefined
        : copyFields(source, from, to, (field, start, end) =>
            field !== initializerField ? undefined : withoutData(source, start, end),
          ),
    );
    return decodeModel(model, resolve(dirname(path)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError('not-onnx', `"${path}": ${why}`, { cause });
  } finally {
    closeSync(file);
  }
}

/** A file, and the part of it that was read last. */
interface Source {
  readonly file: number;
  start: number;
  window: Buffer;
}

const windowBytes = 1 << 16;

/** Bytes of the file; fewer at its end. Small reads are answered from a window. */
function read(source: Source, at: number, length: number): Buffer {
  const inside = at - source.start;
  if (inside >= 0 && inside + length <= source.window.length) {
    return source.window.subarray(inside, inside + length);
  }
  const buffer = Buffer.alloc(Math.max(length, windowBytes));
  let got = 0;
  while (got < buffer.length) {
    const more = readSync(source.file, buffer, got, buffer.length - got, at + got);
    if (more === 0) break;
    got += more;
  }
  source.start = at;
  source.window = buffer.subarray(0, got);
  return source.window.subarray(0, length);
}

function varint(source: Source, at: number): { value: number; next: number } {
  let value = 0;
  const bytes = read(source, at, 10);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  throw new Error('a field is cut short');
}

interface Field {
  number: number;
  wire: number;
  /** Where the field begins, its content begins and ends. */
  at: number;
  from: number;
  to: number;
}

function* fields(source: Source, from: number, to: number): Generator<Field> {
  for (let at = from; at < to; ) {
    const { value: tag, next } = varint(source, at);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    let content = next;
    let end: number;
    if (wire === 0) end = varint(source, next).next;
    else if (wire === 1) end = next + 8;
    else if (wire === 5) end = next + 4;
    else if (wire === 2) {
      const length = varint(source, next);
      content = length.next;
      end = content + length.value;
    } else throw new Error('the bytes are no ModelProto');
    if (number === 0 || end > to) throw new Error('the bytes are no ModelProto, or are cut short');
    yield { number, wire, at, from: content, to: end };
    at = end;
  }
}

/** A message with some of its messages replaced by what `change` makes of them. */
function copyFields(
  source: Source,
  from: number,
  to: number,
  change: (number: number, from: number, to: number) => Buffer | undefined,
): Buffer {
  const parts: Buffer[] = [];
  for (const field of fields(source, from, to)) {
    const changed = field.wire === 2 ? change(field.number, field.from, field.to) : undefined;
    if (changed)
      parts.push(encodeVarint(field.number * 8 + 2), encodeVarint(changed.length), changed);
    // A copy: the window is another one soon.
    else parts.push(Buffer.from(read(source, field.at, field.to - field.at)));
  }
  return Buffer.concat(parts);
}

function withoutData(source: Source, from: number, to: number): Buffer {
  const parts: Buffer[] = [];
  for (const { number, at, to: end } of fields(source, from, to)) {
    if (!dataFields.has(number)) parts.push(Buffer.from(read(source, at, end - at)));
  }
  return Buffer.concat(parts);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
