import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type SetupMachine, setupCuda } from '../../src/cli/setup-cuda.ts';
import { cudaSource } from '../../src/engine/onnx/providers-source.ts';
import { LikewiseError } from '../../src/errors.ts';
import { type Feed, openFeed, zipOf } from './setup/nuget-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-cuda-'));
afterAll(() => rmSync(dir, { recursive: true }));

const found = cudaSource('linux', 'x64');
if (!found) throw new Error('the installed onnxruntime-node knows no CUDA provider');
const { package: name, version, files } = found;
/** Does not get smaller by packing: its bytes are spread over several chunks of a connection. */
const content = (i: number) => randomFillSync(Buffer.alloc(300_000 + i));
const contents = Object.fromEntries(files.map((file, i) => [file.path, content(i)]));
const archive = zipOf({ ...contents, 'README.md': Buffer.from('of no use') });

let feed: Feed | undefined;
afterEach(() => feed?.close());

async function run(
  changed: Partial<SetupMachine> = {},
  args?: string[],
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
    ...{ platform: 'linux', arch: 'x64', folder, canLoad: () => true, free: async () => 1e9 },
    ...changed,
  };
  const error = await setupCuda(args ?? ['--feed', feed?.url ?? ''], terminal, machine).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { folder, error, out: String(out.read() ?? ''), left: readdirSync(folder).sort() };
}

describe('npm run setup:cuda', () => {
  test('fetches what fits the installed runtime, and no more of it than is needed', async () => {
    feed = await openFeed({ name, version }, archive);
    const { folder, error, out, left } = await run();
    expect(error).toBeUndefined();
    expect(left).toEqual(files.map((file) => file.name).sort());
    for (const file of files) {
      expect(readFileSync(join(folder, file.name)).equals(contents[file.path] as Buffer)).toBe(
        true,
      );
    }
    expect(out).toContain(`CUDA provider ${version} is in ${folder} now`);
    expect(out).toContain('LIKEWISE_PROVIDER=cuda');
    const asked = feed.asked.length;
    const again = await run({ folder });
    expect(again.out).toContain('already');
    expect(feed.asked).toHaveLength(asked);
  });

  test('says which libraries of CUDA are still to be had, and how', async () => {
    feed = await openFeed({ name, version }, archive);
    const { out, error } = await run({ canLoad: (library) => !library.includes('cudnn') });
    expect(error).toBeUndefined();
    expect(out).toMatch(/cannot be used yet: .*libcudnn\.so\.9/);
    expect(out).toMatch(/apt-get install .*libcudnn9-cuda-12/);
  });

  test('does without checksums where the feed has none: the archive has its own', async () => {
    feed = await openFeed({ name, version }, archive, { hashes: false });
    expect(await run()).toMatchObject({ error: undefined });
    feed.close();
    const at = archive.indexOf(contents[files[1]?.path ?? ''] as Buffer);
    const damaged = Buffer.from(archive);
    damaged.writeUInt8((damaged[at + 1000] ?? 0) ^ 1, at + 1000);
    feed = await openFeed({ name, version }, damaged, { hashes: false });
    const { error, left } = await run();
    expect(error).toMatchObject({
      code: 'CUDA_CHECKSUM',
      message: expect.stringMatching(/damaged/),
    });
    expect(left).toEqual([]);
  });

  test.each<[string, Buffer, RegExp]>([
    ['cut short', archive.subarray(0, -100), /no ZIP file, or cut short/],
    ['of something else', Buffer.from('<html>'), /no ZIP file/],
    ['without the provider', zipOf({ a: Buffer.from('b') }), /it has no runtimes/],
  ])('an archive %s', async (_, bytes, message) => {
    feed = await openFeed({ name, version }, bytes, { hashes: false });
    const { error, left } = await run();
    expect(error).toMatchObject({ code: 'CUDA_CHECKSUM', message: expect.stringMatching(message) });
    expect(left).toEqual([]);
  });

  test('a file that is not the one that the feed lists', async () => {
    feed = await openFeed({ name, version }, archive);
    const other = Buffer.from(archive);
    other.writeUInt8((other[500] ?? 0) ^ 1, 500);
    feed.wrong.set('.nupkg', (answer) => void answer.end(other));
    const changed = await run();
    expect(changed.error).toMatchObject({ code: 'CUDA_CHECKSUM', exitStatus: 2 });
    expect((changed.error as Error).message).toMatch(/SHA-512/);
    feed.wrong.set('.nupkg', (answer) => void answer.end(other.subarray(1)));
    expect((await run()).error).toMatchObject({ message: expect.stringMatching(/bytes, not/) });
    expect(changed.left).toEqual([]);
  });

  test('a connection that breaks off leaves nothing behind', async () => {
    feed = await openFeed({ name, version }, archive);
    feed.wrong.set('.nupkg', (answer) => {
      answer.writeHead(200, { 'content-length': archive.length });
      answer.write(archive.subarray(0, 100_000), () => answer.destroy());
    });
    const { error, left } = await run();
    expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect((error as Error).message).toMatch(/broke off after \d+ bytes/);
    expect(left).toEqual([]);
  });

  test.each([
    ['index.json', 404, /index\.json: it answers with status 404/],
    [`${version}.json`, 503, /status 503/],
    ['.nupkg', 404, /nupkg: it answers with status 404/],
  ])('%s is answered with %i', async (end, status, message) => {
    feed = await openFeed({ name, version }, archive);
    feed.wrong.set(end, (answer) => void answer.writeHead(status).end());
    const { error, left } = await run();
    expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect((error as Error).message).toMatch(message);
    expect(left).toEqual([]);
  });

  test('a feed that is none, or not there', async () => {
    feed = await openFeed({ name, version }, archive);
    feed.wrong.set('index.json', (answer) => void answer.end('<html>'));
    expect((await run()).error).toMatchObject({
      message: expect.stringMatching(/not that of a NuGet feed/),
    });
    feed.close();
    const gone = await run();
    expect(gone.error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
    expect((gone.error as Error).message).toContain(`fetched from ${feed.url}: `);
  });

  test('a disk without room is seen before anything is fetched', async () => {
    feed = await openFeed({ name, version }, archive);
    const { error } = await run({ free: async () => 1000 });
    expect(error).toMatchObject({ code: 'CUDA_DISK_FULL', details: { free: 0, needed: 1 } });
    expect(feed.asked.some((path) => path.endsWith('.nupkg'))).toBe(false);
    let asked = 0;
    const later = await run({ free: async () => (asked++ === 0 ? 1e9 : 1000) });
    expect(later.error).toMatchObject({ code: 'CUDA_DISK_FULL' });
    expect(later.left).toEqual([]);
  });

  test('a place that cannot be written to', async () => {
    feed = await openFeed({ name, version }, archive);
    const folder = mkdtempSync(join(dir, 'runtime-'));
    // A folder in the way of a file: this holds for root, too.
    mkdirSync(join(folder, files[0]?.name ?? '', 'inside'), { recursive: true });
    const { error, left } = await run({ folder });
    expect(error).toMatchObject({ code: 'OUTPUT_UNWRITABLE', details: { path: folder } });
    expect(left).toEqual([files[0]?.name]);
  });

  test('stopped, it leaves nothing behind', async () => {
    feed = await openFeed({ name, version }, archive);
    const abort = new AbortController();
    feed.wrong.set('.nupkg', (answer) => {
      answer.writeHead(200, { 'content-length': archive.length });
      answer.write(archive.subarray(0, 1000), () =>
        abort.abort(new LikewiseError('CANCELLED', {})),
      );
    });
    const { error, left } = await run({}, undefined, abort.signal);
    expect(error).toMatchObject({ code: 'CANCELLED' });
    expect(left).toEqual([]);
  });

  test.each([
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ])('%s/%s has none', async (platform, arch) => {
    const { error } = await run({ platform, arch }, []);
    expect(error).toMatchObject({
      code: 'CUDA_PLATFORM',
      details: { platform: `${platform}/${arch}` },
    });
  });

  test.each([[['more']], [['--feed', 'ftp://x']], [['--force']]])('%o is refused', async (args) => {
    expect((await run({}, args)).error).toMatchObject({ code: 'USAGE' });
  });

  test('--help says what it does', async () => {
    expect((await run({}, ['--help'])).out).toContain('npm run setup:cuda');
  });
});
