import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Provider } from './providers.ts';

/** Where onnxruntime-node keeps its native libraries for this machine. */
export function runtimeFolder(platform: string = process.platform, arch: string = process.arch) {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '../bin/napi-v6', platform, arch);
}

/** What the CUDA provider is loaded from; not in the package, `npm run setup:cuda` fetches them. */
export const cudaProviderFiles = [
  'libonnxruntime_providers_shared.so',
  'libonnxruntime_providers_cuda.so',
] as const;

/** Of CUDA 12 and cuDNN 9: what the provider is linked to. */
export const cudaLibraries = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcurand.so.10',
  'libcufft.so.11',
  'libcudnn.so.9',
] as const;

/** NVIDIA's driver, by which programs reach the card. */
export const cudaDriver = 'libcuda.so.1';

/**
 * Whether the dynamic linker finds a library, with all that it needs in turn. Node's own way to load one
 * tells it, by what it has against libraries that are no add-ons of its own.
 */
export function canLoad(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    return /self-register/.test((error as Error).message);
  }
}

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** See {@link runtimeFolder}. */
  readonly folder: string;
  canLoad(library: string): boolean;
}

function thisMachine(): Machine {
  const { platform, arch } = process;
  return { platform, arch, folder: runtimeFolder(platform, arch), canLoad };
}

/**
 * What a provider lacks that can be told without loading ONNX Runtime, which would write of it to stderr,
 * and how to get it; undefined: nothing that is seen from outside.
 */
export function missingFor(provider: Provider, machine: Machine = thisMachine()) {
  const { platform, arch } = machine;
  if (provider === 'dml')
    return platform === 'win32' ? undefined : 'DirectML is there on Windows only';
  if (provider === 'coreml')
    return platform === 'darwin' ? undefined : 'CoreML is there on macOS only';
  if (provider === 'cuda' || provider === 'tensorrt') {
    if (platform !== 'linux' || arch !== 'x64') {
      return `ONNX Runtime has it for Node on linux/x64 only, and this is ${platform}/${arch}`;
    }
    return provider === 'cuda' ? missingForCuda(machine) : missingForTensorRt(machine);
  }
  if (provider === 'webgpu' && platform === 'linux' && !machine.canLoad('libvulkan.so.1')) {
    return 'Vulkan is not installed (libvulkan.so.1): on Debian and Ubuntu apt install libvulkan1, and the driver of the GPU';
  }
  return undefined;
}

function missingForCuda({ folder, canLoad }: Machine): string | undefined {
  if (!cudaProviderFiles.every((file) => existsSync(join(folder, file)))) {
    return 'its libraries are not installed: npm run setup:cuda fetches them';
  }
  if (!canLoad(cudaDriver)) return `the driver of NVIDIA is not installed (${cudaDriver})`;
  const lacking = cudaLibraries.filter((library) => !canLoad(library));
  if (lacking.length === 0) return undefined;
  return `CUDA 12 and cuDNN 9 are needed, and ${lacking.join(', ')} cannot be loaded: see docs/providers.md`;
}

function missingForTensorRt({ folder }: Machine): string | undefined {
  const there = existsSync(join(folder, 'libonnxruntime_providers_tensorrt.so'));
  return there ? undefined : 'its libraries are not installed; cuda does without them';
}
