import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const stub = fileURLToPath(new URL('./threads.stub.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'likewise-threads-'));
const pipe = join(folder, 'pipe');
afterAll(() => rmSync(folder, { recursive: true }));

async function endOf(act: string): Promise<unknown[]> {
  const child = spawn(process.execPath, [stub, act, pipe], { stdio: 'inherit' });
  return await once(child, 'exit');
}

it.each(['brief', 'busy', 'late'])('exits with its status: a thread is %s', async (act) => {
  expect(await endOf(act)).toEqual([7, null]);
});

it.skipIf(process.platform === 'win32')(
  'ends by a signal where a thread cannot be interrupted',
  async () => {
    execFileSync('mkfifo', [pipe]);
    expect(await endOf('stuck')).toEqual([null, 'SIGTERM']);
  },
);
