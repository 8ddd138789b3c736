/** Where our side computes, and how the CUDA libraries round there. Found out before anything is made. */
import type { Provider, ProviderChoice } from '../../src/engine/onnx/index.ts';
import { chooseProvider } from '../../src/engine/onnx/index.ts';
import { type Host, thisHost } from '../../src/engine/onnx/providers.ts';
import { wrong } from '../common/arguments.ts';

/** @throws LikewiseError `USAGE` where one that was named cannot be used here, with the reason */
export async function providerOf(
  wanted: Provider | 'auto',
  host: Host = thisHost(),
): Promise<ProviderChoice> {
  if (wanted === 'auto' || wanted === 'cpu') return chooseProvider(wanted, host);
  const why = host.missing(wanted) ?? (await host.attempt(wanted, host.env));
  if (why !== undefined) throw wrong(`--provider ${wanted} cannot be used here: ${why}`);
  return { provider: wanted, tried: [] };
}

type Environment = NodeJS.ProcessEnv;

/** NVIDIA's own switch, which cuBLAS and cuDNN heed in whatever program uses them. */
const override = 'NVIDIA_TF32_OVERRIDE';

/**
 * Whether our side rounds the factors of products and convolutions to TF32 (10 bits of mantissa): ONNX
 * Runtime does in float32 on CUDA, and Node has no option against it.
 */
export function roundsToTf32(
  { provider, precision }: { provider: Provider; precision: 'float32' | 'float16' },
  env: Environment,
): boolean {
  return provider === 'cuda' && precision === 'float32' && env[override] !== '0';
}

/** For what is measured. 0 holds for both sides; 1 would keep PyTorch from exact float32. */
export function timedEnvironment(env: Environment): Environment {
  const { [override]: given, ...others } = env;
  return given === '0' ? env : others;
}

/** For what is compared: exact float32. */
export function exactEnvironment(env: Environment): Environment {
  return { ...env, [override]: '0' };
}
