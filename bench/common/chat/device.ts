/**
 * A device that takes as long as the embedded model and computes next to nothing: what is in front of
 * it is the product's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheKey, type Packable, pack, unpack } from '../../../src/cache/index.ts';
import type {
  Device,
  DeviceModel,
  InversionOrder,
  RenderOrder,
  StepReport,
} from '../../../src/engine/device/index.ts';

/** Steps and seconds of the preset `fast` on the embedded model, and seconds of one drawn cell. */
const timings = { tokens: [8, 0.065], noise: [10, 0.027], cell: 0.086 } as const;
const model: DeviceModel = {
  id: 'stand-in',
  hash: '5d'.repeat(32),
  provider: 'none',
  precision: 'float32',
  image: { height: 128, width: 128 },
  text: { length: 16, width: 64 },
};

interface Run {
  readonly order: InversionOrder;
  step: number;
}

/** Everything that the queue asks of a device; its results are of the right shape, and worth nothing. */
export function standInDevice(): Omit<Device, 'close'> & { heap(): Promise<number> } {
  const runs = new Map<number, Run>();
  let last = 0;
  const runOf = (task: number): Run => {
    const run = runs.get(task);
    if (!run) throw new RangeError(`task ${task} is over, or never was`);
    return run;
  };
  const reportOf = ({ order: { kind }, step }: Run): StepReport => {
    const [steps] = timings[kind];
    return {
      done: step >= steps,
      phase: kind,
      step,
      steps,
      loss: step === 0 ? undefined : 1 / step,
    };
  };
  return {
    model,
    async keyOf(order) {
      const { scope, kind, picture } = order;
      const other = order.kind === 'tokens' ? order.reference : order.described;
      return cacheKey({
        scope,
        image: picture.sha256,
        model: model.hash,
        algorithm: kind,
        parameters: { other: other?.key ?? null },
        version: 1,
      });
    },
    async begin(order, { saved, signal } = {}) {
      signal?.throwIfAborted();
      const run: Run = { order, step: saved ? (unpack(saved) as { step: number }).step : 0 };
      runs.set(++last, run);
      return { task: last, ...reportOf(run) };
    },
    async step(task, signal) {
      const run = runOf(task);
      await pass(timings[run.order.kind][1], signal);
      run.step++;
      return reportOf(run);
    },
    save: async (task) => pack({ step: runOf(task).step }),
    preview: async (task) => runOf(task).order.picture.pixels,
    async finish(task) {
      const { order } = runOf(task);
      runs.delete(task);
      return (order.kind === 'tokens' ? foundTokens(order) : foundNoise()) as Packable;
    },
    drop: async (task) => void runs.delete(task),
    async render(order, signal) {
      await pass(timings.cell * order.cells.length, signal);
      return order.cells.map(({ lambda, sigma }) => drawn(order, lambda, sigma));
    },
    suggest: async ({ cells }) => Math.floor(cells.length / 2),
    features: async (text) => features(text.length),
    heap: async () => 0,
  };
}

async function pass(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleep(seconds * 1000, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function foundTokens({ picture }: InversionOrder) {
  const c = features(Number.parseInt(picture.sha256.slice(0, 6), 16));
  return { tokens: c, start: c, c, loss: { first: 1, last: 0.1 }, iterations: timings.tokens[0] };
}

function foundNoise() {
  const noise = new Float32Array(4 * 16 * 16);
  return { noise, residuals: [], losses: [], reconstructionDb: 30, autoencoderDb: 31 };
}

function features(seed: number): Float32Array {
  const { length, width } = model.text;
  return Float32Array.from({ length: length * width }, (_, i) => Math.sin(seed + i));
}

/** A run of colours, of its own for each strength and guidance. */
function drawn({ c }: RenderOrder, lambda: number, sigma: number): Float32Array {
  const { height, width } = model.image;
  const area = height * width;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const [channel, x, y] = [Math.floor(i / area), i % width, Math.floor((i % area) / width)];
    const turn = (c[channel] ?? 0) + lambda + 0.1 * sigma + (x + y * (channel + 1)) / 96;
    return 0.8 * Math.sin(turn);
  });
}
