import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tgzOf } from './release-server.ts';
import {
  archive12,
  archive13,
  both,
  type Files,
  filesOf,
  for12,
  isProvider,
  nameOf,
  only,
  providerFile,
  providers,
  setupRuns,
  shared,
  sharedFile,
  version,
} from './runs.ts';

const { dir, release, run } = setupRuns();

describe('npm run setup:cuda, of an archive that', () => {
  const folder12 = nameOf(12).replace(/\.tgz$/, '');
  const other = (change: (files: Files) => Files) => tgzOf(change(filesOf(12)));
  const without = (name: string) =>
    other((files) => files.filter(([path]) => !path.endsWith(name)));
  const instead = (name: string, data: Buffer | string) =>
    other((files) => files.map(([path, old]) => [path, path.endsWith(name) ? data : old]));
  const damaged = Buffer.from(archive12);
  damaged.fill(0, 100_000, 100_100);
  const ofArm64 = Buffer.from(providers[12]);
  ofArm64.writeUInt16LE(183, 18);

  test.each<[string, Buffer, string, RegExp]>([
    ['is cut short', archive12.subarray(0, -100_000), 'CUDA_CHECKSUM', /no \.tgz, or damaged/],
    ['is damaged', damaged, 'CUDA_CHECKSUM', /no \.tgz, or damaged/],
    ['is something else', Buffer.from('<html>'), 'CUDA_CHECKSUM', /no \.tgz/],
    ['is empty', Buffer.alloc(0), 'CUDA_CHECKSUM', /no \.tgz/],
    ['holds nothing', tgzOf([]), 'CUDA_CHECKSUM', /cannot be unpacked/],
    ['has no provider', without(providerFile), 'CUDA_CHECKSUM', /has no .*_cuda\.so/],
    ['has half of it', without(sharedFile), 'CUDA_CHECKSUM', /has no .*_shared\.so/],
    ['has a link for it', instead(providerFile, '/etc/passwd'), 'CUDA_CHECKSUM', /no plain file/],
    ['has no library for it', instead(providerFile, shared), 'CUDA_CHECKSUM', /linked to no CUDA/],
    ['has a text for it', instead(sharedFile, Buffer.from('a')), 'CUDA_CHECKSUM', /is damaged/],
    ['has it twice', other((files) => [...files, ...files]), 'CUDA_CHECKSUM', /_cuda\.so twice/],
    ['has one for arm64', instead(providerFile, ofArm64), 'CUDA_CHECKSUM', /another processor/],
    ['is for another CUDA', tgzOf(filesOf(13)), 'CUDA_ARCHIVE', /for CUDA 13, not 12/],
    [
      'is of another ONNX Runtime',
      other((files) => files.map(([path, data]) => [path.replace(version, '1.2.3'), data])),
      'CUDA_ARCHIVE',
      /of ONNX Runtime 1\.2\.3, and .* is installed/,
    ],
  ])('%s: nothing is installed', async (_, archive, code, message) => {
    const path = join(dir, 'given.tgz');
    writeFileSync(path, archive);
    for (const args of [for12, ['--archive', path, ...for12]]) {
      await release(archive);
      const { error, left } = await run(args);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(left).toEqual([]);
    }
  });

  test('names places outside: nothing is written there', async () => {
    const place = mkdtempSync(join(dir, 'place-'));
    const folder = join(place, 'a/b/c');
    mkdirSync(folder, { recursive: true });
    const evil = Buffer.from('evil');
    const outside: Files = [
      ['../../evil', evil],
      [`../lib/${providerFile}`, evil],
      [`${folder12}/lib/../../../evil`, evil],
      [join(place, 'evil'), evil],
      [`${folder12}/lib`, place],
      [`${folder12}/other/${providerFile}`, evil],
      [`${folder12}/lib/deeper/${providerFile}`, evil],
    ];
    await release(tgzOf([...outside, ...filesOf(12)]));
    const { error, left } = await run(for12, { folder });
    expect(error).toBeUndefined();
    expect(left).toEqual(both);
    expect(isProvider(folder, 12)).toBe(true);
    const all = readdirSync(place, { recursive: true }).map(String).sort();
    expect(all).toEqual(['a', 'a/b', 'a/b/c', ...both.map((name) => `a/b/c/${name}`)]);
  });

  test('has ./ before its names is unpacked as well', async () => {
    await release(other((files) => files.map(([path, data]) => [`./${path}`, data])));
    expect(await run(for12)).toMatchObject({ error: undefined, left: both });
  });

  test('was fetched by other means: it is taken as it is, and that is said', async () => {
    const path = join(dir, nameOf(13));
    writeFileSync(path, archive13);
    const { asked } = await release();
    const { folder } = await run(for12);
    const times = asked.length;
    const { error, out, left } = await run(['--archive', path], { folder, ...only(12) });
    expect(error).toBeUndefined();
    expect(left).toEqual(both);
    expect(isProvider(folder, 13)).toBe(true);
    expect(out).toContain('held against no checksum');
    expect(out).toMatch(/for CUDA 13, is in .* now\.\n.*for CUDA 12, which is here.*--cuda 12/);
    expect(asked).toHaveLength(times);
    expect(existsSync(path)).toBe(true);
  });
});
