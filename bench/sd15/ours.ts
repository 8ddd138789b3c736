/**
 * One task on our side, as a process of its own. Told what to do by one JSON argument, an
 * {@link OurOrder}; says one JSON object a line: `{"event": …}`. After "measured" it waits for a line, or the
 * end, of its input.
 */
import { once } from 'node:events';
import {
  type Draw,
  noiseLossGradient,
  tokenLossGradient,
} from '../../src/engine/inversion/index.ts';
import {
  type DiffusionModel,
  type Float32Tensor,
  loadModel,
  stack,
} from '../../src/engine/models/index.ts';
import { render } from '../../src/engine/synthesis/index.ts';
import { peakBytes } from '../common/memory.ts';
import { median } from '../quality/tally.ts';
import { cell, drawsOf, makeInputs, readInput, writeInputs, writeValues } from './inputs.ts';
import type { Measured, OurOrder, Prepared } from './orders.ts';

type Results = Readonly<Record<string, Float32Array>>;

function say(event: string, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

async function open(order: OurOrder): Promise<DiffusionModel> {
  const { model, provider, threads, memory, precision } = order;
  return loadModel(model, { provider, threads, memoryMegabytes: memory, precision });
}

async function prepare(order: OurOrder): Promise<Prepared> {
  const model = await open(order);
  say('step', { text: 'what both sides compute with' });
  writeInputs(order.inputs, await makeInputs(model, order.batch, order.steps));
  const { image, latent } = model;
  await model.close();
  return {
    provider: order.provider,
    precision: order.precision ?? 'float32',
    image,
    factor: latent.scalingFactor,
  };
}

/** The tasks; on a smaller scale (one sample, one step) they open all that they need. */
function tasksOf(model: DiffusionModel, { inputs, batch, steps }: OurOrder) {
  const read = new Map<string, Float32Tensor>();
  /** Read once: what is timed computes, as on the other side. */
  const input = (name: string) => {
    const tensor = read.get(name) ?? readInput(inputs, name);
    read.set(name, tensor);
    return tensor;
  };
  let drawn: Draw[] | undefined;
  const gradientOf = ({ loss, gradient }: { loss: number; gradient: Float32Array }) => ({
    loss: Float32Array.of(loss),
    gradient,
  });
  return {
    async eq2(small: boolean): Promise<Results> {
      drawn ??= drawsOf(model, batch);
      const draws = drawn.slice(0, small ? 1 : batch);
      return gradientOf(await tokenLossGradient(model, input('zB'), input('k').data, draws));
    },
    async eq3(small: boolean): Promise<Results> {
      const what = { pixels: input('pixels'), z: input('zB').data, c: input('c1').data };
      const noise = input('noise').data;
      return gradientOf(await noiseLossGradient(model, what, noise, small ? 1 : steps));
    },
    async render(small: boolean): Promise<Results> {
      const [noise, c, direction] = ['noise', 'c1', 'direction'].map((name) => input(name).data);
      if (!noise || !c || !direction) throw new Error('inputs are missing');
      const what = { noise, c, direction, cells: [cell] };
      const pictures = await render(model, what, { steps: small ? 1 : steps });
      return { pixels: pictures[0] as Float32Array };
    },
    async unet(): Promise<Results> {
      const { latent } = model;
      const dims = [latent.channels, latent.height, latent.width];
      const size = dims.reduce((a, b) => a * b, 1);
      const noisy = stack([input('noisy').data.subarray(0, size)], dims);
      const t = input('t').data[0] as number;
      return { out: (await model.unet(noisy, [t], input('c1'))).data };
    },
    async decode(): Promise<Results> {
      return { pixels: (await model.decode(input('zB'))).data };
    },
  };
}

type Measurable = OurOrder & { task: 'eq2' | 'eq3' | 'render' };

async function measure(order: Measurable): Promise<void> {
  const model = await open(order);
  const tasks = tasksOf(model, order);
  say('step', { text: 'warming up' });
  const warm = await secondsOf(() => tasks[order.task](true));
  say('first');
  if (order.provider !== 'cpu') {
    // A GPU's library looks for its fastest algorithm the first time that it sees a shape.
    say('step', { text: 'once in full, untimed' });
    await tasks[order.task](false);
  }
  const runs: number[] = [];
  let results: Results = {};
  for (let run = 1; run <= order.runs; run++) {
    say('step', { text: `run ${run} of ${order.runs}` });
    const work = async () => {
      results = await tasks[order.task](false);
    };
    runs.push(await secondsOf(work));
  }
  const alone: { unet?: number; decode?: number } = {};
  for (const name of order.task === 'render' ? (['unet', 'decode'] as const) : []) {
    say('step', { text: `the ${name} alone` });
    await tasks[name]();
    const all: number[] = [];
    for (let run = 0; run < order.runs; run++) all.push(await secondsOf(tasks[name]));
    alone[name] = median(all) as number;
  }
  writeResults(order.out, results);
  await tell({ warm, runs, ...alone, peakBytes: peakBytes() });
  await model.close();
}

async function firstAnswer(order: OurOrder): Promise<void> {
  const model = await open(order);
  await tasksOf(model, order).unet();
  say('first');
  await tell({ runs: [], peakBytes: peakBytes() });
  await model.close();
}

/** What comes out, and nothing else. */
async function answer(order: Measurable): Promise<void> {
  const model = await open(order);
  say('step', { text: 'once more, to compare with' });
  writeResults(order.out, await tasksOf(model, order)[order.task](false));
  await model.close();
}

function writeResults(folder: string, results: Results): void {
  for (const [name, values] of Object.entries(results)) writeValues(folder, name, values);
}

/** Says what was measured, and keeps its memory until the GPU was looked at. */
async function tell(figures: Measured): Promise<void> {
  say('measured', figures);
  await once(process.stdin, 'readable');
  process.stdin.destroy();
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function run(order: OurOrder): Promise<object> {
  const { task } = order;
  if (task === 'prepare') return prepare(order);
  if (task === 'unet') await firstAnswer(order);
  else await (order.compared ? answer : measure)({ ...order, task });
  return {};
}

if (import.meta.main) {
  try {
    say('done', await run(JSON.parse(process.argv[2] ?? '') as OurOrder));
  } catch (error) {
    say('failed', { reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}
