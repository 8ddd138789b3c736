/** What both sides compute with: files of little-endian float32, NAME.f32, and their sizes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRandom,
  type Draw,
  drawBatch,
  presets,
  tokensOptions,
} from '../../src/engine/inversion/index.ts';
import {
  type DiffusionModel,
  diffuse,
  type Float32Tensor,
  float32,
  stack,
} from '../../src/engine/models/index.ts';
import { ddimGrid } from '../../src/engine/synthesis/index.ts';

export type Inputs = Readonly<Record<string, Float32Tensor>>;

/** The one cell that is rendered. */
export const cell = { lambda: 1, sigma: 2 } as const;

/** The samples of the step of Eq. 2, the same in every process. */
export function drawsOf(model: DiffusionModel, batch: number): Draw[] {
  const { timesteps } = tokensOptions(presets.fast, model);
  return drawBatch(model, { seed: 0, batch, variants: 1, timesteps }, 0);
}

/** A smooth picture with an edge, its latents, a sentence's tokens and features, noises. */
export async function makeInputs(
  model: DiffusionModel,
  batch: number,
  steps: number,
): Promise<Inputs> {
  const { image, latent, text } = model;
  const { height, width } = image;
  const pixels = float32([1, 3, height, width]);
  pixels.data.forEach((_, i) => {
    const [x, y] = [(i % width) / width, (Math.floor(i / width) % height) / height];
    pixels.data[i] = 0.6 * Math.sin(6 * x + 4 * y + i / (width * height)) + (x > 0.5 ? 0.3 : -0.3);
  });
  const zB = await model.encode(pixels);
  const rows = model.tokenEmbeddings(model.tokenize('a portrait')).data;
  const k = float32([1, text.length, text.tokenWidth], rows);
  const c1 = await model.encodeTokens(k);
  const random = createRandom(0, 'sd15');
  const dims = [latent.channels, latent.height, latent.width];
  const draws = drawsOf(model, batch);
  const noised = draws.map(({ t, noise }) => diffuse(model.schedule, t, zB.data, noise));
  const direction = float32(
    c1.dims,
    random.gaussians(c1.data.length).map((value) => 0.1 * value),
  );
  const grid = ddimGrid(model.schedule, steps).flatMap(({ t, phi, psi }) => [t, phi, psi]);
  return {
    pixels,
    zB,
    k,
    c1,
    direction,
    cell: float32(
      c1.dims,
      c1.data.map((value, i) => value + cell.lambda * (direction.data[i] as number)),
    ),
    sigma: float32([1], Float32Array.of(cell.sigma)),
    noise: float32([1, ...dims], random.gaussians(zB.data.length)),
    noisy: stack(
      noised.map(({ noisy }) => noisy),
      dims,
    ),
    target: stack(
      noised.map(({ target }) => target),
      dims,
    ),
    t: float32(
      [batch],
      Float32Array.from(draws, ({ t }) => t),
    ),
    grid: float32([steps, 3], Float32Array.from(grid)),
  };
}

export function writeInputs(folder: string, inputs: Inputs): void {
  for (const [name, { data }] of Object.entries(inputs)) writeValues(folder, name, data);
  const sizes = Object.entries(inputs).map(([name, { dims }]) => [name, dims]);
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify(Object.fromEntries(sizes)));
}

export function readInput(folder: string, name: string): Float32Tensor {
  const sizes = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as Sizes;
  return float32(sizes[name] ?? [], readValues(folder, name));
}

type Sizes = Readonly<Record<string, number[]>>;

export function writeValues(folder: string, name: string, values: Float32Array): void {
  writeFileSync(
    join(folder, `${name}.f32`),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
}

export function readValues(folder: string, name: string): Float32Array {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(new Uint8Array(bytes).buffer);
}
