import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { describeError } from '../../src/cli/command.ts';
import { vjp } from '../../src/cli/vjp.ts';
import { createSession } from '../../src/engine/onnx/index.ts';
import { isLikewiseError } from '../../src/errors.ts';
import { loadFixture, relativeError } from '../engine/autodiff/helpers.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-vjp-'));
afterAll(() => rmSync(dir, { recursive: true }));

const decoder = 'test/fixtures/autodiff/decoder-script-14-static';
const text = 'test/fixtures/autodiff/text-script-14-static.onnx';

/** The command in this process, under the roof that it has as one of its own. */
async function run(...args: string[]) {
  const out = new PassThrough();
  const terminal = {
    env: {},
    stdout: out as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  const error = await vjp(args, terminal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const status = error === undefined ? 0 : isLikewiseError(error) ? error.exitStatus : 1;
  const err = error === undefined ? '' : describeError(error, {});
  return { status, out: String(out.read() ?? ''), err };
}

describe('npm run vjp', () => {
  test('writes a model that gives PyTorch’s gradient', async () => {
    const path = join(dir, 'vjp.onnx');
    const { status, err } = await run(
      `${decoder}.onnx`,
      '--of',
      'sample',
      '--wrt',
      'latent_sample',
      '--out',
      path,
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const { inputs, cotangents, gradients } = loadFixture('decoder-script-14-static');
    const session = await createSession(path, { threads: 1 });
    expect(session.inputs.map((i) => i.name)).toEqual(['latent_sample', 'grad_sample']);
    expect(session.outputs.map((o) => o.name)).toEqual(['sample', 'grad_latent_sample']);
    const results = await session.run({ ...inputs, grad_sample: cotangents.sample! });
    expect(relativeError(results.grad_latent_sample, gradients.latent_sample)).toBeLessThan(1e-4);
    await session.release();
  });

  test.each([
    ['no arguments', [], /--help/],
    ['no --of', ['x.onnx', '--wrt', 'a', '--out', 'o'], /--of/],
    ['no --wrt', ['x.onnx', '--of', 'a', '--out', 'o'], /--wrt/],
    ['empty --wrt', ['x.onnx', '--of', 'a', '--wrt', ',', '--out', 'o'], /--wrt/],
    ['no --out', ['x.onnx', '--of', 'a', '--wrt', 'a'], /--out/],
    ['two models', ['x.onnx', 'y.onnx', '--of', 'a', '--wrt', 'a', '--out', 'o'], /y\.onnx/],
    ['unknown flag', ['x.onnx', '--off', 'a'], /--off/],
    [
      'its own input',
      ['x.onnx', '--of', 'a', '--wrt', 'a', '--out', './x.onnx'],
      /would overwrite/,
    ],
    ['missing file', ['no.onnx', '--of', 'a', '--wrt', 'a', '--out', 'o'], /no\.onnx.*no such/],
    ['no model', ['package.json', '--of', 'a', '--wrt', 'a', '--out', 'o'], /not an ONNX model/],
    ['unknown output', [`${decoder}.onnx`, '--of', 'a', '--wrt', 'a', '--out', 'o'], /are sample/],
    [
      'unknown input',
      [`${decoder}.onnx`, '--of', 'sample', '--wrt', 'a', '--out', 'o'],
      /are latent_sample/,
    ],
    [
      'no differentiable path',
      [text, '--of', 'last_hidden_state', '--wrt', 'input_ids', '--out', 'o'],
      /Gather "\/tokens\/Gather"/,
    ],
    [
      'unsupported operator',
      [text, '--of', 'pooler_output', '--wrt', '/tokens/Gather_output_0', '--out', 'o'],
      /Gather.* "\/Gather/,
    ],
  ])('%s: status 2, one line', async (_, args, message) => {
    const inside = args.map((a) => (a === 'o' ? join(dir, 'never.onnx') : a));
    const { status, out, err } = await run(...inside);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err.trimEnd()).not.toContain('\n');
    expect(readdirSync(dir).filter((f) => f.includes('never'))).toEqual([]);
  });

  test('an answer that cannot be written leaves nothing, and an older file as it was', async () => {
    const path = join(dir, 'kept.onnx');
    writeFileSync(path, 'older');
    const args = ['--of', 'sample', '--wrt', 'nope', '--out'];
    expect(await run(`${decoder}.onnx`, ...args, path)).toMatchObject({ status: 2 });
    expect(readFileSync(path, 'utf8')).toBe('older');
    const lost = await run(
      `${decoder}.onnx`,
      '--of',
      'sample',
      '--wrt',
      'latent_sample',
      '--out',
      join(dir, 'no', 'o'),
    );
    expect(lost.status).toBe(2);
    expect(lost.err).toMatch(/^Cannot write to .*folder/);
  });

  test('--help', async () => {
    expect(await run('--help')).toMatchObject({ status: 0, err: '' });
  });

  test('as a process: exit status and one line on stderr', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/vjp.ts', 'x.onnx'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^--of is missing[^\n]*\. Run with --help[^\n]*\n$/);
  });
});
