import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { describeModel } from '../../../src/cli/model/describe.ts';
import { list } from '../../../src/cli/model/list.ts';
import { readModel, writeModel } from '../../../src/engine/onnx/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'likewise-describe-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const copyOf = (name: string) => {
  const dir = join(scratch, name);
  cpSync('test/fixtures/models/script', dir, { recursive: true });
  return dir;
};

/** The line of `model list` about the folder that the settings name. */
async function listed(dir: string): Promise<string> {
  const out = new PassThrough();
  await list([], {
    env: { LIKEWISE_MODEL: dir },
    stdout: out as unknown as NodeJS.WriteStream,
    stderr: new PassThrough() as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
  });
  const lines = String(out.read()).split('\n');
  return lines.find((line) => line.startsWith('* ')) ?? '';
}

describe('a folder that loading refuses', () => {
  it('of graphs optimised for ONNX Runtime is not called complete', async () => {
    const dir = copyOf('fused');
    expect(await listed(dir)).toMatch(/complete$/);
    const path = join(dir, 'vae_decoder/model.onnx');
    const graph = readModel(path);
    const node = graph.proto.graph?.node?.at(-1);
    Object.assign(node ?? {}, { domain: 'com.microsoft', opType: 'NhwcConv' });
    writeModel(graph, path);
    const why =
      /vae_decoder\/model\.onnx was optimised .*com\.microsoft\.NhwcConv\): export it again/;
    expect(() => describeModel(dir)).toThrow(why);
    expect(await listed(dir)).toMatch(/fused +cannot be used: vae_decoder\/model\.onnx was optim/);
  });

  it('of another kind of U-Net says of which', async () => {
    const dir = copyOf('inpainting');
    writeFileSync(join(dir, 'unet/config.json'), '{"sample_size":8,"in_channels":9}');
    expect(await listed(dir)).toMatch(/cannot be used: its U-Net takes 9 channels .*inpainting/);
  });
});
