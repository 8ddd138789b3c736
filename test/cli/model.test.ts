import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeError } from '../../src/cli/command.ts';
import { model } from '../../src/cli/model.ts';
import { chooseProvider } from '../../src/engine/onnx/index.ts';
import { isLikewiseError } from '../../src/errors.ts';
import { type HubServer, openHub, repositoryOf } from '../engine/hub/hub-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-model-'));
afterAll(() => rmSync(dir, { recursive: true }));

const script = 'test/fixtures/models/script';
/** There on one system, and it is not this one: ONNX Runtime alone would take the CPU instead. */
const foreign = process.platform === 'win32' ? 'coreml' : 'dml';
const optimum = 'test/fixtures/models/optimum';

/** The command in this process, under the roof that it has as one of its own. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const out = new PassThrough();
  const terminal = {
    env,
    stdout: out as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  const error = await model(args, terminal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const status = error === undefined ? 0 : isLikewiseError(error) ? error.exitStatus : 1;
  const err = error === undefined ? '' : describeError(error, {});
  return { status, out: String(out.read() ?? ''), err };
}

/** The command as a process, in a folder of its own. */
function start(cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const program = resolve('src/cli/model.ts');
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const status = new Promise<number | null>((done) => child.on('close', done));
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const ended = (async () => ({ status: await status, out: await out, err: await err }))();
  return { child, ended };
}

describe('npm run model', () => {
  test.each<[string[], RegExp]>([
    [[], /What to do is missing/],
    [['fetch'], /no "fetch"/],
    [['toString'], /no "toString"/],
    [['pull'], /OWNER\/NAME/],
    [['pull', 'a/b', 'c/d'], /"c\/d" is one too many/],
    [['pull', 'name'], /"name" is no repository/],
    [['pull', '../b'], /"\.\.\/b" is no repository/],
    [['pull', 'a/..'], /"a\/\.\." is no repository/],
    [['pull', 'a/b', '--hub', 'ftp://x'], /no address of a hub/],
    [['pull', 'a/b', '--out='], /--out is empty/],
    [['pull', 'a/b', '--force'], /--force/],
    [['list', 'all'], /"all"/],
    [['check'], /A folder is needed/],
    [['check', script, 'b'], /"b" is one too many/],
    [['check', script, '--directions', '0'], /--directions takes a whole number/],
    [['check', script, '--provider', 'tpu'], /LIKEWISE_PROVIDER takes one of "auto"/],
    [['check', script, '--provider', foreign], /The provider \w+ cannot be used here: .* only/],
    [['check', script, '--preset', 'slow'], /LIKEWISE_PRESET takes one of/],
  ])('%o is refused in one line', async (args, message) => {
    const { status, out, err } = await run(args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toContain('\n');
  });

  test('--help', async () => {
    const { status, out } = await run(['pull', '--help']);
    expect(status).toBe(0);
    expect(out).toMatch(/npm run model -- check DIR/);
  });
});

describe('check', () => {
  test.each<[string, string[], RegExp[]]>([
    [
      script,
      [],
      [
        /diffusers' script's layout \(pytorch .*\), opset 14, weights float32/,
        /epsilon; timestep: float32 \[/,
      ],
    ],
    [
      optimum,
      ['--preset', 'paper', '--directions', '1'],
      [/Optimum's layout \(pytorch .*\), opset 18/, /v_prediction; timestep: float32 scalar/],
    ],
    [
      'models/avatars',
      ['--directions', '1'],
      [
        /weights float16/,
        /16 tokens of width 128, features of width 128/,
        /128 x 128, latents 8 x 16 x 16/,
      ],
    ],
  ])('%s: what it is, gradients, times, settings', async (folder, options, lines) => {
    const { status, out, err } = await run(['check', folder, ...options]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const line of lines) expect(out).toMatch(line);
    const errors = [
      ...out.matchAll(/by (?:its tokens|the text features|the latents): (\S+) % off$/gm),
    ];
    expect(errors).toHaveLength(4);
    for (const [, percent] of errors) expect(Number(percent)).toBeLessThan(1);
    expect(out).toMatch(/one step of Eq\. 2, \d+ samples: [\d.]+ m?s\n/);
    expect(out).toMatch(/one gradient of Eq\. 3, 10 sampler steps: [\d.]+ m?s\n/);
    expect(out).toMatch(/memory at most: [\d.]+ [MG]B/);
    expect(out).toContain(`LIKEWISE_MODEL=${folder}\n`);
    const { provider, tried } = await chooseProvider('auto');
    expect(out).toContain(`  runs on: ${provider}\n`);
    for (const other of tried) expect(out).toContain(`not on ${other.provider}: ${other.why}\n`);
    expect(out).toContain('  computes in: float32\n');
    if (provider === 'cpu') expect(out).not.toContain('by float16');
  });

  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'lacks a part',
      (folder) => rmSync(join(folder, 'vae_encoder'), { recursive: true }),
      /lacks vae_encoder\/model\.onnx/,
    ],
    ['has two text encoders', (folder) => mkdirSync(join(folder, 'text_encoder_2')), /SDXL/],
    [
      'has a graph that is none',
      (folder) => cpSync('package.json', join(folder, 'unet/model.onnx')),
      /unet\/model\.onnx/,
    ],
  ])('a folder that %s is refused, with the reason', async (name, spoil, message) => {
    const folder = join(dir, name.replaceAll(' ', '-'));
    cpSync(script, folder, { recursive: true });
    spoil(folder);
    const { status, out, err } = await run(['check', folder]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/is no model that can be used/);
    expect(err).toMatch(message);
  });

  test('a folder that is not there', async () => {
    expect(await run(['check', join(dir, 'none')])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/no such folder/),
    });
  });
});

describe('pull and list', () => {
  const repo = 'owner/faces';
  let hub: HubServer;
  let cwd: string;
  let env: Record<string, string>;
  let count = 0;
  beforeEach(async () => {
    hub = await openHub();
    hub.repositories.set(repo, repositoryOf(script));
    cwd = join(dir, `cwd-${count++}`);
    mkdirSync(join(cwd, 'models'), { recursive: true });
    symlinkSync(resolve('models/avatars'), join(cwd, 'models/avatars'));
    env = { LIKEWISE_HUB_URL: hub.url };
  });
  afterEach(() => hub.close());

  test('a model appears, is listed, and can be checked', async () => {
    const pulled = await start(cwd, ['pull', repo], env).ended;
    expect(pulled).toMatchObject({ status: 0, err: '' });
    expect(pulled.out).toMatch(/^models\/owner--faces: owner\/faces at aaaaaaaaaaaa, \d+ kB/);
    expect(pulled.out).toContain('npm run model -- check models/owner--faces');
    const again = await start(cwd, ['pull', repo, '--hub', hub.url], {}).ended;
    expect(again).toMatchObject({ status: 0, out: expect.stringMatching(/was here already/) });
    const used = { LIKEWISE_MODEL: 'models/owner--faces' };
    const listed = await start(cwd, ['list'], used).ended;
    expect(listed).toMatchObject({ status: 0, err: '' });
    expect(listed.out).toMatch(
      /^ {2}models\/avatars +a diffusion .*text width 128, float16, \d+ MB, complete$/m,
    );
    expect(listed.out).toMatch(
      /^\* models\/owner--faces +.*text width 16, float32, \d+ kB, complete, owner\/faces at a{12}$/m,
    );
    expect(await run(['check', join(cwd, 'models/owner--faces')])).toMatchObject({ status: 0 });
  });

  test('an interrupt keeps what is there and says how to go on; nobody takes it for a model', async () => {
    hub.faults.stalls.set('unet/model.onnx', [40_000]);
    const { child, ended } = start(cwd, ['pull', repo], env);
    const partial = join(cwd, 'models/owner--faces.partial');
    const file = join(partial, 'files/unet/model.onnx');
    const length = () => (existsSync(file) ? readFileSync(file).length : 0);
    await expect.poll(length, { timeout: 30_000, interval: 50 }).toBe(40_000);
    child.kill('SIGINT');
    const { status, out, err } = await ended;
    expect({ status, out }).toEqual({ status: 130, out: '' });
    expect(err).toMatch(
      /^Stopped with \d+ of \d+ MB fetched\. .*models\/owner--faces\.partial: run the same command again[^\n]*\n$/,
    );
    const { out: listed } = await start(cwd, ['list']).ended;
    expect(listed).toMatch(
      /^ {2}models\/owner--faces\.partial +unfinished, \d+ kB of \d+ kB: npm run/m,
    );
    const checked = await run(['check', partial]);
    expect(checked).toMatchObject({
      status: 2,
      err: expect.stringMatching(/an unfinished pull; npm run/),
    });
    expect(await start(cwd, ['pull', repo], env).ended).toMatchObject({ status: 0 });
    expect(existsSync(partial)).toBe(false);
  });

  test('a token from a file opens what is private; --out names another folder', async () => {
    hub.repositories.set(repo, repositoryOf(script, { token: 'right' }));
    const refused = await run(['pull', repo, '--out', join(cwd, 'x')], env);
    expect(refused).toMatchObject({ status: 2, err: expect.stringMatching(/LIKEWISE_HUB_TOKEN/) });
    const file = join(cwd, 'token');
    writeFileSync(file, 'right\n');
    const settings = { ...env, LIKEWISE_HUB_TOKEN_FILE: file };
    const { status, out } = await run(['pull', repo, '--out', join(cwd, 'x')], settings);
    expect(status).toBe(0);
    expect(out).toContain(`LIKEWISE_MODEL=${join(cwd, 'x')} npm start`);
    expect(existsSync(join(cwd, 'x/unet/model.onnx'))).toBe(true);
  });

  test('list tells of folders that cannot be used, and of a model elsewhere', async () => {
    mkdirSync(join(cwd, 'models/empty'));
    const { status, out } = await start(cwd, ['list'], { LIKEWISE_MODEL: resolve(optimum) }).ended;
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}models\/empty +cannot be used: it lacks text_encoder\/model\.onnx/m);
    expect(out).toMatch(/^\* \/.*optimum +a diffusion model .*complete$/m);
  });
});
