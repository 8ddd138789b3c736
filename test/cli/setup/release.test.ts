import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSafe } from '../../../src/cli/setup/release.ts';
import { cudaProviderFiles } from '../../../src/engine/onnx/providers-present.ts';
import { LikewiseError } from '../../../src/errors.ts';
import { archive12, archive13, both, for12, isProvider, nameOf, setupRuns } from './runs.ts';

const { emptyFolder, release, run, serve } = setupRuns();

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
    [429, { 'retry-after': 'Fri, 15 Jan 2027 08:00:00 GMT' }, /network until 08:00 UTC/],
    [403, { 'retry-after': 'later' }, /for an hour/],
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
    await serve({ [nameOf(13)]: archive13 });
    const absent = await run(for12);
    expect(absent.error).toMatchObject({ code: 'CUDA_RELEASE' });
    expect(absent.error?.message).toMatch(new RegExp(`it has no ${end}.*--cuda`));
    const { asked } = await release(archive12, { digests: false });
    const unchecked = await run(for12);
    expect(unchecked.error).toMatchObject({ code: 'CUDA_RELEASE' });
    expect(unchecked.error?.message).toMatch(/lists no SHA-256 of .*could not be checked/);
    expect([...absent.left, ...unchecked.left]).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['/tags/v1', 404],
    ['/tags/v1', 429],
    [object, 503],
  ])(
    'by %s, answered with %i and no end: nobody goes on listening',
    // Some time later, the collector of garbage would let go of it.
    { timeout: 6000 },
    async (path, status) => {
      const { wrong } = await release();
      const closed = Promise.withResolvers<void>();
      wrong.set(path, (answer) => {
        answer.on('close', closed.resolve);
        answer.writeHead(status).write('because');
      });
      expect((await run(for12)).error?.code).toMatch(/^CUDA_/);
      await closed.promise;
    },
  );

  test.each(['http://example.com', 'ftp://127.0.0.1', '//example.com'])(
    'by a release that says that its files are at %s',
    async (downloads) => {
      const { asked } = await release(archive12, { downloads });
      const { error, left } = await run(for12);
      expect(error).toMatchObject({ code: 'CUDA_RELEASE' });
      expect(error?.message).toContain(`${downloads}/download/${end}, is not safe`);
      expect(left).toEqual([]);
      expect(asked).toHaveLength(1);
    },
  );

  // Windows has no way to it.
  test.skipIf(process.platform === 'win32').each(['/tags/v1', `/download/${end}`])(
    'by %s, sent on to what is not this machine',
    async (path) => {
      const { wrong, port } = await release();
      const elsewhere = `http://0.0.0.0:${port}/objects/${end}`;
      wrong.set(path, (answer) => void answer.writeHead(302, { location: elsewhere }).end());
      const { error, left } = await run(for12);
      expect(error).toMatchObject({ code: 'CUDA_UNREACHABLE' });
      expect(error?.message).toContain(`it leads to ${elsewhere}, which is not safe`);
      expect(left).toEqual([]);
    },
  );

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
    const folder = emptyFolder();
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

test.each([
  ['https://example.com/v1', true],
  ['http://127.0.0.1:8080/v1', true],
  ['http://localhost/v1', true],
  ['http://[::1]:8080/v1', true],
  ['http://example.com/v1', false],
  ['http://127.0.0.1.example.com/v1', false],
  ['http://localhost@example.com/v1', false],
  ['ftp://localhost/v1', false],
  ['example.com/v1', false],
])('an address that nobody on the way can change: %s, %s', (address, safe) => {
  expect(isSafe(address)).toBe(safe);
});
