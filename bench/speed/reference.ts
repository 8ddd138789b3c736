/** PyTorch beside us: a Python process that is told what to compute, and times it itself. */

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Float32Tensor } from '../../src/engine/models/index.ts';
import { float32 } from '../../src/engine/models/index.ts';

export interface Reference {
  /** PyTorch's version, and which of its variants was chosen. */
  readonly torch: string;
  readonly variant: string;
  readonly variants: Readonly<Record<string, number>>;
  /** Runs a task once. @returns seconds, by Python's clock, and with `answer` what came out */
  run(
    what: string,
    answer?: boolean,
  ): Promise<{ seconds: number; results: Record<string, Float32Tensor> }>;
  close(): void;
}

/** Why there is no reference to compare with, or undefined where there is. */
export function whyAbsent(python: string): string | undefined {
  const probe = spawnSync(python, ['-c', 'import torch, onnx, numpy'], { encoding: 'utf8' });
  if (probe.error)
    return `${python} cannot be run (${(probe.error as NodeJS.ErrnoException).code})`;
  if (probe.status === 0) return undefined;
  const last = probe.stderr.trim().split('\n').at(-1) ?? '';
  return `${python} has not what is needed (${last}); install torch, onnx and numpy, or name another with --python`;
}

interface Answer {
  readonly error?: string;
  readonly seconds?: number;
  readonly torch?: string;
  readonly variant?: string;
  readonly variants?: Record<string, number>;
  readonly results?: Record<string, { dims: number[]; data: string }>;
}

/**
 * Starts PyTorch on the same weights.
 * @param tensors what the tasks read, by name
 */
export async function startReference(options: {
  python: string;
  model: string;
  factor: number;
  threads: number;
  tensors: Readonly<Record<string, Float32Tensor>>;
  signal?: AbortSignal;
}): Promise<Reference> {
  const { python, model, factor, threads, tensors, signal } = options;
  const script = fileURLToPath(new URL('../reference/reference.py', import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, [script], { env, ...(signal && { signal, killSignal: 'SIGKILL' }) });
  const ask = conversation(child);
  try {
    for (const [name, value] of Object.entries(tensors)) {
      await ask({ op: 'set', name, tensor: encode(value) });
    }
    const loaded = await ask({ op: 'load', model, factor, threads });
    return {
      torch: loaded.torch ?? '',
      variant: loaded.variant ?? '',
      variants: loaded.variants ?? {},
      async run(what, answer = false) {
        const { seconds = Number.NaN, results = {} } = await ask({ op: 'run', what, answer });
        const tensorsOf = Object.entries(results).map(([name, value]) => [name, decode(value)]);
        return { seconds, results: Object.fromEntries(tensorsOf) };
      },
      close: () => child.stdin.end(`${JSON.stringify({ op: 'quit' })}\n`),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** One order, one answer, one at a time. */
function conversation(child: ChildProcessWithoutNullStreams) {
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let told = '';
  const fail = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  child.stdin.on('error', () => {});
  child.on('error', fail);
  child.on('exit', (code) => fail(new Error(`the reference ended (${code}): ${told.trim()}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    const asker = waiting.shift();
    if (answer.error) asker?.reject(new Error(`the reference failed: ${answer.error}`));
    else asker?.resolve(answer);
  });
  return (order: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(order)}\n`);
    });
}

function encode({ dims, data }: Float32Tensor) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dims, data: bytes.toString('base64') };
}

function decode({ dims, data }: { dims: number[]; data: string }): Float32Tensor {
  const bytes = Buffer.from(data, 'base64');
  const copy = new Uint8Array(bytes).buffer;
  return float32(dims, new Float32Array(copy));
}
