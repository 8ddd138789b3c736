import { spawn } from 'node:child_process';
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
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openCache } from '../../src/cache/index.ts';
import { analogy } from '../../src/cli/analogy.ts';
import { describeError } from '../../src/cli/command.ts';
import { animatedGif, flat, hugePng, quarters } from '../engine/intake/samples.ts';

const model = resolve('test/fixtures/models/script');
const dir = mkdtempSync(join(tmpdir(), 'likewise-cli-'));
const at = (name: string) => join(dir, name);
afterAll(() => rmSync(dir, { recursive: true }));

beforeAll(async () => {
  await quarters(64, 64).toFile(at('A.png'));
  await quarters(64, 64).negate().toFile(at('A2.png'));
  await quarters(64, 48).toFile(at('B.png'));
  writeFileSync(at('B.gif'), await animatedGif()); // 40 x 30
});

/** Runs the command as a user would: in a folder, by its script, to its exit status. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const script = resolve('src/cli/analogy.ts');
  const child = spawn(process.execPath, [script, ...args], {
    cwd: dir,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((done) => {
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
  return { child, ended };
}
const run = (...args: string[]) => start(args).ended;

const reportSchema = z.strictObject({
  model: z.strictObject({ id: z.literal('script'), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
  provider: z.literal('cpu'),
  preset: z.literal('fast'),
  images: z.tuple([image('A'), image("A'"), image('B')]),
  cells: z.array(
    z.strictObject({
      lambda: z.number(),
      guidance: z.number(),
      file: z.string().nullable(),
      seconds: z.number().nonnegative(),
    }),
  ),
  totalSeconds: z.number().positive(),
});

function image(role: string) {
  const db = z.number().min(3).max(100);
  return z.strictObject({
    role: z.literal(role),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    cached: z.boolean(),
    unetForward: z.int().nonnegative(),
    unetVjp: z.int().nonnegative(),
    seconds: z.number().nonnegative(),
    tokenLoss: z.strictObject({ first: z.number(), last: z.number() }),
    ...(role === 'B' ? { reconstructionDb: db, autoencoderDb: db } : {}),
  });
}

const report = (name: string) => reportSchema.parse(JSON.parse(readFileSync(at(name), 'utf8')));

describe('three pictures in, a grid out', () => {
  const options = ['--lambda', '0,1', '--guidance', '1,3', '--cache', 'cache', '--model', model];
  const writeTo = (name: string) =>
    start(
      [
        ...['A.png', 'A2.png', 'B.gif', '--out', `${name}/grid.png`, ...options],
        ...['--cells', `${name}/cells`, '--report', `${name}/report.json`],
      ],
      { LIKEWISE_INTAKE_UNUSUAL: 'convert' },
    ).ended;
  const cells = [
    'lambda-0.00_guidance-1.00.png',
    'lambda-0.00_guidance-3.00.png',
    'lambda-1.00_guidance-1.00.png',
    'lambda-1.00_guidance-3.00.png',
  ];

  test('cold: every file, and on stderr only what was done to B', async () => {
    const { status, stdout, stderr } = await writeTo('cold');
    expect(stderr).toBe('B.gif is animated: its first frame is used.\n');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(readdirSync(at('cold')).sort()).toEqual(['cells', 'grid.png', 'report.json']);
    expect(readdirSync(at('cold/cells')).sort()).toEqual(cells);
    const grid = await sharp(at('cold/grid.png')).metadata();
    expect(grid).toMatchObject({ format: 'png', hasAlpha: true });
    expect(grid.width).toBeGreaterThan(1000);
  });

  test("the cells have B's shape, and strength 0 is the same at every guidance", async () => {
    const files = cells.map((name) => readFileSync(at(join('cold/cells', name))));
    for (const file of files) {
      const { width, height } = await sharp(file).metadata();
      expect(Math.abs(height - (width * 3) / 4)).toBeLessThanOrEqual(0.5);
    }
    const [none1, none3, all1, all3] = files as [Buffer, Buffer, Buffer, Buffer];
    expect(none1.equals(none3)).toBe(true);
    expect(none1.equals(all1)).toBe(false);
    expect(all1.equals(all3)).toBe(false);
  });

  test('the report says what it took', () => {
    const { images, cells: told } = report('cold/report.json');
    for (const { cached, unetForward, unetVjp } of images) {
      expect(cached).toBe(false);
      expect(unetForward).toBeGreaterThan(0);
      expect(unetVjp).toBeGreaterThan(0);
    }
    expect(told.map(({ file }) => file).sort()).toEqual(cells.map((name) => `cold/cells/${name}`));
    for (const { lambda, guidance, file } of told) {
      expect(file).toContain(`lambda-${lambda.toFixed(2)}_guidance-${guidance.toFixed(2)}.png`);
    }
  });

  test('warm: the same bytes, and no work but the renders', async () => {
    expect(await writeTo('warm')).toMatchObject({ status: 0 });
    for (const name of ['grid.png', ...cells.map((cell) => `cells/${cell}`)]) {
      expect(readFileSync(at(`warm/${name}`)).equals(readFileSync(at(`cold/${name}`))), name).toBe(
        true,
      );
    }
    for (const told of report('warm/report.json').images) {
      expect(told).toMatchObject({ cached: true, unetForward: 0, unetVjp: 0 });
    }
  });

  test.skipIf(process.platform === 'win32')('an interrupt leaves nothing behind', async () => {
    const args = ['A.png', 'A2.png', 'B.png', '--out', 'stopped/x/grid.png', '--cache', 'none'];
    const { child, ended } = start([...args, '--model', model, '--preset', 'paper']);
    while (!existsSync(at('stopped/x')) && child.exitCode === null) {
      await new Promise((wait) => setTimeout(wait, 20));
    }
    child.kill('SIGINT');
    child.kill('SIGINT'); // npm passes on what the terminal sent already
    const { status, stderr } = await ended;
    expect(stderr).toMatch(/^Stopped before the end\. [^\n]*\n$/);
    expect(status).toBe(130);
    expect(existsSync(at('stopped'))).toBe(false);
  });
});

describe('bad input: exit status 2, one line, nothing written', () => {
  const good = ['A.png', 'A2.png', 'B.png'];
  const files: Record<string, () => Buffer | Promise<Buffer>> = {
    'empty.png': () => Buffer.alloc(0),
    'text.png': () => Buffer.from('not a picture\n'),
    'photo.heic': () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'),
    'drawing.svg': () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'dot.png': () => flat(1, 1, '#fff').png().toBuffer(),
    'huge.png': () => hugePng(20_000, 20_000),
    'half.jpg': async () => (await quarters(200, 200).jpeg().toBuffer()).subarray(0, 900),
    'cmyk.jpg': () => quarters(64, 64).toColourspace('cmyk').jpeg().toBuffer(),
    'deep.png': () => quarters(64, 64).toColourspace('rgb16').png().toBuffer(),
  };
  beforeAll(async () => {
    for (const [name, make] of Object.entries(files)) writeFileSync(at(name), await make());
    mkdirSync(at('taken/lambda-1.00_guidance-2.00.png'), { recursive: true });
  });

  const pictures: [string, RegExp][] = [
    ['none.png', /^B \(\S*none\.png\) cannot be read: there is no such file/],
    ['.', /it is a folder/],
    ['empty.png', /^B \(\S*empty\.png\) is empty/],
    ['text.png', /is text/],
    ['photo.heic', /HEIC.*JPEG/],
    ['drawing.svg', /SVG/],
    ['dot.png', /1 x 1/],
    ['huge.png', /20000 x 20000/],
    ['half.jpg', /cut short/],
  ];
  const others: [string[], RegExp][] = [
    [['A.png', 'A2.png'], /B is missing/],
    [[...good, '--lambda', 'abc'], /"abc" is no number/],
    [[...good, '--flag'], /Unknown option '--flag'/],
    [[...good, '--model', '.'], /no model that can be used: it lacks/],
    [[...good, '--model', 'nowhere'], /no such folder/],
    [[...good, '--model', 'A.png'], /it is a file/],
    [[...good, '--model', model, '--cache', 'A.png'], /The cache \S*A\.png cannot be used/],
    [[...good, '--cells', 'B.gif'], /Cannot write to \S*B\.gif: a file is in the way/],
    [[...good, '--report', 'A.png/x.json'], /a file is in the way/],
    [[...good, '--cells', 'taken'], /lambda-1\.00_guidance-2\.00\.png: it is a folder/],
  ];
  const cases = [
    ...pictures.map(([name, line]) => [['A.png', 'A2.png', name], line] as [string[], RegExp]),
    ...others,
  ];

  // A process costs a second, so most of them run in this one, under the same roof.
  test.each(cases)('%j', async (args, line) => {
    const place = join(dir, `bad-${cases.findIndex((one) => one[0] === args)}`);
    const paths = args.map((arg) => (/^--|^abc$/.test(arg) ? arg : resolve(dir, arg)));
    const { stdout, stderr } = process;
    const signal = new AbortController().signal;
    const terminal = { env: {}, stdout, stderr: Object.create(stderr, { isTTY: {} }), signal };
    const error: unknown = await analogy(
      [...paths, '--out', join(place, 'grid.png')],
      terminal,
    ).then(
      () => 'it was not refused',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ exitStatus: 2 });
    expect(describeError(error, {})).toMatch(line);
    expect(describeError(error, {})).toMatch(/^[^\n]+\.$/);
    expect(existsSync(place)).toBe(false);
  });

  test.each([
    [['A.png', 'A2.png', 'none.png'], /^B \(none\.png\) cannot be read[^\n]*\n$/],
    [[...good, '--lambda', 'abc'], /^--lambda: "abc" is no number[^\n]*\n$/],
  ])('as a process: %j', async (args, line) => {
    const { status, stdout, stderr } = await run(...args, '--out', 'process/grid.png');
    expect(stderr).toMatch(line);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(existsSync(at('process'))).toBe(false);
  });

  test('a cache that fails while it is used', async () => {
    await openCache(at('full')).close();
    const database = new DatabaseSync(at('full/cache.sqlite'));
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    database.close();
    const args = [...good, '--out', 'full/x/grid.png', '--cache', 'full', '--model', model];
    const { status, stderr } = await run(...args);
    expect(stderr).toMatch(/^The cache full cannot be used: no room\. [^\n]*\n$/);
    expect(status).toBe(2);
    expect(existsSync(at('full/x'))).toBe(false);
  });

  test('a setting of the environment that is wrong', async () => {
    const args = [...good, '--out', 'env/grid.png'];
    const { status, stderr } = await start(args, { LIKEWISE_SEED: 'x' }).ended;
    expect(stderr).toMatch(/^The setting seed is wrong: [^\n]*\n$/);
    expect(status).toBe(2);
  });

  // onnxruntime-node comes without CUDA's libraries.
  const cuda =
    'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';
  test.skipIf(process.platform !== 'linux' || existsSync(cuda))(
    'a provider that is not installed',
    async () => {
      const args = [...good, '--out', 'env/grid.png', '--cache', 'none', '--model', model];
      const { status, stderr } = await start(args, { LIKEWISE_PROVIDER: 'tensorrt' }).ended;
      expect(stderr).toMatch(/The setting provider is wrong/);
      expect(status).toBe(2);
      const absent = await start(args, { LIKEWISE_PROVIDER: 'cuda' }).ended;
      expect(absent.stderr).toMatch(
        /^The provider cuda cannot be used here: [^\n]*setup:cuda[^\n]*\n$/,
      );
      expect(absent.status).toBe(2);
      expect(existsSync(at('env'))).toBe(false);
    },
  );

  test.each([
    ['cmyk.jpg', 'made for print (CMYK)'],
    ['deep.png', 'stored with 16 bits a channel'],
    ['B.gif', 'animated'],
  ])('%s, unless the settings convert it', async (file, trait) => {
    const { status, stderr } = await run('A.png', 'A2.png', file, '--out', 'env/grid.png');
    expect(stderr).toContain(`B (${file}) is ${trait}, which is refused`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });
});

test('--help is no error', async () => {
  // A setting that is wrong is no reason to keep quiet.
  const { status, stdout, stderr } = await start(['--help'], { LIKEWISE_SEED: 'x' }).ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/A\.png A2\.png B\.png --out grid\.png/);
});
