/** Starts the processes of both sides, and says what they are about. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sd15Arguments } from './arguments.ts';
import type { Layouts, Measured, OurOrder, Prepared, ReferenceOrder, TaskName } from './orders.ts';
import { runTask, type Told } from './process.ts';
import { type Reference, referenceScript } from './reference.ts';

export interface Sides {
  /** Makes the inputs; finds out what the model is and where it computes. To be called first. */
  prepare(): Promise<Prepared>;
  /** Which layout PyTorch is faster with. To be called before `reference`. */
  chooseLayout(reference: Reference): Promise<Layouts>;
  /** @returns undefined where our side is not wanted */
  ours(task: Exclude<TaskName, 'prepare'>, out: string): Promise<Told<Measured> | undefined>;
  reference(
    reference: Reference,
    task: Exclude<TaskName, 'prepare'>,
    out: string,
  ): Promise<Told<Measured>>;
}

const script = fileURLToPath(new URL('./ours.ts', import.meta.url));

export function createSides(all: {
  options: Sd15Arguments;
  model: string;
  /** For inputs and results. */
  folder: string;
  signal: AbortSignal;
  say: (line: string) => void;
}): Sides {
  const { options, model, folder, signal, say } = all;
  const { provider, memory, precision, threads, batch, steps, runs } = options;
  const inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  let prepared: Prepared | undefined;

  const ourTask = <Result>(task: TaskName, out: string) => {
    const order: OurOrder = {
      task,
      model,
      inputs,
      out,
      provider: prepared?.provider ?? provider,
      memory,
      precision,
      threads,
      batch,
      steps,
      runs,
    };
    return started<Result>(`ours, ${task}`, [process.execPath, script, JSON.stringify(order)], {
      gpu: order.provider !== 'cpu',
      env: process.env,
    });
  };
  const theirTask = <Result>(
    reference: Reference,
    task: ReferenceOrder['task'],
    out: string,
  ): Promise<Told<Result>> => {
    const { device, half, layouts } = reference;
    const order: ReferenceOrder = {
      task,
      model,
      factor: prepared?.factor ?? 1,
      inputs,
      out,
      runs,
      threads,
      device,
      half,
      channelsLast: layouts?.channelsLast ?? false,
    };
    const command = [options.python, referenceScript, JSON.stringify(order)] as const;
    return started<Result>(`PyTorch, ${task}`, command, {
      gpu: device === 'cuda',
      env: { ...process.env, OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: '1' },
    });
  };
  const started = async <Result>(
    title: string,
    command: readonly [string, ...string[]],
    { gpu, env }: { gpu: boolean; env: NodeJS.ProcessEnv },
  ): Promise<Told<Result>> => {
    const onStep = (text: string) => say(`${title}: ${text}`);
    onStep('starting');
    try {
      return await runTask<Result>({ command, env, signal, gpu, onStep });
    } catch (cause) {
      signal.throwIfAborted();
      throw new Error(`${title}: ${(cause as Error).message}`, { cause });
    }
  };

  return {
    async prepare() {
      prepared = (await ourTask<Prepared>('prepare', inputs)).result;
      return prepared;
    },
    async chooseLayout(reference) {
      reference.layouts = (await theirTask<Layouts>(reference, 'layout', inputs)).result;
      return reference.layouts;
    },
    ours: async (task, out) => (options.ours ? ourTask<Measured>(task, out) : undefined),
    reference: (reference, task, out) => theirTask<Measured>(reference, task, out),
  };
}
