/** Runs one task in a process of its own, so that its peak memory is its own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { watchGpu } from '../../src/engine/onnx/gpu-watch.ts';

export interface Told<Result> {
  readonly result: Result;
  /** Seconds from nothing to its first answer. */
  readonly first: number | undefined;
  /** Most GPU memory that was seen while it measured, bytes; undefined: not seen. */
  readonly gpuBytes: number | undefined;
  /** What went wrong after it had told its figures. */
  readonly failure?: string;
}

type Event =
  | { readonly event: 'step'; readonly text: string }
  | { readonly event: 'first' }
  /** What is measured begins, or begins anew: the peak of the GPU is what is seen from here on. */
  | { readonly event: 'measuring' }
  /**
   * With the figures: nothing after it changes them. It keeps its memory until it reads a line, which it
   * gets when the GPU was looked at.
   */
  | { readonly event: 'measured' }
  /** The end, with whatever has not been told yet. */
  | { readonly event: 'done' }
  | { readonly event: 'failed'; readonly reason: string };

/**
 * @param onStep told what the process is about
 * @throws Error with what the process said last, where it fails before it has told figures
 */
export async function runTask<Result>(options: {
  command: readonly [string, ...string[]];
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  gpu: boolean;
  onStep: (text: string) => void;
}): Promise<Told<Result>> {
  const { command, env, signal, gpu, onStep } = options;
  signal.throwIfAborted();
  const [program, ...args] = command;
  const watch = gpu ? await watchGpu() : undefined;
  const began = performance.now();
  const child = spawn(program, args, { env, signal, killSignal: 'SIGKILL' });
  watch?.follow(child.pid);
  let first: number | undefined;
  let result: Partial<Result> = {};
  let [measured, done] = [false, false];
  let failed: string | undefined;
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  child.stdin.on('error', () => {}); // it has ended
  const goOn = async () => {
    await watch?.freeze();
    child.stdin.write('\n');
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"event":')) return;
    const said = JSON.parse(line) as Event;
    if (said.event === 'step') onStep(said.text);
    if (said.event === 'first') first ??= (performance.now() - began) / 1000;
    if (said.event === 'failed') failed = said.reason;
    if (said.event === 'measuring') watch?.reset();
    if (said.event === 'measured') {
      measured = true;
      void goOn();
    }
    if (said.event === 'done') done = true;
    if (said.event === 'done' || said.event === 'measured') {
      const { event, ...more } = said;
      result = { ...result, ...(more as Partial<Result>) };
    }
  });
  try {
    const end = await new Promise<string>((resolve, reject) => {
      // An interrupt is over when the process has ended.
      child.on('error', (error) => signal.aborted || reject(error));
      child.on('close', (code, by) => resolve(by ?? `status ${code}`));
    });
    signal.throwIfAborted();
    const killed = end === 'SIGKILL' ? ' (ended from outside: was there memory enough?)' : '';
    const failure = `it ended with ${end}${killed}: ${failed ?? lastLine(told)}`;
    const whole = done && end === 'status 0';
    if (!whole && !measured) throw new Error(failure);
    const gpuBytes = await watch?.stop();
    return { result: result as Result, first, gpuBytes, ...(!whole && { failure }) };
  } finally {
    await watch?.stop();
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it said nothing';
}
