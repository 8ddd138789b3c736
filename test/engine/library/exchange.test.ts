import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exportAnalogy,
  importAnalogy,
  type StoredAnalogy,
} from '../../../src/engine/library/index.ts';
import { analogyOf, model } from './analogies.ts';

const file = { analogy: analogyOf(1, true), name: 'with glasses', description: 'adds *glasses*' };
const good = exportAnalogy(file);

/** The header of the good file, and a file with another in its place. */
function headerOf(bytes: Uint8Array): { text: string; data: Uint8Array } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { text, data: bytes.subarray(8 + length) };
}

function withHeader(header: string | Uint8Array, data = headerOf(good).data): Uint8Array {
  const bytes = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return Buffer.concat([prefix, bytes, data]);
}

type Entry = { dtype: string; shape: unknown[]; data_offsets: unknown[] };
type Header = Record<string, Entry> & { __metadata__: Record<string, unknown> };

/** The good file, its header changed. */
function changed(change: (header: Header) => void, data?: Uint8Array): Uint8Array {
  const header = JSON.parse(headerOf(good).text) as Header;
  change(header);
  return withHeader(JSON.stringify(header), data);
}

function replaced(from: string | RegExp, to: string): Uint8Array {
  const { text } = headerOf(good);
  expect(text).toMatch(from);
  return withHeader(text.replace(from, to));
}

function withNumber(index: number, value: number): Uint8Array {
  const bytes = good.slice();
  const { data } = headerOf(bytes);
  new DataView(data.buffer, data.byteOffset).setFloat32(index * 4, value, true);
  return bytes;
}

const entry = (header: Header, name: string) => header[name] as Entry;

describe('an analogy as a file', () => {
  it('is a safetensors file of what README.md says', () => {
    const { text, data } = headerOf(good);
    expect((8 + text.length) % 8).toBe(0);
    expect(JSON.parse(text)).toEqual({
      __metadata__: {
        format: 'likewise-analogy',
        format_version: '1',
        model: 'toy',
        model_hash: model.hash,
        tokens: '8',
        algorithm: 'fast',
        algorithm_version: '4',
        created: '2026-02-03T04:05:06.789Z',
        name: 'with glasses',
        description: 'adds *glasses*',
      },
      direction: { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
      a: { dtype: 'F32', shape: [3, 2], data_offsets: [24, 48] },
      a_prime: { dtype: 'F32', shape: [3, 2], data_offsets: [48, 72] },
    });
    expect(data.length).toBe(72);
    expect(new DataView(data.buffer, data.byteOffset).getFloat32(4, true)).toBe(
      file.analogy.direction[1],
    );
  });

  it('comes back bit for bit, whatever is in it', () => {
    const floats = (length: number) =>
      fc.float32Array({
        noNaN: true,
        noDefaultInfinity: true,
        minLength: length,
        maxLength: length,
      });
    const made = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
      .chain(([length, width]) => {
        const numbers = floats(length * width);
        return fc.record({
          shape: fc.constant([length, width] as [number, number]),
          direction: numbers,
          features: fc.option(fc.record({ a: numbers, aPrime: numbers }), { nil: undefined }),
          name: fc.option(fc.stringMatching(/^[a-zß日][a-z ä日]{0,20}[a-z]$/), { nil: undefined }),
          description: fc.option(fc.stringMatching(/^[!-~]{1,80}$/), { nil: undefined }),
          createdAt: fc.integer({ min: 0, max: 4e12 }),
          version: fc.integer({ min: 0, max: 1e6 }),
        });
      });
    fc.assert(
      fc.property(made, fc.nat({ max: 7 }), ({ name, description, version, ...rest }, shift) => {
        const { features, ...others } = rest;
        const analogy: StoredAnalogy = {
          model: { id: model.id, hash: model.hash },
          algorithm: { name: 'paper', version, tokens: 10 },
          ...others,
          ...(features && { features }),
        };
        const [length, width] = rest.shape;
        const spaced = name?.replace(/ +/g, ' ');
        const bytes = exportAnalogy({ analogy, name: spaced, description });
        const odd = new Uint8Array(bytes.length + shift);
        odd.set(bytes, shift);
        const back = importAnalogy(odd.subarray(shift), { ...model, text: { length, width } });
        expect(back).toEqual({
          analogy,
          ...(spaced !== undefined && { name: spaced }),
          ...(description !== undefined && { description }),
        });
        expect(exportAnalogy(back)).toEqual(bytes);
      }),
    );
  });

  it('is the same bytes for the same analogy', () => {
    expect(exportAnalogy(structuredClone(file))).toEqual(good);
  });

  it('passes over what others have noted in it', () => {
    const noted = changed((header) => {
      header.__metadata__.comment = 'from a friend';
    });
    expect(importAnalogy(noted, model)).toEqual(file);
  });

  it('of another model names both', () => {
    const other = { ...model, id: 'larger', hash: 'f'.repeat(64), text: { length: 9, width: 9 } };
    expect(() => importAnalogy(good, other)).toThrow(
      expect.objectContaining({
        code: 'ANALOGY_OTHER_MODEL',
        message: expect.stringMatching(/toy \(0123456789ab\).*larger \(ffffffffffff\)/),
      }),
    );
  });
});

describe('a hostile or broken file is refused', () => {
  const huge = new Uint8Array(64);
  huge.fill(0xff, 0, 8);
  const notText = withHeader(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d));
  const direction = (change: Partial<Entry>) =>
    changed((header) => Object.assign(entry(header, 'direction'), change));

  it.each<[what: string, code: string, bytes: Uint8Array]>([
    ['too large', 'ANALOGY_FILE_TOO_LARGE', new Uint8Array(8_000_001)],
    ['nothing', 'ANALOGY_FILE_CUT', new Uint8Array(0)],
    ['seven bytes', 'ANALOGY_FILE_CUT', good.subarray(0, 7)],
    ['half a header', 'ANALOGY_FILE_CUT', good.subarray(0, 60)],
    ['a header of 2^64 - 1 bytes', 'ANALOGY_FILE_HEADER', huge],
    ['a header over the limit', 'ANALOGY_FILE_HEADER', withHeader(`{}${' '.repeat(70_000)}`)],
    ['no header', 'ANALOGY_FILE_JSON', new Uint8Array(8)],
    ['no UTF-8', 'ANALOGY_FILE_TEXT', notText],
    ['no JSON', 'ANALOGY_FILE_JSON', withHeader('{"direction": }')],
    ['a list', 'ANALOGY_FILE_JSON', withHeader('[]')],
    ['nesting without end', 'ANALOGY_FILE_JSON', withHeader(`{"a":${'['.repeat(60_000)}`)],
    ['deep nesting', 'ANALOGY_FILE_JSON', withHeader(`{"a":${'['.repeat(9e3)}${']'.repeat(9e3)}}`)],
    ['a byte order mark', 'ANALOGY_FILE_JSON', withHeader(`\ufeff${headerOf(good).text}`)],
    [
      'a tensor that is none',
      'ANALOGY_FILE_JSON',
      replaced(/"direction":\{[^}]*\}/, '"direction":7'),
    ],
    ['metadata that is no text', 'ANALOGY_FILE_JSON', replaced('"tokens":"8"', '"tokens":8')],
    ['a negative size', 'ANALOGY_FILE_JSON', direction({ shape: [-3, -2] })],
    ['half an offset', 'ANALOGY_FILE_JSON', direction({ data_offsets: [0, 24.5] })],
    ['more than is known', 'ANALOGY_FILE_JSON', direction({ extra: 1 } as Partial<Entry>)],
    ['a key twice', 'ANALOGY_FILE_DUPLICATE', replaced('"a_prime":', '"direction":')],
    ['a key twice, escaped', 'ANALOGY_FILE_DUPLICATE', replaced('"a_prime":', '"\\u0061":')],
    [
      'an inner key twice',
      'ANALOGY_FILE_DUPLICATE',
      replaced('"tokens":', '"format":"x","tokens":'),
    ],
    ['offsets beyond the end', 'ANALOGY_FILE_OFFSETS', direction({ data_offsets: [0, 2 ** 52] })],
    ['offsets that overlap', 'ANALOGY_FILE_OFFSETS', replaced('[24,48]', '[20,44]')],
    ['two tensors at one place', 'ANALOGY_FILE_OFFSETS', replaced('[24,48]', '[0,24]')],
    ['an end before its begin', 'ANALOGY_FILE_OFFSETS', replaced('[48,72]', '[72,48]')],
    ['a gap', 'ANALOGY_FILE_OFFSETS', replaced('[48,72]', '[52,72]')],
    [
      'bytes of nobody',
      'ANALOGY_FILE_OFFSETS',
      Buffer.concat([good, new TextEncoder().encode('PK')]),
    ],
    ['cut numbers', 'ANALOGY_FILE_OFFSETS', good.subarray(0, -1)],
    ['another dtype', 'ANALOGY_FILE_DTYPE', direction({ dtype: 'F16' })],
    ['an unknown dtype', 'ANALOGY_FILE_DTYPE', direction({ dtype: 'x'.repeat(500) })],
    ['a shape that does not fit its bytes', 'ANALOGY_FILE_SHAPE', direction({ shape: [3, 3] })],
    ['a shape beyond counting', 'ANALOGY_FILE_SHAPE', direction({ shape: [2 ** 52, 2 ** 52] })],
    ['another shape', 'ANALOGY_FILE_SHAPE', direction({ shape: [2, 3] })],
    ['a flat shape', 'ANALOGY_FILE_SHAPE', direction({ shape: [6] })],
    ['NaN', 'ANALOGY_FILE_NUMBERS', withNumber(2, Number.NaN)],
    [
      'infinity among the features',
      'ANALOGY_FILE_NUMBERS',
      withNumber(17, Number.NEGATIVE_INFINITY),
    ],
    ['no direction', 'ANALOGY_FILE_TENSORS', replaced('"direction":', '"Direction":')],
    ['a tensor too many', 'ANALOGY_FILE_TENSORS', replaced('"a":', '"b":')],
    ['a tensor called __proto__', 'ANALOGY_FILE_TENSORS', replaced('"a":', '"__proto__":')],
    ['another format', 'ANALOGY_FILE_METADATA', replaced('likewise-analogy', 'pt')],
    ['no format', 'ANALOGY_FILE_METADATA', withHeader('{}', new Uint8Array(0))],
    ['no model', 'ANALOGY_FILE_METADATA', replaced('"model_hash":', '"hash":')],
    ['no number of tokens', 'ANALOGY_FILE_METADATA', replaced('"tokens":"8"', '"tokens":"many"')],
    ['no time', 'ANALOGY_FILE_METADATA', replaced('2026-02-03T', '2026-13-03T')],
    [
      'a later format',
      'ANALOGY_FILE_VERSION',
      replaced('"format_version":"1"', '"format_version":"2"'),
    ],
    ['a name that is none', 'ANALOGY_NAME_INVALID', replaced('with glasses', '@everyone')],
    ['a tale', 'ANALOGY_DESCRIPTION_INVALID', replaced('adds', 'a'.repeat(600))],
  ])('%s: %s', (_, code, bytes) => {
    expect(() => importAnalogy(bytes, model)).toThrow(
      expect.objectContaining({ name: 'LikewiseError', code }),
    );
  });

  it('whatever bytes are changed or cut, it is read whole or refused by a code', () => {
    const flips = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    let refused = 0;
    fc.assert(
      fc.property(flips, fc.nat({ max: good.length }), (changes, end) => {
        const bytes = good.slice(0, end % 3 === 0 ? end : good.length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          const { analogy } = importAnalogy(bytes, model);
          expect(analogy.direction.length).toBe(6);
          expect(analogy.direction.every(Number.isFinite)).toBe(true);
        } catch (error) {
          refused++;
          expect((error as { code?: string }).code).toMatch(/^ANALOGY_/);
          expect((error as Error).message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
