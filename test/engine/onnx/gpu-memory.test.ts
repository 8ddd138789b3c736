import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gpuMegabytes } from '../../../src/engine/onnx/gpu-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'likewise-gpu-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
/** A tool that answers what the real one is asked, and nothing else. */
function tool(answer: string, status = 0): string {
  const path = join(folder, `nvidia-smi-${count++}`);
  const asked = '--query-gpu=memory.total --format=csv,noheader,nounits';
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$*" = "${asked}" ] || exit 9\nprintf '${answer}'\nexit ${status}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')(
  'memory of the GPU (skips where there is no sh)',
  () => {
    it.each([
      ['one GPU', '12288\\n', 12_884],
      ['the least of several', '81559\\n24564\\n', 25_757],
      ['one that tells, beside one that does not', '[N/A]\\n8192\\n', 8589],
    ])('is that of %s', (_, answer, megabytes) => {
      expect(gpuMegabytes([tool(answer)])).toBe(megabytes);
    });

    it.each([
      ['there is no tool', [join(folder, 'none')]],
      ['no driver answers', [tool('NVIDIA-SMI has failed\\n', 9)]],
      ['no GPU tells', [tool('[N/A]\\n')]],
      ['there is none', [tool('')]],
    ])('is unknown where %s', (_, tools) => {
      expect(gpuMegabytes(tools)).toBeUndefined();
    });

    it('is asked of the first tool that exists', () => {
      const tools = [join(folder, 'none'), tool('16384\\n'), tool('8192\\n')];
      expect(gpuMegabytes(tools)).toBe(17_179);
    });
  },
);
