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
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PullOptions, pull, readRecord, stagingOf } from '../../../src/engine/hub/index.ts';
import { loadModel } from '../../../src/engine/models/index.ts';
import { loadTokenizer } from '../../../src/engine/models/tokenizer.ts';
import { withExternalData } from './external.ts';
import { commitOf, type HubServer, openHub, repositoryOf } from './hub-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-hub-'));
afterAll(() => rmSync(dir, { recursive: true }));

const fixture = 'test/fixtures/models/script';
const repo = 'owner/faces';
const unet = 'unet/model.onnx';

let hub: HubServer;
let out: string;
let count = 0;
beforeEach(async () => {
  hub = await openHub();
  hub.repositories.set(repo, repositoryOf(fixture));
  out = join(dir, `${count++}`, 'owner--faces');
});
afterEach(() => hub.close());

const files = () => hub.repositories.get(repo)?.files as Map<string, Buffer>;

function options(changes: Partial<PullOptions> = {}): PullOptions {
  const signal = new AbortController().signal;
  const quick = { delayMs: 1, attempts: 4 };
  return { hub: hub.url, token: '', repo, revision: 'main', out, signal, ...quick, ...changes };
}

/** Every file of a folder, by its path. */
function contents(folder: string): Record<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );
}

/** What should lie in the folder: of the fixture, without what only tests read. */
function expected(): Record<string, Buffer> {
  const { 'record.json': _, ...rest } = contents(fixture);
  return rest;
}

function expectWhole(): void {
  const { '.pull.json': record, ...rest } = contents(out);
  expect(record).toBeDefined();
  expect(Object.keys(rest).sort()).toEqual(Object.keys(expected()).sort());
  for (const [path, bytes] of Object.entries(rest))
    expect(bytes.equals(expected()[path]!)).toBe(true);
  expect(existsSync(stagingOf(out).folder)).toBe(false);
}

/** The words of the fixture as newer exporters write them. */
function wordsInOne(): Buffer {
  const read = (name: string) => readFileSync(join(fixture, 'tokenizer', name), 'utf8');
  const merges = read('merges.txt').trim().split('\n').slice(1);
  const vocab = JSON.parse(read('vocab.json'));
  return Buffer.from(
    JSON.stringify({ model: { type: 'BPE', end_of_word_suffix: '</w>', vocab, merges } }),
  );
}

const rangesOf = (path: string) =>
  hub.requests
    .filter((request) => request.cdn && request.path.endsWith(path))
    .map(({ range }) => range)
    .filter((range) => range !== 'bytes=0-0');

describe('pull', () => {
  test('fetches what a model needs, and nothing else', async () => {
    for (const name of [
      'unet/diffusion_pytorch_model.safetensors',
      'unet/diffusion_pytorch_model.bin',
      'safety_checker/model.onnx',
      'v1-5.ckpt',
      'README.md',
      'unet/weights.pb',
    ]) {
      files().set(name, Buffer.alloc(9000, name));
    }
    const seen: number[] = [];
    const { record, kept } = await pull(
      options({ onProgress: ({ done, total }) => seen.push(done / total) }),
    );
    expect(kept).toBe(false);
    expectWhole();
    expect(record).toMatchObject({ repo, revision: 'main', commit: commitOf('a'), hub: hub.url });
    expect(readRecord(out)).toEqual(record);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const model = await loadModel(out);
    expect(model.id).toBe('owner--faces');
    await model.close();
  });

  test('fetches the weights that the graphs name, and those only', async () => {
    const { graph, data } = withExternalData(join(fixture, unet), 'weights.pb');
    files().set(unet, graph).set('unet/weights.pb', data).set('unet/older.pb', Buffer.alloc(5000));
    await pull(options());
    expect(readFileSync(join(out, 'unet/weights.pb')).equals(data)).toBe(true);
    expect(existsSync(join(out, 'unet/older.pb'))).toBe(false);
    const model = await loadModel(out);
    await model.close();
  });

  test.each([
    ['alone', ['vocab.json', 'merges.txt']],
    ['beside half of the pair', ['merges.txt']],
    ['beside both', []],
  ])('takes tokenizer.json %s', async (_, absent) => {
    files().set('tokenizer/tokenizer.json', wordsInOne());
    for (const name of absent) files().delete(`tokenizer/${name}`);
    await pull(options());
    expect(existsSync(join(out, 'tokenizer/tokenizer.json'))).toBe(true);
    expect(existsSync(join(out, 'tokenizer/vocab.json'))).toBe(absent.length === 0);
    const [ids, expectedIds] = [out, fixture].map((dir) => loadTokenizer(dir).encode('abc dab', 8));
    expect(ids).toEqual(expectedIds);
  });

  test('finds a model that is in a folder of its repository', async () => {
    const moved = [...files()].map(([path, bytes]) => [`onnx/${path}`, bytes] as const);
    hub.repositories.set(repo, { ...repositoryOf(fixture), files: new Map(moved) });
    await pull(options());
    expectWhole();
  });

  test('goes on by a range where a connection breaks, as often as it takes', async () => {
    const size = files().get(unet)?.length ?? 0;
    hub.faults.breaks.set(unet, [1000, 20_000, 0, 30_000]);
    await pull(options());
    expectWhole();
    const ranges = rangesOf(unet);
    expect(ranges).toHaveLength(5);
    expect(ranges[0]).toBeUndefined();
    const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1]));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(1000);
    expect(starts.at(-1)).toBeLessThan(size);
  });

  test('goes on where a server says nothing any more', async () => {
    hub.faults.stalls.set(unet, [5000]);
    await pull(options({ idleSeconds: 1, attempts: 10 }));
    expectWhole();
    expect(rangesOf(unet).length).toBeGreaterThan(1);
  });

  test('asks again while the hub is too busy', async () => {
    hub.faults.statuses.push(503, 429, 500);
    await pull(options());
    expectWhole();
  });

  test('stopped, keeps what is there, apart; later it fetches the rest', async () => {
    hub.faults.stalls.set(unet, [40_000]);
    const abort = new AbortController();
    let began: number | undefined;
    const stopped = pull(
      options({
        signal: abort.signal,
        onProgress: ({ file, done }) => {
          // In the middle of the U-Net, where the server hangs.
          if (file === unet) began ??= done;
          if (began !== undefined && done >= began + 40_000) abort.abort(new Error('enough'));
        },
      }),
    );
    await expect(stopped).rejects.toThrow('enough');
    expect(existsSync(out)).toBe(false);
    const staging = stagingOf(out);
    expect(readRecord(staging.folder)?.repo).toBe(repo);
    // Nobody takes it for a model, whole as it may look.
    await expect(loadModel(staging.folder)).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
    const kept = readFileSync(join(staging.files, unet)).length;
    expect(kept).toBeGreaterThan(0);
    const before = hub.sent();
    await pull(options());
    expectWhole();
    const whole = Object.values(expected()).reduce((sum, { length }) => sum + length, 0);
    expect(hub.sent() - before).toBeLessThan(whole - kept + 100);
    expect(rangesOf(unet).at(-1)).toMatch(new RegExp(`^bytes=${kept}-`));
  });

  test('a wrong byte is found; fetched again it may be right', async () => {
    hub.faults.wrong.set(unet, 1).set('tokenizer/vocab.json', 1);
    await pull(options());
    expectWhole();
  });

  test.each([unet, 'scheduler/scheduler_config.json'])(
    'refuses %s with other bytes than the hub lists, and keeps none of it',
    async (path) => {
      hub.faults.wrong.set(path, 100);
      const error = { code: 'HUB_CHECKSUM', details: { file: path, repo, hub: hub.url } };
      await expect(pull(options())).rejects.toMatchObject(error);
      expect(existsSync(out)).toBe(false);
      expect(existsSync(join(stagingOf(out).files, path))).toBe(false);
    },
  );

  test('a damaged part of an earlier pull is found', async () => {
    hub.faults.breaks.set(unet, Array(20).fill(0));
    await expect(pull(options())).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    hub.faults.breaks.clear();
    writeFileSync(join(stagingOf(out).files, unet), 'something else');
    await pull(options());
    expectWhole();
  });

  test('what has changed since an earlier pull is fetched anew', async () => {
    hub.faults.breaks.set(unet, Array(20).fill(0));
    await expect(pull(options())).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    hub.faults.breaks.clear();
    const changed = Buffer.from('{"_class_name": "Another"}');
    files().set('model_index.json', changed);
    Object.assign(hub.repositories.get(repo)!, { commit: commitOf('b') });
    const before = hub.requests.length;
    const { record } = await pull(options());
    expect(record.commit).toBe(commitOf('b'));
    expect(readFileSync(join(out, 'model_index.json')).equals(changed)).toBe(true);
    const asked = hub.requests.slice(before).map(({ path }) => path);
    expect(asked.some((path) => path.endsWith('tokenizer/vocab.json'))).toBe(false);
  });

  test('what is there already is checked, not fetched', async () => {
    await pull(options());
    const before = hub.sent();
    expect(await pull(options())).toMatchObject({ kept: true, record: { commit: commitOf('a') } });
    expect(hub.sent()).toBe(before);
    writeFileSync(join(out, 'tokenizer/vocab.json'), '{}');
    const damaged = { code: 'OUTPUT_UNWRITABLE', message: expect.stringMatching(/vocab\.json/) };
    await expect(pull(options())).rejects.toMatchObject(damaged);
  });

  test('never takes the place of another folder or another commit', async () => {
    mkdirSync(out, { recursive: true });
    await expect(pull(options())).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    rmSync(out, { recursive: true });
    await pull(options());
    Object.assign(hub.repositories.get(repo)!, { commit: commitOf('b') });
    const other = { code: 'OUTPUT_UNWRITABLE', message: expect.stringMatching(/faces at aaaa/) };
    await expect(pull(options())).rejects.toMatchObject(other);
    expectWhole();
  });

  test('never removes a folder that it did not make, whatever it is called', async () => {
    const { folder } = stagingOf(out);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    await expect(pull(options())).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  test('asks for the disk that it needs before it fetches', async () => {
    const error = { code: 'HUB_DISK_FULL', details: { path: out, free: 64, needed: 65 } };
    await expect(pull(options({ free: async () => 64_100_000 }))).rejects.toMatchObject(error);
    expect(hub.sent()).toBe(0);
  });

  test('files whose names lead elsewhere are not fetched', async () => {
    files()
      .set('tokenizer/../../evil.json', Buffer.from('{}'))
      .set('../unet/evil.pb', Buffer.from('x'));
    await pull(options());
    expectWhole();
    expect(readdirSync(join(out, '..'))).toEqual(['owner--faces']);
  });
});

describe('what a hub refuses', () => {
  test.each([
    ['an unknown repository', { repo: 'owner/none' }, 'HUB_REPO_UNKNOWN', /owner\/none/],
    ['an unknown revision', { revision: 'v9' }, 'HUB_REVISION_UNKNOWN', /no revision v9/],
  ])('%s', async (_, changes, code, message) => {
    const error = { code, message: expect.stringMatching(message) };
    await expect(pull(options(changes))).rejects.toMatchObject(error);
    expect(existsSync(out)).toBe(false);
  });

  test('a repository that is private, gated, or for other tokens', async () => {
    hub.repositories.set(repo, repositoryOf(fixture, { gated: true }));
    const gated = { code: 'HUB_FORBIDDEN', message: expect.stringMatching(/terms have to be/) };
    await expect(pull(options())).rejects.toMatchObject(gated);
    hub.repositories.set(repo, repositoryOf(fixture, { token: 'right' }));
    await expect(pull(options())).rejects.toMatchObject({ code: 'HUB_REPO_UNKNOWN' });
    const wrong = { code: 'HUB_FORBIDDEN', message: expect.not.stringMatching(/wrong-one/) };
    await expect(pull(options({ token: 'wrong-one' }))).rejects.toMatchObject(wrong);
  });

  test('the token is shown to the hub, and not to where the hub sends us for large files', async () => {
    hub.repositories.set(repo, repositoryOf(fixture, { token: 'right' }));
    await pull(options({ token: 'right' }));
    expectWhole();
    const shown = (cdn: boolean) =>
      new Set(hub.requests.filter((request) => request.cdn === cdn).map(({ token }) => token));
    expect(shown(false)).toEqual(new Set(['right']));
    expect(shown(true)).toEqual(new Set([undefined]));
  });

  test('a hub that is not there, or never well', async () => {
    const nobody = options({ hub: 'http://127.0.0.1:9' });
    await expect(pull(nobody)).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    hub.faults.statuses.push(...Array(20).fill(503));
    const busy = { code: 'HUB_UNREACHABLE', message: expect.stringMatching(/status 503/) };
    await expect(pull(options())).rejects.toMatchObject(busy);
  });

  test('a server that ignores ranges is not taken for one that heeds them', async () => {
    hub.faults.ignoresRanges = true;
    const error = { code: 'HUB_UNREACHABLE', message: expect.stringMatching(/parts of files/) };
    await expect(pull(options())).rejects.toMatchObject(error);
  });
});
