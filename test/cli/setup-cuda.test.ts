import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { SetupMachine } from '../../src/cli/setup/install.ts';
import { setupCuda } from '../../src/cli/setup-cuda.ts';
import { cudaProviderFiles } from '../../src/engine/onnx/providers-present.ts';
import { cudaSource } from '../../src/engine/onnx/providers-source.ts';
import { LikewiseError } from '../../src/errors.ts';
import { cudaLinks, elfOf } from '../engine/onnx/elf-file.ts';
import { openRelease, type ReleaseServer, tgzOf } from './setup/release-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-cuda-'));
afterAll(() => rmSync(dir, { recursive: true }));

const [sharedFile, providerFile] = cudaProviderFiles;
const both = [providerFile, sharedFile].sort();
const nameOf = (cuda: 12 | 13) => cudaSource('linux', 'x64', cuda)?.archive ?? '';
const version = cudaSource('linux', 'x64', 12)?.version ?? '';

type Files = [path: string, data: Buffer | string][];

/** Does not get smaller by packing: its bytes are spread over several chunks of a connection. */
const providers = {
  12: elfOf(cudaLinks(12), randomFillSync(Buffer.alloc(400_000))),
  13: elfOf(cudaLinks(13), randomFillSync(Buffer.alloc(300_000))),
};
const shared = elfOf(['libc.so.6']);

/** What a release's archive holds, as far as it counts. */
function filesOf(cuda: 12 | 13): Files {
  const folder = nameOf(cuda).replace(/\.tgz$/, '');
  return [
    [`${folder}/VERSION_NUMBER`, Buffer.from(version)],
    [`${folder}/lib/libonnxruntime.so.1`, randomFillSync(Buffer.alloc(200_000))],
    [`${folder}/lib/libonnxruntime.so`, 'libonnxruntime.so.1'],
    [`${folder}/lib/${providerFile}`, providers[cuda]],
    [`${folder}/lib/${sharedFile}`, shared],
    [`${folder}/lib/libonnxruntime_providers_tensorrt.so`, Buffer.from('of no use')],
  ];
}
const archives = { [nameOf(12)]: tgzOf(filesOf(12)), [nameOf(13)]: tgzOf(filesOf(13)) };
const archive12 = archives[nameOf(12)] as Buffer;

let server: ReleaseServer | undefined;
afterEach(() => server?.close());
/** A release in which the archive for CUDA 12 is this one. */
async function release(archive = archive12, options?: { digests: boolean }) {
  server = await openRelease({ ...archives, [nameOf(12)]: archive }, options);
  return server;
}

async function run(
  args: string[] = [],
  changed: Partial<SetupMachine> = {},
  signal = new AbortController().signal,
) {
  const folder = changed.folder ?? mkdtempSync(join(dir, 'runtime-'));
  const out = new PassThrough();
  const terminal = {
    env: {},
    stdout: out as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal,
  };
  const machine = {
    ...{ platform: 'linux', arch: 'x64', folder, free: async () => 1e9 },
    canLoad: () => true,
    ...changed,
  };
  const from = server && !args.includes('--archive') ? ['--releases', server.url] : [];
  const error = await setupCuda([...from, ...args], terminal, machine).then(
    () => undefined,
    (reason: unknown) => reason as LikewiseError,
  );
  return { folder, error, out: String(out.read() ?? ''), left: readdirSync(folder).sort() };
}

const for12 = ['--cuda', '12'];
/** A machine with the libraries of one version of CUDA. */
const only = (cuda: number) => ({
  canLoad: (library: string) =>
    !/cudart|cublas|nvrtc/.test(library) || library.endsWith(`.${cuda}`),
});
const isProvider = (folder: string, cuda: 12 | 13) =>
  readFileSync(join(folder, providerFile)).equals(providers[cuda]) &&
  readFileSync(join(folder, sharedFile)).equals(shared);

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
    [['--releases', 'ftp://x'], /no address/],
    [['--cuda', '11'], /neither 12 nor 13/],
    [['--force'], /force/],
    [['--archive', join(dir, 'none.tgz')], /is not there/],
    [['--archive', dir], /is no file/],
    [['--archive', 'x', '--releases', 'https://x'], /asks no network/],
  ])('%o is refused', async (args, message) => {
    server = undefined;
    const { error } = await run(args);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
  });

  test('--help says what it does', async () => {
    expect((await run(['--help'])).out).toContain('npm run setup:cuda');
  });
});

describe('npm run setup:cuda, of an archive that', () => {
  const folder12 = nameOf(12).replace(/\.tgz$/, '');
  const other = (change: (files: Files) => Files) => tgzOf(change(filesOf(12)));
  const without = (name: string) =>
    other((files) => files.filter(([path]) => !path.endsWith(name)));
  const instead = (name: string, data: Buffer | string) =>
    other((files) => files.map(([path, old]) => [path, path.endsWith(name) ? data : old]));
  const damaged = Buffer.from(archive12);
  damaged.fill(0, 100_000, 100_100);

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
      server?.close();
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
    writeFileSync(path, archives[nameOf(13)] as Buffer);
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

describe('npm run setup:cuda, where a download fails', () => {
  const end = nameOf(12);
  /** Answers to the second question, which GitHub sends on to. */
  const object = `/objects/${end}`;

  test('by a file that is not the one that the release lists', async () => {
    const { wrong } = await release();
    const changed = Buffer.from(archive12);
    changed.writeUInt8((changed[500] ?? 0) ^ 1, 500);
    wrong.set(object, (answer) => void answer.end(changed));
    const { error, left } = await run(for12);
    expect(error).toMatchObject({ code: 'CUDA_CHECKSUM', exitStatus: 2 });
    expect(error?.message).toMatch(/SHA-256/);
    expect(left).toEqual([]);
  });

  test.each([
    ['shorter', archive12.subarray(1), /has \d+ bytes, not \d+/],
    ['longer', Buffer.concat([archive12, Buffer.alloc(1)]), /has more than \d+ bytes/],
  ])('by one that is %s', async (_, bytes, message) => {
    const { wrong } = await release();
    wrong.set(object, (answer) => void answer.end(bytes));
    const { error, left } = await run(for12);
    expect(error).toMatchObject({ code: 'CUDA_CHECKSUM', message: expect.stringMatching(message) });
    expect(left).toEqual([]);
  });

  test('by a connection that breaks off: what is installed stays', async () => {
    const { wrong } = await release();
    const { folder } = await run(['--cuda', '13']);
    wrong.set(object, (answer) => {
      answer.writeHead(200, { 'content-length': archive12.length });
      answer.write(archive12.subarray(0, 100_000), () => answer.destroy());
    });
    const { error, left } = await run(for12, { folder });
    expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect(error?.message).toMatch(/broke off after \d+ bytes.*--archive/);
    expect(left).toEqual(both);
    expect(isProvider(folder, 13)).toBe(true);
  });

  test.each([
    ['/tags/v1', 404, /tags\/v1: it answers with status 404/],
    ['/tags/v1', 403, /status 403/],
    [object, 503, /\.tgz: it answers with status 503/],
  ])('by %s, answered with %i', async (path, status, message) => {
    const { wrong } = await release();
    wrong.set(path, (answer) => void answer.writeHead(status).end());
    const { error, left } = await run(for12);
    expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect(error?.message).toMatch(message);
    expect(left).toEqual([]);
  });

  test.each<[number, Record<string, string>, RegExp]>([
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' },
      /network until 08:00 UTC.*--archive/,
    ],
    [403, { 'x-ratelimit-remaining': '0' }, /for an hour/],
    [403, { 'retry-after': '60' }, /for 60 s/],
    [429, {}, /for an hour/],
  ])('by too many questions, answered with %i and %o', async (status, headers, message) => {
    const { wrong, asked } = await release();
    wrong.set('/tags/v1', (answer) => void answer.writeHead(status, headers).end('{}'));
    const { error, left } = await run(for12);
    expect(error).toMatchObject({ code: 'CUDA_RATE_LIMIT', exitStatus: 2 });
    expect(error?.message).toMatch(message);
    expect(left).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('by a release without the archive, or without its checksum', async () => {
    server = await openRelease({ [nameOf(13)]: archives[nameOf(13)] as Buffer });
    const absent = await run(for12);
    expect(absent.error).toMatchObject({ code: 'CUDA_RELEASE' });
    expect(absent.error?.message).toMatch(new RegExp(`it has no ${end}.*--cuda`));
    server.close();
    const { asked } = await release(archive12, { digests: false });
    const unchecked = await run(for12);
    expect(unchecked.error).toMatchObject({ code: 'CUDA_RELEASE' });
    expect(unchecked.error?.message).toMatch(/lists no SHA-256 of .*could not be checked/);
    expect([...absent.left, ...unchecked.left]).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('by an answer that describes none, or by nobody there', async () => {
    const { wrong, url, close } = await release();
    for (const body of ['<html>', '{"assets":[{}]}']) {
      wrong.set('/tags/v1', (answer) => void answer.end(body));
      expect((await run(for12)).error?.message).toMatch(/describes no release/);
    }
    close();
    const { error } = await run(for12);
    expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect(error?.message).toContain(`fetched from ${url}: `);
  });

  test('by a disk without room, before anything is fetched or unpacked', async () => {
    const { asked } = await release();
    const { error } = await run(for12, { free: async () => 1000 });
    expect(error).toMatchObject({ code: 'CUDA_DISK_FULL', details: { free: 0, needed: 1 } });
    expect(asked).toHaveLength(1);
    let times = 0;
    const later = await run(for12, { free: async () => (times++ === 0 ? 1e9 : 1000) });
    expect(later.error).toMatchObject({ code: 'CUDA_DISK_FULL' });
    expect(later.left).toEqual([]);
  });

  test.each(cudaProviderFiles)('by a folder in the place of %s', async (file) => {
    const { asked } = await release();
    const folder = mkdtempSync(join(dir, 'runtime-'));
    mkdirSync(join(folder, file, 'inside'), { recursive: true });
    const { error, left } = await run(for12, { folder });
    expect(error).toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      details: { path: join(folder, file) },
    });
    expect(left).toEqual([file]);
    expect(asked).toEqual([]);
  });

  test.each(['arrives', 'is unpacked'])('by Ctrl-C, while it %s', async (when) => {
    const { wrong } = await release();
    const abort = new AbortController();
    const stop = () => abort.abort(new LikewiseError('CANCELLED', {}));
    if (when === 'arrives') {
      wrong.set(object, (answer) => {
        answer.writeHead(200, { 'content-length': archive12.length });
        answer.write(archive12.subarray(0, 1000), stop);
      });
    }
    let times = 0;
    const free = async () => {
      // The second question is of the first file that is about to be unpacked.
      if (++times === 2) stop();
      return 1e9;
    };
    const { error, left } = await run(for12, { free }, abort.signal);
    expect(error).toMatchObject({ code: 'CANCELLED' });
    expect(times).toBe(when === 'arrives' ? 1 : 2);
    expect(left).toEqual([]);
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
