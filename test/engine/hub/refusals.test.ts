import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pull } from '../../../src/engine/hub/index.ts';
import { decodeModel, encodeModel } from '../../../src/engine/onnx/index.ts';
import { withExternalData } from './external.ts';
import { type HubServer, openHub, repositoryOf } from './hub-server.ts';

const dir = mkdtempSync(join(tmpdir(), 'likewise-hub-refusals-'));
afterAll(() => rmSync(dir, { recursive: true }));

const fixture = 'test/fixtures/models/script';
const repo = 'owner/faces';
const unet = 'unet/model.onnx';

let hub: HubServer;
let out: string;
let count = 0;
beforeEach(async () => {
  hub = await openHub();
  hub.repositories.set(repo, repositoryOf(fixture));
  out = join(dir, `${count++}`, 'owner--faces');
});
afterEach(() => hub.close());

const files = () => hub.repositories.get(repo)?.files as Map<string, Buffer>;

function options() {
  const signal = new AbortController().signal;
  return { hub: hub.url, token: '', repo, revision: 'main', out, signal, delayMs: 1, attempts: 4 };
}

describe('a repository without a model that fits', () => {
  const without = (...names: string[]) => {
    for (const name of names) files().delete(name);
  };
  test.each<[string, () => void, RegExp]>([
    [
      'PyTorch only',
      () => {
        without(...[...files().keys()].filter((name) => name.endsWith('.onnx')));
        files().set('unet/diffusion_pytorch_model.safetensors', Buffer.alloc(5000));
      },
      /has no \.onnx file.*optimum-cli export onnx --model owner\/faces/,
    ],
    [
      'another kind of ONNX model',
      () => {
        without(unet);
      },
      /none is unet\/model\.onnx/,
    ],
    ['no encoder', () => without('vae_encoder/model.onnx'), /lacks vae_encoder\/model\.onnx/],
    ['no words', () => without('tokenizer/merges.txt'), /lacks tokenizer\/merges\.txt/],
    [
      'weights that are not there',
      () => {
        files().set(unet, withExternalData(join(fixture, unet), 'weights.pb').graph);
      },
      /lacks unet\/weights\.pb, where unet\/model\.onnx has its weights/,
    ],
    ['no graph', () => files().set(unet, Buffer.alloc(9000, 7)), /model\.onnx is no ONNX model/],
  ])('%s', async (_, change, message) => {
    change();
    const error = { code: 'HUB_NO_ONNX', message: expect.stringMatching(message) };
    await expect(pull(options())).rejects.toMatchObject(error);
    expect(existsSync(out)).toBe(false);
  });

  test.each<[string, string, RegExp]>([
    ['SDXL', 'text_encoder_2/model.safetensors', /two text encoders, as SDXL/],
    ['Stable Diffusion 3 and Flux', 'transformer/model.onnx', /a transformer for a U-Net/],
    ['several stages', 'prior/config.json', /several stages/],
    ['a model of video', 'image_encoder/model.safetensors', /conditioned on pictures/],
    ['Kandinsky', 'movq/config.json', /MoVQ/],
  ])('%s is of another kind, before anything is fetched', async (_, path, message) => {
    files().set(path, Buffer.alloc(9));
    const error = { code: 'HUB_OTHER_KIND', message: expect.stringMatching(message) };
    await expect(pull(options())).rejects.toMatchObject(error);
    // The same where it has no graph yet: exporting it would not help.
    for (const name of [...files().keys()]) if (name.endsWith('.onnx')) files().delete(name);
    files().set(path, Buffer.alloc(9));
    const advice = expect.not.stringMatching(/export/);
    await expect(pull(options())).rejects.toMatchObject({ ...error, message: advice });
    expect(hub.sent()).toBe(0);
  });

  test('graphs optimised for ONNX Runtime are refused before their weights are fetched', async () => {
    const { graph, data } = withExternalData(join(fixture, unet), 'weights.pb');
    const model = decodeModel(graph);
    Object.assign(model.proto.graph?.node?.at(-1) ?? {}, {
      domain: 'com.microsoft',
      opType: 'BiasGelu',
    });
    files()
      .set(unet, Buffer.from(encodeModel(model)))
      .set('unet/weights.pb', data);
    const message = /unet\/model\.onnx was optimised .*com\.microsoft\.BiasGelu/;
    const error = { code: 'HUB_NO_ONNX', message: expect.stringMatching(message) };
    await expect(pull(options())).rejects.toMatchObject(error);
    expect(hub.requests.some(({ path }) => path.endsWith('weights.pb'))).toBe(false);
  });
});
