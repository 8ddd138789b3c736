import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type DiffusionModel,
  type Float32Tensor,
  float32,
  loadModel,
} from '../../../src/engine/models/index.ts';

const root = join(import.meta.dirname, '../../fixtures/layouts');

/** Stable Diffusion's topology in each layout, and what PyTorch computes; see training/fixtures. */
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

const names = [
  ...['ids', 'embeddings', 'features', 'seedFeatures', 'gradEmbeddings'],
  ...['z', 'times', 'context', 'out', 'seedOut', 'gradSample', 'gradContext'],
  ...['pixels', 'encoded', 'latents', 'decoded', 'gradLatents'],
] as const;
type Recording = Record<(typeof names)[number], Float32Tensor>;

function recordingOf(layout: string): Recording {
  const json = JSON.parse(readFileSync(join(root, layout, 'record.json'), 'utf8'));
  const entries = names.map((name) => {
    const { dims, data, dtype } = json[name] as { dims: number[]; data: string; dtype: string };
    const { buffer } = Uint8Array.from(Buffer.from(data, 'base64'));
    const values = dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
    return [name, float32(dims, Float32Array.from(values))] as const;
  });
  return Object.fromEntries(entries) as Recording;
}

/** Norm of the difference over the norm. */
function distance(found: Float32Tensor | undefined, expected: Float32Tensor): number {
  expect(found?.dims).toEqual(expected.dims);
  const difference = expected.data.map((value, i) => value - (found?.data[i] ?? Number.NaN));
  return Math.hypot(...difference) / Math.hypot(...expected.data);
}

const loaded: DiffusionModel[] = [];
afterAll(async () => {
  for (const model of loaded) await model.close();
});

it('has every layout that there is a fixture of', () => {
  expect(readdirSync(root).sort()).toEqual(Object.keys(layouts).sort());
});

describe.each(Object.entries(layouts))('%s', (layout, { tolerance, prediction }) => {
  const r = recordingOf(layout);
  let opened: Promise<DiffusionModel> | undefined;
  const open = () => {
    opened ??= loadModel(join(root, layout), { threads: 1 }).then((model) => {
      loaded.push(model);
      return model;
    });
    return opened;
  };

  it('reads text as CLIP does', async () => {
    const m = await open();
    const ids = [...r.ids.data];
    expect(m.schedule.prediction).toBe(prediction);
    expect(m.tokenize('abc dab c')).toEqual(ids);
    expect(m.text.length).toBe(ids.length);
    const embeddings = float32(r.embeddings.dims, m.tokenEmbeddings(ids).data);
    expect(distance(embeddings, r.embeddings)).toBeLessThan(1e-6);
    const { c, gradEmbeddings } = await m.encodeTokensVjp(r.embeddings, r.seedFeatures);
    expect(distance(c, r.features)).toBeLessThan(tolerance);
    expect(distance(await m.encodeTokens(r.embeddings), r.features)).toBeLessThan(tolerance);
    expect(distance(gradEmbeddings, r.gradEmbeddings)).toBeLessThan(tolerance);
  });

  it('predicts, and knows the slope by latents and by features', async () => {
    const m = await open();
    const times = [...r.times.data];
    const out = await m.unet(r.z, times, r.context);
    expect(distance(out, r.out)).toBeLessThan(tolerance);
    const wrt = ['sample', 'context'] as const;
    const result = await m.unetVjp(r.z, times, r.context, r.seedOut, [...wrt]);
    expect(distance(result.out, r.out)).toBeLessThan(tolerance);
    expect(distance(result.gradSample, r.gradSample)).toBeLessThan(tolerance);
    expect(distance(result.gradContext, r.gradContext)).toBeLessThan(tolerance);
  });

  it('encodes and decodes pictures, and knows the slope by latents', async () => {
    const m = await open();
    expect(distance(await m.encode(r.pixels), r.encoded)).toBeLessThan(tolerance);
    expect(distance(await m.decode(r.latents), r.decoded)).toBeLessThan(tolerance);
    const { pixels, gradZ } = await m.decodeErrorVjp(r.latents, r.pixels, [3]);
    expect(distance(pixels, r.decoded)).toBeLessThan(tolerance);
    expect(distance(gradZ, r.gradLatents)).toBeLessThan(tolerance);
  });
});
