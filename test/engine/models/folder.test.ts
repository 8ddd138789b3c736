import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createRandom,
  heldOutDraws,
  noiseLossGradient,
  tokenLossGradient,
} from '../../../src/engine/inversion/index.ts';
import {
  type DiffusionModel,
  float32,
  loadModel,
  stack,
  unstack,
} from '../../../src/engine/models/index.ts';
import { readModel, writeModel } from '../../../src/engine/onnx/index.ts';
import { evaluateUnet } from '../../../src/engine/synthesis/index.ts';
import { fixtureDir, modelFixtures, readRecording, relativeError } from './fixtures.ts';

const loaded: DiffusionModel[] = [];
const open = async (dir: string) => {
  const model = await loadModel(dir, { threads: 1 });
  loaded.push(model);
  return model;
};
const scratch = mkdtempSync(join(tmpdir(), 'likewise-model-'));
afterAll(async () => {
  for (const model of loaded) await model.close();
  rmSync(scratch, { recursive: true });
});

describe.each(modelFixtures)('a folder written as %s writes them', (name) => {
  const recording = readRecording(name);
  const model = open(fixtureDir(name));

  it('computes what PyTorch computed', async () => {
    const m = await model;
    const { pixels, latents, decoded, features, z, predicted, times, ids, text } = recording;
    expect(m.tokenize(text)).toEqual(ids);
    expect(relativeError((await m.encode(pixels)).data, latents.data)).toBeLessThan(1e-4);
    const means = float32(
      latents.dims,
      latents.data.map((v) => v),
    );
    expect(relativeError((await m.decode(means)).data, decoded.data)).toBeLessThan(1e-4);
    const c = await m.encodeTokens(float32([1, 8, 16], m.tokenEmbeddings(ids).data));
    expect(relativeError(c.data, features.data)).toBeLessThan(1e-4);
    const both = stack([features.data, features.data], [8, 16]);
    expect(relativeError((await m.unet(z, times, both)).data, predicted.data)).toBeLessThan(1e-4);
  });

  it('says what it is', async () => {
    const m = await model;
    expect(m.id).toBe(name);
    expect(m.image).toEqual({ height: 16, width: 16 });
    expect(m.latent).toMatchObject({ channels: 4, height: 8, width: 8 });
    expect(m.latent.scalingFactor).toBe(name === 'optimum' ? 0.4 : 0.18215);
    expect(m.text).toEqual({
      length: 8,
      width: 16,
      tokenWidth: 16,
      bos: 18,
      eos: 19,
      vocabulary: 20,
    });
    expect(m.schedule.prediction).toBe(name === 'optimum' ? 'v_prediction' : 'epsilon');
  });

  it('guesses tokens where there is a token encoder', async () => {
    const m = await model;
    if (name === 'optimum') {
      expect(m.predictTokens).toBeUndefined();
    } else {
      const guess = await m.predictTokens?.(recording.z);
      expect(guess?.dims).toEqual([2, 6, 16]);
      expect(relativeError(guess!.data, recording.guess.data)).toBeLessThan(1e-4);
    }
  });

  it('gives each sample its own timestep, and at batch 1 the same bits in any company', async () => {
    const m = await model;
    const random = createRandom(3, 'batch');
    const samples = Array.from({ length: 9 }, (_, i) => ({
      z: random.gaussians(256),
      t: [1, 801, 401][i % 3] as number,
      c: random.gaussians(128),
    }));
    const alone = [];
    for (const sample of samples) alone.push(...(await evaluateUnet(m, [sample], { batch: 1 })));
    expect(await evaluateUnet(m, samples, { batch: 1 })).toEqual(alone);
    expect(await evaluateUnet(m, samples.toReversed(), { batch: 1 })).toEqual(alone.toReversed());
    const together = await evaluateUnet(m, samples, { batch: 4 });
    for (const [i, u] of together.entries()) expect(relativeError(u, alone[i]!)).toBeLessThan(1e-5);
    const pair = [samples[0]!, { ...samples[0]!, t: 900 }];
    const [first, second] = await evaluateUnet(m, pair, { batch: 2 });
    expect(first).not.toEqual(second);
  });

  it('counts its evaluations by sample', async () => {
    const m = await open(fixtureDir(name));
    const { z, times, features } = recording;
    const c = stack([features.data, features.data], [8, 16]);
    await m.unet(z, times, c);
    await m.unetVjp(z, times, c, z, ['sample']);
    await m.unetErrorVjp(z, times, c, z, [1, 1], ['context']);
    expect(m.counters).toEqual({ unetForward: 2, unetVjp: 4 });
  });

  it('has an error gradient that is the gradient of the error', async () => {
    const m = await model;
    const { z, times, features } = recording;
    const c = stack([features.data, features.data], [8, 16]);
    const target = float32(z.dims, createRandom(1, 'target').gaussians(z.data.length));
    const weights = [0.5, 2];
    const out = await m.unet(z, times, c);
    const seed = out.data.map((u, i) => 2 * weights[i < 256 ? 0 : 1]! * (u - target.data[i]!));
    const expected = await m.unetVjp(z, times, c, float32(z.dims, seed), ['sample', 'context']);
    const found = await m.unetErrorVjp(z, times, c, target, weights, ['context', 'sample']);
    for (const key of ['out', 'gradSample', 'gradContext'] as const) {
      expect(relativeError(found[key]!.data, expected[key]!.data)).toBeLessThan(1e-5);
    }
    expect((await m.unetVjp(z, times, c, z, ['sample'])).gradContext).toBeUndefined();
  });

  it('has the gradients of Eq. 2 and Eq. 3 that finite differences have', async () => {
    const m = await model;
    const latents = await m.encode(recording.pixels);
    const k = m.tokenEmbeddings(recording.ids).data;
    const draws = heldOutDraws(m, 1, 4);
    const tokens = async (x: Float32Array) => tokenLossGradient(m, latents, x, draws);
    await compare(tokens, k, 'k');

    const z = unstack(latents)[0]!;
    const pixels = float32([1, 3, 16, 16], unstack(recording.pixels)[0]!);
    const c = recording.features.data;
    const noise = async (x: Float32Array) => noiseLossGradient(m, { pixels, z, c }, x, 4);
    await compare(noise, createRandom(2, 'noise').gaussians(256), 'noise');
  });
});

/** The slope along a random direction, by central differences, against gradient . direction. */
async function compare(
  f: (x: Float32Array) => Promise<{ loss: number; gradient: Float32Array }>,
  x: Float32Array,
  name: string,
): Promise<void> {
  const { gradient } = await f(x);
  for (let trial = 0; trial < 3; trial++) {
    // Half along the gradient, or the slope would drown in float32's rounding.
    const random = createRandom(trial, name).gaussians(x.length);
    const [g, r] = [Math.hypot(...gradient), Math.hypot(...random)];
    const direction = gradient.map((value, i) => value / g + random[i]! / r);
    const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    const h = 5e-2;
    const at = async (by: number) => (await f(x.map((v, i) => v + by * direction[i]!))).loss;
    const measured = ((await at(h)) - (await at(-h))) / (2 * h);
    expect(Math.abs(measured / slope - 1)).toBeLessThan(2e-2);
  }
}

describe('the hash of a model', () => {
  it('is of the content, wherever it lies', async () => {
    const copy = join(scratch, 'elsewhere');
    cpSync(fixtureDir('script'), copy, { recursive: true });
    writeFileSync(join(copy, 'README.md'), 'a card');
    const [original, moved, other] = [
      await open(fixtureDir('script')),
      await open(copy),
      await open(fixtureDir('optimum')),
    ];
    expect(moved.hash).toBe(original.hash);
    expect(moved.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(other.hash).not.toBe(original.hash);
    const scheduler = join(copy, 'scheduler/scheduler_config.json');
    writeFileSync(scheduler, readFileSync(scheduler, 'utf8').replace('0.012', '0.013'));
    expect((await open(copy)).hash).not.toBe(original.hash);
  });
});

describe('a folder that cannot be used', () => {
  let count = 0;
  const broken = (change: (dir: string) => void) => {
    const dir = join(scratch, `broken-${count++}`);
    cpSync(fixtureDir('script'), dir, { recursive: true });
    change(dir);
    return loadModel(dir);
  };
  const config = (dir: string, name: string, changes: object) => {
    const path = join(dir, name);
    let old = {};
    try {
      old = JSON.parse(readFileSync(path, 'utf8'));
    } catch {}
    writeFileSync(path, JSON.stringify({ ...old, ...changes }));
  };
  const scheduler = 'scheduler/scheduler_config.json';

  it.each<[string, RegExp, (dir: string) => void]>([
    [
      'is empty',
      /lacks text_encoder\/model\.onnx, unet\/model\.onnx, vae_enc/,
      (dir) =>
        rmSync(dir, { recursive: true }) ??
        cpSync(join(fixtureDir('script'), 'tokenizer'), join(dir, 'x'), { recursive: true }),
    ],
    [
      'lacks the decoder',
      /lacks vae_decoder\/model\.onnx\./,
      (dir) => rmSync(join(dir, 'vae_decoder/model.onnx')),
    ],
    [
      'lacks the tokenizer',
      /lacks .*vocab\.json and tokenizer\/merges\.txt/,
      (dir) => rmSync(join(dir, 'tokenizer'), { recursive: true }),
    ],
    [
      'has a graph that is none',
      /vae_encoder\/model\.onnx/,
      (dir) => writeFileSync(join(dir, 'vae_encoder/model.onnx'), 'not a graph'),
    ],
    [
      'has a schedule that is no JSON',
      /scheduler_config\.json is no JSON/,
      (dir) => writeFileSync(join(dir, scheduler), '{'),
    ],
    [
      'predicts the sample',
      /prediction_type "sample"/,
      (dir) => config(dir, scheduler, { prediction_type: 'sample' }),
    ],
    [
      'has sigmoid betas',
      /beta_schedule "sigmoid"/,
      (dir) => config(dir, scheduler, { beta_schedule: 'sigmoid' }),
    ],
    ['has negative betas', /beta_start/, (dir) => config(dir, scheduler, { beta_start: -1 })],
    [
      'rescales to zero SNR',
      /needs a model of v_prediction/,
      (dir) => config(dir, scheduler, { rescale_betas_zero_snr: true }),
    ],
    [
      'is SDXL',
      /two text encoders/,
      (dir) => cpSync(join(dir, 'text_encoder'), join(dir, 'text_encoder_2'), { recursive: true }),
    ],
    [
      'was optimised for the runtime',
      /com\.microsoft\.BiasGelu.*export it again/,
      (dir) => fuse(join(dir, 'unet/model.onnx')),
    ],
    [
      'is for inpainting',
      /takes 9 channels where latents have 4, as those for inpainting do: use a text-to-image/,
      (dir) => config(dir, 'unet/config.json', { in_channels: 9 }),
    ],
    [
      'has parts mixed up',
      /no input "sample"|"encoder_hidden_states"/,
      (dir) => cpSync(join(dir, 'vae_decoder/model.onnx'), join(dir, 'unet/model.onnx')),
    ],
    [
      'has another vocabulary',
      /no token-embedding table/,
      (dir) =>
        config(
          dir,
          'tokenizer/vocab.json',
          Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`w${i}`, i])),
        ),
    ],
  ])('%s', async (_, message, change) => {
    await expect(broken(change)).rejects.toMatchObject({
      code: 'MODEL_UNUSABLE',
      message: expect.stringMatching(message),
    });
  });

  it('is not there, or is a file', async () => {
    await expect(loadModel(join(scratch, 'nowhere'))).rejects.toThrow(/no such folder/);
    const file = join(fixtureDir('script'), 'record.json');
    await expect(loadModel(file)).rejects.toThrow(/a file, not a folder/);
  });

  it('cannot be differentiated: said when it is first asked for, naming operator and node', async () => {
    const dir = join(scratch, 'step');
    cpSync(fixtureDir('script'), dir, { recursive: true });
    const path = join(dir, 'unet/model.onnx');
    const graph = readModel(path);
    // The output, passed through an operator that has no rule.
    const nodes = graph.proto.graph!.node!;
    const last = nodes.find((node) => node.output?.includes('out_sample'))!;
    last.output = ['before'];
    nodes.push({ opType: 'Trilu', name: 'corner', input: ['before'], output: ['out_sample'] });
    writeModel(graph, path);
    const m = await open(dir);
    const { z, times, features } = readRecording('script');
    const c = stack([features.data, features.data], [8, 16]);
    await expect(m.unet(z, times, c)).resolves.toBeDefined();
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(m.unetVjp(z, times, c, z, ['sample'])).rejects.toMatchObject({
        code: 'MODEL_UNUSABLE',
        message: expect.stringMatching(/Trilu.*corner|corner.*Trilu/),
      });
    }
  });

  it('fails when it is run: a code of its own, with part and provider, or what does not fit', async () => {
    const dir = join(scratch, 'fails');
    cpSync(fixtureDir('script'), dir, { recursive: true });
    const path = join(dir, 'unet/model.onnx');
    const graph = readModel(path);
    // A shape that no run can have: found out when the graph is run, as a full memory is.
    const nodes = graph.proto.graph!.node!;
    nodes.find((node) => node.output?.includes('out_sample'))!.output = ['before'];
    const shape = { opType: 'Concat', input: ['rows', 'rest'], output: ['shape'] };
    nodes.push(
      { opType: 'Shape', input: ['encoder_hidden_states'], output: ['rows'] },
      { opType: 'Shape', input: ['sample'], output: ['rest'] },
      { ...shape, attribute: [{ name: 'axis', i: 0, type: 2 }] },
      { opType: 'Reshape', input: ['before', 'shape'], output: ['out_sample'] },
    );
    writeModel(graph, path);
    const m = await open(dir);
    const { z, times, features } = readRecording('script');
    const c = stack([features.data, features.data], [8, 16]);
    await expect(m.unet(z, times, c)).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      exitStatus: 2,
      message: expect.stringMatching(/failed at unet on cpu: .*Reshape.*If memory ran out/),
    });
    const wide = float32([2, 5, 8, 8]);
    await expect(m.unet(wide, times, c)).rejects.toMatchObject({
      code: 'MODEL_UNUSABLE',
      message: expect.stringMatching(/unet: input "sample" must be float32/),
    });
  });

  function fuse(path: string): void {
    const model = readModel(path);
    const node = model.proto.graph?.node?.at(-1);
    if (node) Object.assign(node, { domain: 'com.microsoft', opType: 'BiasGelu' });
    writeModel(model, path);
  }
});
