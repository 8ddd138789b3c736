/** Starts the processes of both sides, and says which it is of how many, and what it is about. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Provider } from '../../src/engine/onnx/index.ts';
import { duration } from '../speed/table.ts';
import type { Sd15Arguments } from './arguments.ts';
import type { Layouts, Measured, OurOrder, Prepared, ReferenceOrder, TaskName } from './orders.ts';
import { runTask, type Told } from './process.ts';
import { exactEnvironment, timedEnvironment } from './provider.ts';
import { type Reference, referenceScript } from './reference.ts';

export interface Sides {
  /** Makes the inputs; finds out what the model is and where it computes. To be called first. */
  prepare(): Promise<Prepared>;
  /** Which layout PyTorch is faster with. To be called before `reference`. */
  chooseLayout(reference: Reference): Promise<Layouts>;
  /**
   * @param compared whether the results in `out` are to be exact float32, whatever is timed
   * @returns undefined where our side is not wanted
   */
  ours(
    task: Exclude<TaskName, 'prepare'>,
    out: string,
    compared: boolean,
  ): Promise<Told<Measured> | undefined>;
  /** @param compared whether there is something of ours to compare with: without it nothing is in `out` */
  reference(
    reference: Reference,
    task: Exclude<TaskName, 'prepare'>,
    out: string,
    compared: boolean,
  ): Promise<Told<Measured>>;
}

const script = fileURLToPath(new URL('./ours.ts', import.meta.url));

export function createSides(all: {
  options: Sd15Arguments & { readonly runs: number };
  provider: Provider;
  /** Whether our side rounds to TF32, see `roundsToTf32`. */
  tf32: boolean;
  /** How many processes there will be, see `processesOf`. */
  processes: number;
  model: string;
  /** For inputs and results. */
  folder: string;
  signal: AbortSignal;
  say: (line: string) => void;
}): Sides {
  const { options, provider, tf32, processes, model, folder, signal, say } = all;
  const { memory, precision, threads, batch, steps, runs } = options;
  const inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  let prepared: Prepared | undefined;
  let begun = 0;
  const began = performance.now();

  const ourTask = <Result>(task: TaskName, out: string, compared = false) => {
    const order: OurOrder = {
      task,
      compared,
      model,
      inputs,
      out,
      provider,
      memory,
      precision,
      threads,
      batch,
      steps,
      runs,
    };
    const title = `ours, ${task}${compared ? ' in exact float32' : ''}`;
    return started<Result>(title, [process.execPath, script, JSON.stringify(order)], {
      gpu: provider !== 'cpu' && task !== 'prepare' && !compared,
      env: (compared ? exactEnvironment : timedEnvironment)(process.env),
    });
  };
  const theirTask = <Result>(
    reference: Reference,
    task: ReferenceOrder['task'],
    out: string,
    compared = false,
  ): Promise<Told<Result>> => {
    const { device, half, tf32, layouts } = reference;
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
      tf32,
      channelsLast: layouts?.channelsLast ?? false,
      compared,
    };
    const command = [options.python, referenceScript, JSON.stringify(order)] as const;
    return started<Result>(`PyTorch, ${task}`, command, {
      gpu: device === 'cuda' && task !== 'layout',
      env: {
        ...timedEnvironment(process.env),
        OMP_NUM_THREADS: String(threads),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
  };
  const started = async <Result>(
    title: string,
    command: readonly [string, ...string[]],
    { gpu, env }: { gpu: boolean; env: NodeJS.ProcessEnv },
  ): Promise<Told<Result>> => {
    const number = ++begun;
    const onStep = (text: string) => {
      const passed = duration((performance.now() - began) / 1000);
      say(`[${number}/${processes}, ${passed}] ${title}: ${text}`);
    };
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
    async ours(task, out, compared) {
      if (!options.ours) return undefined;
      const told = await ourTask<Measured>(task, out);
      if (!compared || !tf32 || told.failure !== undefined) return told;
      try {
        await ourTask(task, out, true);
      } catch (error) {
        signal.throwIfAborted();
        return { ...told, failure: (error as Error).message };
      }
      return told;
    },
    reference: (reference, task, out, compared) =>
      theirTask<Measured>(reference, task, out, compared),
  };
}
