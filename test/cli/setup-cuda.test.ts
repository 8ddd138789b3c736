import { spawn } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { SetupMachine } from '../../src/cli/setup/install.ts';
import {
  both,
  for12,
  isProvider,
  only,
  providerFile,
  providers,
  setupRuns,
  version,
} from './setup/runs.ts';

const { dir, emptyFolder, release, run } = setupRuns();

describe('npm run setup:cuda', () => {
  test.each([12, 13] as const)('fetches the provider for CUDA %i, and no more', async (cuda) => {
    const { asked } = await release();
    const { folder, error, out, left } = await run(['--cuda', String(cuda)], only(cuda));
    expect(error).toBeUndefined();
    expect(left).toEqual(both);
    expect(isProvider(folder, cuda)).toBe(true);
    expect(out).toContain(`CUDA provider ${version}, for CUDA ${cuda}, is in ${folder} now`);
    expect(out).toMatch(new RegExp(`CUDA ${cuda} and cuDNN 9 can be loaded. .*_PROVIDER=cuda`));
    const times = asked.length;
    const again = await run(['--cuda', String(cuda)], { folder, ...only(cuda) });
    expect(again.out).toContain(`for CUDA ${cuda}, is in ${folder} already`);
    expect(asked).toHaveLength(times);
  });

  test('takes the version of CUDA that is here, the newer of two', async () => {
    await release();
    const install = async (changed: Partial<SetupMachine>) => (await run([], changed)).out;
    expect(await install(only(12))).toContain('for CUDA 12,');
    expect(await install(only(13))).toContain('for CUDA 13,');
    expect(await install({ canLoad: () => true })).toContain('for CUDA 13,');
    expect(await install({ canLoad: () => false })).toContain('for CUDA 12,');
  });

  test('replaces a provider for another version, and none where nothing asks for it', async () => {
    await release();
    const { folder } = await run(['--cuda', '13']);
    expect((await run([], { folder, canLoad: () => false })).out).toContain('CUDA 13, is in');
    expect((await run(for12, { folder })).left).toEqual(both);
    expect(isProvider(folder, 12)).toBe(true);
    expect((await run([], { folder, ...only(13) })).out).toContain('now');
    expect(isProvider(folder, 13)).toBe(true);
  });

  test('replaces a provider that is damaged', async () => {
    await release();
    const { folder } = await run(for12);
    writeFileSync(join(folder, providerFile), providers[12].subarray(0, 1000));
    expect((await run(for12, { folder })).out).toContain('now');
    expect(isProvider(folder, 12)).toBe(true);
  });

  test('removes what a killed run has left, once it is a day old', async () => {
    await release();
    const folder = emptyFolder();
    const leftover = (name: string, hours: number) => {
      const path = join(folder, name);
      mkdirSync(path);
      writeFileSync(join(path, 'archive'), 'half of one');
      const then = new Date(Date.now() - hours * 3_600_000);
      utimesSync(path, then, then);
    };
    leftover('.cuda-old', 25);
    leftover('.cuda-new', 23);
    leftover('others', 25);
    expect((await run(for12, { folder })).left).toEqual(['.cuda-new', ...both, 'others']);
    leftover('.cuda-old', 25);
    const already = await run(for12, { folder });
    expect(already.out).toContain('already');
    expect(already.left).toEqual(['.cuda-new', ...both, 'others']);
  });

  test.each([
    [12, /cuda-libraries-12-8 libcudnn9-cuda-12/],
    [13, /cuda-libraries-13-0 libcudnn9-cuda-13/],
  ])('says what CUDA %i still lacks, and how to have it', async (cuda, packages) => {
    await release();
    const canLoad = (library: string) => !library.includes('cudnn');
    const { out, error } = await run(['--cuda', String(cuda)], { canLoad });
    expect(error).toBeUndefined();
    expect(out).toMatch(new RegExp(`cannot be used yet: CUDA ${cuda} .*libcudnn\\.so\\.9`));
    expect(out).toMatch(packages);
  });

  test.each([
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ])('%s/%s has none', async (platform, arch) => {
    const { error } = await run([], { platform, arch });
    const details = { platform: `${platform}/${arch}` };
    expect(error).toMatchObject({ code: 'CUDA_PLATFORM', details });
  });

  test.each<[string[], RegExp]>([
    [['more'], /one word too many/],
    [['--releases', 'ftp://x'], /no safe address/],
    [['--releases', 'http://example.com/v1'], /no safe address: it begins with https/],
    [['--cuda', '11'], /neither 12 nor 13/],
    [['--force'], /force/],
    [['--archive', join(dir, 'none.tgz')], /is not there/],
    [['--archive', dir], /is no file/],
    [['--archive', 'x', '--releases', 'https://x'], /asks no network/],
  ])('%o is refused', async (args, message) => {
    const { error } = await run(args);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  });

  test('--help says what it does', async () => {
    expect((await run(['--help'])).out).toContain('npm run setup:cuda');
  });
});

test('as a process, it ends with what went wrong', async () => {
  const program = ['src/cli/setup-cuda.ts', '--archive', join(dir, 'none.tgz')];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe'] });
  const status = new Promise((done) => child.once('close', done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect([await status, out]).toEqual([2, '']);
  expect(err).toMatch(/^--archive: "[^"]*none\.tgz" is not there\. Run with --help [^\n]*\n$/);
});
