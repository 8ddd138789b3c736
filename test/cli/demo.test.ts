import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { demo } from '../../src/cli/demo.ts';
import { canonicalPicture } from '../../src/engine/intake/index.ts';
import { limits } from '../engine/intake/samples.ts';

const read = async (name: string) =>
  await canonicalPicture(readFileSync(`samples/${name}`), {
    size: { width: 128, height: 128 },
    limits,
  });

/** Share of pixels that differ visibly. */
function changed(a: Uint8Array, b: Uint8Array): number {
  const different = a.filter((value, i) => Math.abs(value - (b[i] ?? 0)) > 24).length;
  return different / a.length;
}

test('the samples make an analogy: one change, and another face', async () => {
  const [before, after, other] = [
    await read('plain.png'),
    await read('with-glasses.png'),
    await read('friend.png'),
  ];
  expect(changed(before.rgb, after.rgb)).toBeGreaterThan(0.003);
  expect(changed(before.rgb, after.rgb)).toBeLessThan(0.15);
  expect(changed(before.rgb, other.rgb)).toBeGreaterThan(0.3);
});

async function say(...args: string[]): Promise<string> {
  const stdout = new PassThrough();
  const terminal = {
    env: { LIKEWISE_MODEL: resolve('test/fixtures/models/script') },
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  };
  await demo(args, terminal);
  return String(stdout.read());
}

test('--help helps, and claims nothing', async () => {
  const said = await say('--help', '--lambda', 'x');
  expect(said).toMatch(/--guidance LIST/);
  expect(said).not.toMatch(/ready|moment/);
});

test('says which file it wrote', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-demo-'));
  try {
    const out = join(dir, 'mine.png');
    const said = await say('--out', out, '--lambda', '0,1', '--cache', 'none');
    expect(said).toMatch(/mine\.png is ready\. /);
    expect(said).not.toContain('likewise-demo.png');
    expect(existsSync(out)).toBe(true);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
