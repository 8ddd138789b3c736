/** How much there is to do, told before it begins. */
import type { Provider } from '../../src/engine/onnx/index.ts';
import { duration } from '../speed/table.ts';
import type { PartName, Sd15Arguments } from './arguments.ts';

export interface Plan
  extends Pick<Sd15Arguments, 'only' | 'batch' | 'steps' | 'threads' | 'ours' | 'size'> {
  readonly runs: number;
  readonly provider: Provider;
  /** Where PyTorch computes; undefined: there is none. */
  readonly device: 'cpu' | 'cuda' | 'mps' | undefined;
  /** Whether our side runs once more for what is compared, see `roundsToTf32`. */
  readonly exact: boolean;
}

/**
 * Seconds of one core at full size, batch 4 and 10 steps: twice what two cores of a server processor took;
 * `open` opens the model.
 */
const ofOneCore: Readonly<Record<PartName, { readonly ours: number; readonly theirs: number }>> = {
  eq2: { ours: 104, theirs: 116 },
  eq3: { ours: 480, theirs: 548 },
  render: { ours: 168, theirs: 404 },
  open: { ours: 0, theirs: 0 },
};
/** To start, read 4 GB of weights and lay them out. */
const opening = 30;
/** A process on a GPU: mostly to open the model, once its files are in memory. */
const onGpu = 60;
/** More threads than this are not that much faster. */
const mostThreads = 16;

/** Processes that run one after the other, the engine's two starts apart. */
export function processesOf({ only, ours, device, exact }: Plan): number {
  const compared = only.filter((part) => part !== 'open').length;
  const own = ours ? only.length + (exact && device ? compared : 0) : 0;
  const theirs = device ? 1 + only.length : 0;
  return 1 + own + theirs;
}

/** Seconds in all, roughly: what a processor takes was measured, what a GPU takes is a guess. */
export function secondsOf(plan: Plan): number {
  const { only, provider, device, ours, runs, threads, batch, steps } = plan;
  const onCpu = (side: 'ours' | 'theirs') =>
    only.reduce((sum, part) => {
      const scale = part === 'eq2' ? batch / 4 : steps / 10;
      // Beside the runs: the small one before them, and parts alone.
      const work = ofOneCore[part][side] * scale * (runs + 0.25);
      return sum + opening + work / Math.min(threads, mostThreads);
    }, 0);
  const cpuProcesses =
    (provider === 'cpu' && ours ? only.length : 0) + (device === 'cpu' ? 1 + only.length : 0);
  const engine = ours && only.includes('open') ? 2 * opening : 0;
  const gpuProcesses = processesOf(plan) - 1 - cpuProcesses;
  return (
    opening +
    (provider === 'cpu' && ours ? onCpu('ours') : 0) +
    (device === 'cpu' ? opening + onCpu('theirs') : 0) +
    gpuProcesses * onGpu +
    engine
  );
}

/** One line for people. */
export function forecast(plan: Plan): string {
  const count = processesOf(plan);
  const all = `${count} processes, one after the other`;
  if (plan.size === 'tiny') return `${all}, each a few seconds.`;
  const measured = plan.provider === 'cpu' && plan.device !== 'cuda' && plan.device !== 'mps';
  const how = measured ? 'by what two cores took' : 'a guess: what a GPU takes was not measured';
  return `${all}; at Stable Diffusion 1.5's size about ${duration(secondsOf(plan))} (${how}).`;
}
