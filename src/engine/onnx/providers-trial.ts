import './no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { tensorToProto } from './initializer.ts';
import { encodeModel } from './model-file.ts';
import type { Provider } from './providers.ts';
import { missingFor } from './providers-present.ts';
import { tensorOf } from './tensor.ts';
import { valueInfoProto } from './value-info.ts';

/**
 * The session option that makes ONNX Runtime refuse a graph rather than run a part of it on the CPU:
 * without it, every provider "works".
 */
export const strict = { disable_cpu_ep_fallback: '1' } as const;

const weights = tensorOf('float32', [4, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
const kernel = tensorOf('float32', [1, 1, 2, 2], [1, 2, 3, 4]);

/** A product and a convolution, of any batch. */
function tinyModel(): Uint8Array {
  return encodeModel({
    dir: null,
    proto: {
      irVersion: 8,
      opsetImport: [{ domain: '', version: 14 }],
      graph: {
        name: 'trial',
        node: [
          { opType: 'MatMul', name: 'product', input: ['a', 'weights'], output: ['product'] },
          { opType: 'Conv', name: 'convolution', input: ['b', 'kernel'], output: ['convolution'] },
        ],
        initializer: [tensorToProto('weights', weights), tensorToProto('kernel', kernel)],
        input: [
          valueInfoProto('a', 'float32', ['batch', 4]),
          valueInfoProto('b', 'float32', ['batch', 1, 3, 3]),
        ],
        output: [
          valueInfoProto('product', 'float32', ['batch', 2]),
          valueInfoProto('convolution', 'float32', ['batch', 1, 2, 2]),
        ],
      },
    },
  });
}

/**
 * Runs a tiny graph on a provider, in this process, with no way out to the CPU.
 * @returns why it cannot be used; undefined: all of it ran there, and the answer was right
 */
export async function tryProvider(provider: Provider): Promise<string | undefined> {
  const missing = missingFor(provider);
  if (missing !== undefined) return missing;
  // Those that it does not know, ONNX Runtime leaves out without an error.
  const known = ort.listSupportedBackends().map(({ name }) => name);
  if (!known.includes(provider)) return `this build of ONNX Runtime has ${known.join(', ')} only`;
  try {
    const session = await ort.InferenceSession.create(tinyModel(), {
      executionProviders: [provider],
      logSeverityLevel: 4,
      extra: { session: provider === 'cpu' ? {} : strict },
    });
    try {
      for (const batch of [1, 2]) {
        const wrong = await wrongAnswer(session, batch);
        if (wrong !== undefined) return wrong;
      }
    } finally {
      await session.release();
    }
  } catch (error) {
    return firstLine(error);
  }
  return undefined;
}

async function wrongAnswer(session: ort.InferenceSession, batch: number) {
  const rows = (row: readonly number[]) => Float32Array.from(Array(batch).fill(row).flat());
  const answer = await session.run({
    a: new ort.Tensor('float32', rows([1, 2, 3, 4]), [batch, 4]),
    b: new ort.Tensor('float32', rows([1, 2, 3, 4, 5, 6, 7, 8, 9]), [batch, 1, 3, 3]),
  });
  const valuesOf = (name: string) => (answer[name] as ort.Tensor).data as Float32Array;
  const got = [...valuesOf('product'), ...valuesOf('convolution')];
  const right = [...rows([40, 50]), ...rows([37, 47, 67, 77])];
  const fits = right.every((value, i) => Math.abs((got[i] ?? Number.NaN) - value) < 0.1);
  return fits ? undefined : `it computes ${got.join(' ')} where ${right.join(' ')} is right`;
}

/** What ONNX Runtime says, on one line and without its own places in the source. */
export function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ONNX Runtime colours its messages.
  const [line = ''] = said.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  return line
    .replace(/^\/onnxruntime_src\/.* was false\. /, '')
    .trim()
    .slice(0, 600);
}

if (import.meta.main) {
  const why = await tryProvider(process.argv[2] as Provider);
  process.stdout.write(JSON.stringify({ why: why ?? null }));
}
