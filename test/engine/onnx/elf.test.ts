import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ElfError, neededLibraries, x64Machine } from '../../../src/engine/onnx/elf.ts';
import {
  cudaNeeds,
  cudaProviderFiles,
  runtimeFolder,
} from '../../../src/engine/onnx/providers-present.ts';
import { cudaLinks, elfOf } from './elf-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-elf-'));
afterAll(() => rmSync(dir, { recursive: true }));
const path = join(dir, 'library.so');

function read(bytes: Buffer): string[] {
  writeFileSync(path, bytes);
  return neededLibraries(path);
}

/** A library whose bytes are changed in one place. */
function changed(change: (bytes: Buffer) => unknown): Buffer {
  const bytes = elfOf(cudaLinks(12));
  change(bytes);
  return bytes;
}

const [headersAt, dynamicAt] = [64, 64 + 2 * 56];

describe('libraries that a library needs', () => {
  test.each(['x64', 'arm64'])('of one that npm ships, for %s', (arch) => {
    const needed = neededLibraries(join(runtimeFolder('linux', arch), 'libonnxruntime.so.1'));
    expect(needed).toEqual(expect.arrayContaining(['libstdc++.so.6', 'libm.so.6', 'libc.so.6']));
    for (const name of needed) expect(name).toMatch(/^(?:lib|ld-)[\w+.-]+\.so\.\d+$/);
  });

  test('of one machine, where only that will do', () => {
    const pathOf = (arch: string) => join(runtimeFolder('linux', arch), 'libonnxruntime.so.1');
    expect(neededLibraries(pathOf('x64'), x64Machine)).toContain('libc.so.6');
    expect(() => neededLibraries(pathOf('arm64'), x64Machine)).toThrow(
      new ElfError('it is built for another processor (machine 183, not 62)'),
    );
  });

  test.each(cudaProviderFiles)("of CUDA's provider, whose %s has to be for x86-64", (file) => {
    const folder = join(dir, `of arm64 ${file}`);
    mkdirSync(folder);
    for (const name of cudaProviderFiles) {
      const ofArm = changed((bytes) => bytes.writeUInt16LE(183, 18));
      writeFileSync(join(folder, name), name === file ? ofArm : changed(() => {}));
    }
    expect(cudaNeeds(folder)).toMatch(new RegExp(`^${file} .*another processor \\(machine 183`));
    writeFileSync(
      join(folder, file),
      changed(() => {}),
    );
    expect(cudaNeeds(folder)).toMatchObject({ version: 12 });
  });

  test('in their order, whatever lies behind', () => {
    expect(read(elfOf(cudaLinks(13), Buffer.alloc(5000, 1)))).toEqual(cudaLinks(13));
    expect(read(elfOf([]))).toEqual([]);
    expect(read(elfOf(['l'.repeat(255)]))).toEqual(['l'.repeat(255)]);
  });

  test('a file of gigabytes is not read as a whole', () => {
    writeFileSync(path, elfOf(['libc.so.6']));
    // A hole: it takes no room on the disk, and no memory could hold it.
    truncateSync(path, 2 ** 40);
    expect(neededLibraries(path)).toEqual(['libc.so.6']);
  });

  test.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /no shared library, or cut short/],
    ['a text', Buffer.from('<html>'.repeat(20)), /no shared library of a 64-bit machine/],
    ['of 32 bits', changed((bytes) => bytes.writeUInt8(1, 4)), /64-bit/],
    ['big-endian', changed((bytes) => bytes.writeUInt8(2, 5)), /64-bit/],
    ['a program', changed((bytes) => bytes.writeUInt16LE(2, 16)), /no shared library/],
    ['cut short', elfOf(cudaLinks(12), Buffer.alloc(99)).subarray(0, -1), /cut short/],
    ['segments of another size', changed((bytes) => bytes.writeUInt16LE(32, 54)), /header/],
    ['too many segments', changed((bytes) => bytes.writeUInt16LE(0xfffe, 56)), /header/],
    [
      'a table that is beyond its end',
      changed((bytes) => bytes.writeBigUInt64LE(1n << 40n, 32)),
      /cut short/,
    ],
    [
      'a table that is beyond all numbers',
      changed((bytes) => bytes.writeBigUInt64LE(1n << 63n, 32)),
      /points nowhere/,
    ],
    [
      'a section that is too long',
      changed((bytes) => bytes.writeBigUInt64LE(1n << 30n, headersAt + 56 + 32)),
      /dynamic section/,
    ],
    [
      'a name outside of its table',
      changed((bytes) => bytes.writeBigUInt64LE(9999n, dynamicAt + 16 + 8)),
      /outside of its table/,
    ],
    ['a name without an end', elfOf(['l'.repeat(256)]), /no end/],
    ['a name that is empty', elfOf(['']), /empty/],
    [
      'no table of names',
      changed((bytes) => bytes.writeBigUInt64LE(99n, dynamicAt + 9 * 16)),
      /no names/,
    ],
    [
      'a table of names that is nowhere',
      changed((bytes) => bytes.writeBigUInt64LE(8n, dynamicAt + 9 * 16 + 8)),
      /in no part of it/,
    ],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ElfError);
    expect(() => read(bytes)).toThrow(message);
  });

  test('a file that is not there is told by the system', () => {
    expect(() => neededLibraries(join(dir, 'none'))).toThrow(/ENOENT/);
  });

  test('whatever bytes are damaged, it is read or refused', () => {
    const whole = elfOf(cudaLinks(12));
    let [refused, understood] = [0, 0];
    const byte = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    const cut = fc.oneof(fc.constant(whole.length), fc.nat({ max: whole.length }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), cut, (bytes, length) => {
        const damaged = Buffer.from(whole);
        for (const { at, value } of bytes) damaged.writeUInt8(value, at);
        try {
          const needed = read(damaged.subarray(0, length));
          understood++;
          expect(needed.length).toBeLessThanOrEqual(whole.length / 16);
          for (const name of needed) expect(name.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof ElfError)) throw error;
          refused++;
        }
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(Math.min(refused, understood)).toBeGreaterThan(20);
  });
});
