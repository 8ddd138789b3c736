import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseIntakeArguments } from '../../bench/intake/arguments.ts';
import { damaged } from '../../bench/intake/hostile/damaged.ts';
import { disguised } from '../../bench/intake/hostile/disguised.ts';
import type { Hostile } from '../../bench/intake/hostile/made.ts';
import { unusual } from '../../bench/intake/hostile/unusual.ts';
import { filesOf, type Reading, reading, summary } from '../../bench/intake/measure.ts';
import { pngRawBytes, zeroPng } from '../../bench/intake/png.ts';
import { defaults } from '../../config/index.ts';
import { openIntake } from '../../src/engine/intake/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'likewise-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* some(): AsyncGenerator<Hostile> {
  for (const group of [disguised, unusual]) yield* group();
  // One of each forty: all of them are for the bench.
  let number = 0;
  for await (const file of damaged()) if (number++ % 40 === 0) yield file;
}

it('every hostile file has the outcome that its folder is named by', async () => {
  for await (const { outcome, name, bytes } of some()) {
    const path = join(folder, outcome, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const intake = await openIntake(defaults.intake);
  const { signal } = new AbortController();
  const size = { width: 64, height: 64 };
  const options = { intake, limits: defaults.intake, size, patience: 50, signal };
  const readings: Reading[] = [];
  for (const file of await filesOf(folder)) readings.push(await reading(folder, file, options));
  await intake.close();

  const found = summary(readings);
  expect(found.unexpected).toEqual([]);
  expect(found.hangs).toBe(0);
  expect(found.files).toBeGreaterThan(200);
  expect(found.notes).toMatchObject({ cmyk: 1 });
  expect(intake.statistics()).toMatchObject({ crashed: 0, slow: 0, memory: 0 });
});

it('sums up: what was expected and was not, the slowest first', () => {
  const one = (file: string, outcome: Reading['outcome'], seconds: number, expected?: 'read') => ({
    file,
    outcome,
    seconds,
    notes: [],
    expected,
  });
  const found = summary([
    one('read/a', 'read', 1, 'read'),
    one('read/b', 'PICTURE_BROKEN', 3, 'read'),
    one('either/c', 'hang', 2),
  ]);
  expect(found).toMatchObject({ files: 3, hangs: 1, seconds: { median: 2, most: 3 } });
  expect(found.outcomes).toEqual({ read: 1, PICTURE_BROKEN: 1, hang: 1 });
  expect(found.unexpected.map(({ file }) => file)).toEqual(['read/b']);
  expect(found.slowest.map(({ file }) => file)).toEqual(['read/b', 'either/c', 'read/a']);
});

describe('the command line', () => {
  it('names a folder', () => {
    const options = { folder, side: 512, report: undefined };
    expect(parseIntakeArguments([folder])).toEqual(options);
    expect(parseIntakeArguments([folder, '--side', '64'])).toEqual({ ...options, side: 64 });
    expect(parseIntakeArguments(['--help'])).toBe('help');
  });

  it.each([
    [[], /one folder/],
    [['a', 'b'], /one folder/],
    [[join(folder, 'none')], /is no folder/],
    [[folder, '--side', '5'], /--side/],
    [[folder, '--report', 'x.txt'], /must end in \.json/],
    [[folder, '--what'], /--what/],
  ])('%o is refused', (args, message) => {
    expect(() => parseIntakeArguments(args)).toThrow(message);
  });
});

it('a PNG in passes has every pixel once', () => {
  const shape = { width: 9, height: 5 } as const;
  expect(pngRawBytes(shape)).toBe(5 * (1 + 27));
  // Pass by pass: 2x1, 1x1, 3x1, 2x2, 5x1, 4x3, 9x2.
  const passes = 7 + 4 + 10 + 2 * 7 + 16 + 3 * 13 + 2 * 28;
  expect(pngRawBytes({ ...shape, interlaced: true })).toBe(passes);
  expect(zeroPng(shape).readUInt32BE(16)).toBe(9);
});
