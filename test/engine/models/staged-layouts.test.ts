import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildStagedVjp, valueBytes } from '../../../src/engine/autodiff/index.ts';
import { toFloat16 } from '../../../src/engine/models/precision/index.ts';
import { readLight } from '../../../src/engine/models/read.ts';
import { withSizes } from '../../../src/engine/models/sizes.ts';
import type { NodeProto, OnnxModel } from '../../../src/engine/onnx/index.ts';

const folder = join(import.meta.dirname, '../../fixtures/layouts');
const parts = {
  unet: {
    of: 'out_sample',
    wrt: ['sample', 'encoder_hidden_states'],
    sizes: {
      sample: [undefined, 4, 8, 8],
      timestep: [undefined],
      encoder_hidden_states: [undefined, 8, 16],
    },
  },
  vae_decoder: {
    of: 'sample',
    wrt: ['latent_sample'],
    sizes: { latent_sample: [undefined, 4, 8, 8] },
  },
};

/** Products and convolutions inside of branches, which is where gradients are. */
function productsInside(model: OnnxModel): NodeProto[] {
  const nodes = (model.proto.graph?.node ?? []).flatMap(({ attribute = [] }) =>
    attribute.flatMap(({ g }) => g?.node ?? []),
  );
  return nodes.filter(({ opType = '' }) => ['MatMul', 'Gemm', 'ConvTranspose'].includes(opType));
}

describe.each(readdirSync(folder))('layout %s', (name) => {
  test.each(Object.entries(parts))('%s in any number of stages', (part, { of, wrt, sizes }) => {
    const model = withSizes(readLight(join(folder, name, part, 'model.onnx')), sizes);
    const values = valueBytes(model);
    // The full depth is one layout's alone, and takes its time.
    for (const count of name === 'script' ? [8] : [1, 2, 4, 8, 16]) {
      const options = { of, wrt, stageBytes: values / count, sliceBytes: 1e9 };
      const staged = buildStagedVjp(model, options);
      expect(staged.backwardBytes).toBeGreaterThan(0);
      if (count !== 8) continue;
      expect(staged.stages).toBeGreaterThan(4);
      const products = productsInside(toFloat16(staged.model));
      expect(products.length).toBeGreaterThan(10);
      for (const { input = [] } of products) expect(input[0]).toContain('/half');
    }
  });
});
