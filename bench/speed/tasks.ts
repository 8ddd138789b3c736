/** What is timed, on our side, and the tensors that both sides compute with. */
import {
  createRandom,
  drawBatch,
  noiseLossGradient,
  tokenLossGradient,
} from '../../src/engine/inversion/index.ts';
import {
  type DiffusionModel,
  diffuse,
  type Float32Tensor,
  float32,
  sampleDims,
  stack,
} from '../../src/engine/models/index.ts';
import { type Cell, ddimGrid, render } from '../../src/engine/synthesis/index.ts';

/** M, and Eq. 2's batch in the paper's code. */
export const STEPS = 10;
export const BATCH = 8;

export interface Task {
  /** The reference's name of it. */
  readonly id: string;
  readonly title: string;
  run(): Promise<Record<string, Float32Tensor>>;
}

export interface Workload {
  readonly tasks: readonly Task[];
  /** Inputs of the reference, by name. */
  readonly tensors: Readonly<Record<string, Float32Tensor>>;
}

/**
 * @param picture pixels [1, 3, H, W] that stand for B
 * @param caption words that both sides' tokens and features are made from
 * @param cells what a render makes, all of one guidance sigma
 */
export async function workloadOf(
  model: DiffusionModel,
  picture: Float32Tensor,
  caption: string,
  cells: readonly Cell[],
): Promise<Workload> {
  const { latent, text } = model;
  const latentDims = [latent.channels, latent.height, latent.width];
  const textDims = [text.length, text.width];
  const size = latentDims.reduce((a, b) => a * b, 1);
  const random = createRandom(0, 'speed');

  const zB = await model.encode(picture);
  const k = float32(
    [1, text.length, text.tokenWidth],
    model.tokenEmbeddings(model.tokenize(caption)).data,
  );
  const c1 = await model.encodeTokens(k);
  const timesteps = { kind: 'stratified', first: 1, last: 999 } as const;
  const draws = drawBatch(model, { seed: 0, batch: BATCH, variants: 1, timesteps }, 0);
  const noised = draws.map(({ t, noise }) => diffuse(model.schedule, t, zB.data, noise));
  const t = draws.map((draw) => draw.t);
  const noisy = stack(
    noised.map((n) => n.noisy),
    latentDims,
  );
  const target = stack(
    noised.map((n) => n.target),
    latentDims,
  );
  const c = stack(
    draws.map(() => c1.data),
    textDims,
  );
  const g = float32([BATCH, ...latentDims], random.gaussians(BATCH * size));
  const noise = float32([1, ...latentDims], random.gaussians(size));
  const direction = random.gaussians(c1.data.length).map((value) => 0.1 * value);
  const edited = cells.map(({ lambda }) =>
    c1.data.map((v, i) => v + lambda * (direction[i] as number)),
  );
  const grid = ddimGrid(model.schedule, STEPS);
  const first = (batch: Float32Tensor) =>
    float32([1, ...sampleDims(batch)], batch.data.slice(0, batch.data.length / BATCH));

  const tasks: Task[] = [
    {
      id: 'tokens_step',
      title: `Eq. 2 step, batch ${BATCH}`,
      async run() {
        const { loss, gradient } = await tokenLossGradient(model, zB, k.data, draws);
        return { loss: scalar(loss), gradient: float32(k.dims, gradient) };
      },
    },
    {
      id: 'noise_step',
      title: `Eq. 3 gradient, ${STEPS} steps and decoder`,
      async run() {
        const input = { pixels: picture, z: zB.data, c: c1.data };
        const { loss, gradient } = await noiseLossGradient(model, input, noise.data, STEPS);
        return { loss: scalar(loss), gradient: float32(noise.dims, gradient) };
      },
    },
    {
      id: 'unet',
      title: `U-Net, batch ${BATCH}`,
      run: async () => ({ out: await model.unet(noisy, t, c) }),
    },
    {
      id: 'unet_vjp',
      title: `U-Net and gradient by context, batch ${BATCH}`,
      async run() {
        const { out, gradContext } = await model.unetVjp(noisy, t, c, g, ['context']);
        return { out, gradient: gradContext as Float32Tensor };
      },
    },
    {
      id: 'unet_one',
      title: 'U-Net, one sample',
      run: async () => ({ out: await model.unet(first(noisy), t.slice(0, 1), first(c)) }),
    },
    {
      id: 'unet_one_vjp',
      title: 'U-Net and gradient by sample, one sample',
      async run() {
        const [z, seed] = [first(noisy), first(g)];
        const { out, gradSample } = await model.unetVjp(z, t.slice(0, 1), first(c), seed, [
          'sample',
        ]);
        return { out, gradient: gradSample as Float32Tensor };
      },
    },
    {
      id: 'render',
      title: `render of ${cells.length} cells`,
      async run() {
        const input = { noise: noise.data, c: c1.data, direction, cells };
        const pictures = await render(model, input, { mode: 'anchored', steps: STEPS });
        return { pixels: stack(pictures, [3, model.image.height, model.image.width]) };
      },
    },
  ];
  const steps = Float32Array.from(grid.flatMap((step) => [step.t, step.phi, step.psi]));
  return {
    tasks,
    tensors: {
      k,
      noisy,
      target,
      z: noisy,
      t: float32([BATCH], Float32Array.from(t)),
      c,
      g,
      noise,
      c1,
      zB,
      pixels: picture,
      cells: stack(edited, textDims),
      base: c1,
      sigma: float32([1], Float32Array.of(cells[0]?.sigma ?? 1)),
      grid: float32([STEPS, 3], steps),
    },
  };
}

function scalar(value: number): Float32Tensor {
  return float32([], Float32Array.of(value));
}
