import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildVjp } from '../../../src/engine/autodiff/index.ts';
import type { Tensor } from '../../../src/engine/onnx/index.ts';
import { fixtureFolder, loadFixture, relativeError, runOnce, tokenEmbeddings } from './helpers.ts';

const names = readdirSync(fixtureFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

describe('gradients of Stable Diffusion parts agree with PyTorch', () => {
  test('the fixtures cover both exporters and all operator sets', () => {
    for (const part of ['script-14', 'script-17', 'script-18', 'dynamo-18', 'dynamo-20']) {
      expect(names.some((n) => n.includes(part))).toBe(true);
    }
    for (const part of ['dynamo-21', 'dynamo-23', 'static', 'batch', 'half', 'sizes', 'scalar']) {
      expect(names.some((n) => n.includes(part))).toBe(true);
    }
  });

  test.each(names)('%s', async (name) => {
    const { model, inputs, cotangents, outputs, gradients } = loadFixture(name);
    const inner = (value: string) => (value === 'embeddings' ? tokenEmbeddings(model) : value);
    const of = Object.keys(cotangents);
    const wrt = Object.keys(gradients).map(inner);
    const vjp = buildVjp(model, { of, wrt });
    const feeds: Record<string, Tensor> = { ...inputs };
    for (const [output, value] of Object.entries(cotangents)) feeds[`grad_${output}`] = value;
    const results = await runOnce(vjp, feeds);
    for (const [output, value] of Object.entries(outputs)) {
      expect(relativeError(results[output], value), output).toBeLessThan(1e-5);
    }
    for (const [value, gradient] of Object.entries(gradients)) {
      expect(relativeError(results[`grad_${inner(value)}`], gradient), value).toBeLessThan(1e-4);
    }
  });
});
