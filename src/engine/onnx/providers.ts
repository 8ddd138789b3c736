import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { missingFor } from './providers-present.ts';
import { gpuDrivers } from './providers-vulkan.ts';

/**
 * Execution providers of ONNX Runtime. Which of them its package holds differs by platform; `cuda` and
 * `tensorrt` need libraries of their own as well.
 */
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'tensorrt' | 'coreml' | 'dml';

/** What was taken, and why those that would have been better were not. */
export interface ProviderChoice {
  readonly provider: Provider;
  /** In the order in which they were tried; empty where a provider was named. */
  readonly tried: readonly { readonly provider: Provider; readonly why: string }[];
}

/** The machine as far as a choice depends on it. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** The process's own environment: drivers are found by it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What keeps a provider from being tried at all; undefined: nothing. Quick, and writes nothing. */
  missing(provider: Provider): string | undefined;
  /** Runs a tiny graph on it. Resolves to why that failed; undefined: the answer was right. */
  attempt(
    provider: Provider,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<string | undefined>;
}

/** What `auto` tries, the best first. Apple's GPUs are reached through WebGPU. */
const orders: Readonly<Record<string, readonly Provider[]>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['cuda', 'dml', 'webgpu'],
  darwin: ['webgpu', 'coreml'],
};

/** Those that have to be named, and why. */
const notByItself: Readonly<Partial<Record<Provider, string>>> = {
  coreml:
    'it computes in 16 bits where it can, which gradients do not bear, and wants shapes that are fixed: ' +
    'only where LIKEWISE_PROVIDER names it',
};

/** Seconds for one attempt; a driver that compiles its code for the first time takes long. */
const patienceMs = 60_000;

/**
 * The provider to run on. One that is named is taken as it is: whether it works is found when a session
 * is opened on it. `auto` takes the first that gives the right answer for a tiny graph, tried in a process
 * of its own: what drivers write, and crashes of theirs, stay there. It never takes a software adapter,
 * and never fails: in the end there is the CPU. Tried once per process.
 * @default 'cpu'
 */
export async function chooseProvider(
  wanted: Provider | 'auto' = 'cpu',
  host?: Host,
): Promise<ProviderChoice> {
  if (wanted !== 'auto') return { provider: wanted, tried: [] };
  if (host) return choose(host);
  chosen ??= choose(thisHost());
  return chosen;
}

let chosen: Promise<ProviderChoice> | undefined;

async function choose(host: Host): Promise<ProviderChoice> {
  const tried: { provider: Provider; why: string }[] = [];
  for (const provider of orders[host.platform] ?? []) {
    const found =
      host.missing(provider) ?? notByItself[provider] ?? withoutSoftware(provider, host);
    const why = typeof found === 'string' ? found : await host.attempt(provider, found);
    if (why === undefined) return { provider, tried };
    tried.push({ provider, why });
  }
  return { provider: 'cpu', tried };
}

/** The environment in which only a GPU can answer; a text: why there is none. */
function withoutSoftware(provider: Provider, { platform, env }: Host): Host['env'] | string {
  if (provider !== 'webgpu' || platform === 'darwin') return env;
  if (platform === 'win32') {
    // Direct3D has a software adapter, DirectML refuses it, and WebGPU takes it.
    return 'where DirectML finds no GPU, this one would compute in software';
  }
  const drivers = gpuDrivers(env);
  if (typeof drivers === 'string') return drivers;
  const list = drivers.join(':');
  // Of these two, older loaders know the second only.
  return { ...env, VK_DRIVER_FILES: list, VK_ICD_FILENAMES: list, VK_ADD_DRIVER_FILES: undefined };
}

/** This machine. */
export function thisHost(): Host {
  const { platform, arch } = process;
  return {
    platform,
    arch,
    // No setting of ours: what the system's loaders go by.
    env: process.env,
    missing: (provider) => missingFor(provider),
    attempt: (provider, env) => attemptApart(provider, env),
  };
}

/** {@link Host.attempt} in a process of its own. */
async function attemptApart(provider: Provider, env: Host['env']): Promise<string | undefined> {
  const program = fileURLToPath(new URL('./providers-trial.ts', import.meta.url));
  const child = spawn(process.execPath, [program, provider], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (status, signal) => {
      const slow = signal === 'SIGKILL' ? ` (no answer in ${patienceMs / 1000} s)` : '';
      done(`the trial ended with ${signal ?? `status ${status}`}${slow}`);
    });
  });
  const [said, how] = await Promise.all([text(child.stdout), ended]);
  try {
    const { why } = JSON.parse(said) as { why: string | null };
    return why ?? undefined;
  } catch {
    return how;
  }
}
