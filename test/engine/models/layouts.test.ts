import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DiffusionModel, float32, loadModel } from '../../../src/engine/models/index.ts';
import { toFloat16 } from '../../../src/engine/models/precision/index.ts';
import { decodeModel, type NodeProto, type OnnxModel } from '../../../src/engine/onnx/index.ts';
import { copyOf, distance, type LayoutRecord, layoutsDir, plus, recordOf } from './records.ts';

// Graphs as deep as the real one are opened, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const layouts = {
  script: { tolerance: 1e-3, prediction: 'epsilon' },
  'script-half': { tolerance: 2e-2, prediction: 'epsilon' },
  'optimum-14': { tolerance: 1e-3, prediction: 'epsilon' },
  'optimum-18': { tolerance: 1e-3, prediction: 'v_prediction' },
  'torchscript-17': { tolerance: 1e-3, prediction: 'epsilon' },
  'dynamo-18': { tolerance: 1e-3, prediction: 'epsilon' },
  'dynamo-21': { tolerance: 1e-3, prediction: 'epsilon' },
  sd2: { tolerance: 1e-3, prediction: 'v_prediction' },
} as const;
/** MB in which no whole gradient graph of them fits. */
const narrow = 3;

const scratch = mkdtempSync(join(tmpdir(), 'likewise-layouts-'));
const loaded: DiffusionModel[] = [];
const open = async (dir: string, memoryMegabytes: number) => {
  const model = await loadModel(dir, { threads: 1, memoryMegabytes });
  loaded.push(model);
  return model;
};
afterAll(async () => {
  for (const model of loaded) await model.close();
  rmSync(scratch, { recursive: true });
});

it('has every layout that there is a fixture of', () => {
  expect(readdirSync(layoutsDir).sort()).toEqual(Object.keys(layouts).sort());
});

/** Products and convolutions inside of branches, which is where gradients are. */
function productsInside(model: OnnxModel): NodeProto[] {
  const nodes = (model.proto.graph?.node ?? []).flatMap(({ attribute = [] }) =>
    attribute.flatMap(({ g }) => g?.node ?? []),
  );
  return nodes.filter(({ opType = '' }) => ['MatMul', 'Gemm', 'ConvTranspose'].includes(opType));
}

/** Predictions and pictures, and their slopes by latents and by features. */
async function check(m: DiffusionModel, r: LayoutRecord, tolerance: number): Promise<void> {
  const times = [...r.times.data];
  expect(distance(await m.unet(r.z, times, r.context), r.out)).toBeLessThan(tolerance);
  const wrt = ['sample', 'context'] as const;
  const vjp = await m.unetVjp(r.z, times, r.context, r.seedOut, wrt);
  expect(distance(vjp.out, r.out)).toBeLessThan(tolerance);
  expect(distance(vjp.gradSample, r.gradSample)).toBeLessThan(tolerance);
  expect(distance(vjp.gradContext, r.gradContext)).toBeLessThan(tolerance);
  expect(distance(await m.decode(r.latents), r.decoded)).toBeLessThan(tolerance);
  const { pixels, gradZ } = await m.decodeErrorVjp(r.latents, r.pixels, [3]);
  expect(distance(pixels, r.decoded)).toBeLessThan(tolerance);
  expect(distance(gradZ, r.gradLatents)).toBeLessThan(tolerance);
}

describe.each(Object.entries(layouts))('%s', (layout, { tolerance, prediction }) => {
  const r = recordOf(layout);
  const times = [...r.times.data];
  const dir = copyOf(layout, scratch);
  let staged: DiffusionModel;
  beforeAll(async () => {
    staged = await open(dir, narrow);
  });

  it('reads text as CLIP does', async () => {
    const ids = [...r.ids.data];
    expect(staged.schedule.prediction).toBe(prediction);
    expect(staged.tokenize('abc dab c')).toEqual(ids);
    expect(staged.text.length).toBe(ids.length);
    const embeddings = float32(r.embeddings.dims, staged.tokenEmbeddings(ids).data);
    expect(distance(embeddings, r.embeddings)).toBeLessThan(1e-6);
    const { c, gradEmbeddings } = await staged.encodeTokensVjp(r.embeddings, r.seedFeatures);
    expect(distance(c, r.features)).toBeLessThan(tolerance);
    expect(distance(await staged.encodeTokens(r.embeddings), r.features)).toBeLessThan(tolerance);
    expect(distance(gradEmbeddings, r.gradEmbeddings)).toBeLessThan(tolerance);
  });

  it('encodes pictures', async () => {
    expect(distance(await staged.encode(r.pixels), r.encoded)).toBeLessThan(tolerance);
  });

  it('predicts and decodes in stages as PyTorch does, and has its gradients', async () => {
    await check(staged, r, tolerance);
    // Weights of a half: the error's gradient is out - target, the seed.
    const target = plus(r.out, -1, r.seedOut);
    const error = await staged.unetErrorVjp(r.z, times, r.context, target, [0.5, 0.5], ['context']);
    expect(distance(error.gradContext, r.gradContext)).toBeLessThan(tolerance);
  });

  it.each(['unet', 'vae_decoder'])('%s has stages, with products in float16 if asked', (part) => {
    const files = readdirSync(join(dir, 'prepared')).filter((file) => file.startsWith(`${part}-`));
    expect(files).toHaveLength(1);
    const bytes = readFileSync(join(dir, 'prepared', files[0] ?? ''));
    const products = productsInside(toFloat16(decodeModel(bytes, join(dir, part))));
    expect(products.length).toBeGreaterThan(10);
    for (const { input = [] } of products) expect(input[0]).toContain('/half');
  });
});

// The real ones are run in stages. Whole graphs are built by the same rules, which autodiff/pytorch.test.ts
// holds to PyTorch for each exporter: here one of each is enough.
it.each(['optimum-18', 'dynamo-18'] as const)(
  '%s does the same as whole graphs',
  async (layout) => {
    const model = await open(join(layoutsDir, layout), 1000);
    await check(model, recordOf(layout), layouts[layout].tolerance);
    expect(readdirSync(join(layoutsDir, layout))).not.toContain('prepared');
  },
);
