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
  const asked = '--query-gpu=memory.total,mig.mode.current --format=csv,noheader,nounits';
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
      ['one GPU', '12288, [N/A]\\n', 12_884],
      ['several that are alike', '81559, Disabled\\n81559, Disabled\\n', 85_520],
    ])('is that of %s', (_, answer, megabytes) => {
      expect(gpuMegabytes([tool(answer)])).toBe(megabytes);
    });

    it.each([
      ['there is no tool', [join(folder, 'none')]],
      ['no driver answers', [tool('NVIDIA-SMI has failed\\n', 9)]],
      ['the GPU does not tell', [tool('[N/A], [N/A]\\n')]],
      ['GPUs differ', [tool('24564, [N/A]\\n2048, [N/A]\\n')]],
      ['a GPU is divided', [tool('81559, Enabled\\n')]],
      ['there is none', [tool('')]],
    ])('is unknown where %s', (_, tools) => {
      expect(gpuMegabytes(tools)).toBeUndefined();
    });

    it('is asked of the first tool that exists', () => {
      const tools = [join(folder, 'none'), tool('16384, [N/A]\\n'), tool('8192, [N/A]\\n')];
      expect(gpuMegabytes(tools)).toBe(17_179);
    });
  },
);
