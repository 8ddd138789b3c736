import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ElfError, neededLibraries, x64Machine } from './elf.ts';
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

/** Major versions of CUDA that ONNX Runtime's provider is built for, the newest first. */
export const cudaVersions = [13, 12] as const;
export type CudaVersion = (typeof cudaVersions)[number];

/** The library of CUDA itself, in a major version of it. */
export const cudaRuntime = (version: number) => `libcudart.so.${version}`;

/** Opened only when a convolution asks for it, since ONNX Runtime 1.28: the provider need not be linked to it. */
const cudnn = 'libcudnn.so.9';

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

/** What an installed CUDA provider wants of the machine. */
export interface CudaNeeds {
  /** Major version of CUDA that it is built for. */
  readonly version: number;
  /** NVIDIA's libraries that it is linked to, but for the driver, and cuDNN. */
  readonly libraries: readonly string[];
}

/**
 * Reads it from the provider's own files, {@link cudaProviderFiles}.
 * @returns a text: which of them cannot be used (damaged, or for another processor), and why
 */
export function cudaNeeds(folder: string): CudaNeeds | string {
  let linked: string[] = [];
  for (const file of cudaProviderFiles) {
    try {
      // The last of them is the provider itself.
      linked = neededLibraries(join(folder, file), x64Machine);
    } catch (error) {
      if (!(error instanceof ElfError) && !(error as NodeJS.ErrnoException).syscall) throw error;
      return `${file} is damaged: ${(error as Error).message}`;
    }
  }
  const ofNvidia = linked.filter((name) => /^lib(?:cu|nv)/.test(name) && name !== cudaDriver);
  const versionOf = (name: string) => {
    const pattern = new RegExp(`^lib${name}\\.so\\.(\\d+)$`);
    return ofNvidia.flatMap((one) => one.match(pattern)?.[1] ?? [])[0];
  };
  const version = versionOf('cudart') ?? versionOf('cublas');
  if (version === undefined) return `${cudaProviderFiles[1]} is damaged: it is linked to no CUDA`;
  return { version: Number(version), libraries: [...new Set([...ofNvidia, cudnn])] };
}

function missingForCuda({ folder, canLoad }: Machine): string | undefined {
  if (!cudaProviderFiles.every((file) => existsSync(join(folder, file)))) {
    return 'its libraries are not installed: npm run setup:cuda fetches them';
  }
  const needs = cudaNeeds(folder);
  if (typeof needs === 'string') return `${needs}; npm run setup:cuda replaces it`;
  if (!canLoad(cudaDriver)) return `the driver of NVIDIA is not installed (${cudaDriver})`;
  const lacking = needs.libraries.filter((library) => !canLoad(library));
  if (lacking.length === 0) return undefined;
  const { version } = needs;
  const lacks = `CUDA ${version} and cuDNN 9 are needed, and ${lacking.join(', ')} cannot be loaded`;
  const other = cudaVersions.find((one) => one !== version && canLoad(cudaRuntime(one)));
  // Of the version that is needed there is nothing at all, and there is another one.
  return lacking.includes(cudaRuntime(version)) && other !== undefined
    ? `${lacks}; for CUDA ${other}, which is here: npm run setup:cuda -- --cuda ${other}`
    : `${lacks}: see docs/providers.md`;
}

function missingForTensorRt({ folder }: Machine): string | undefined {
  const there = existsSync(join(folder, 'libonnxruntime_providers_tensorrt.so'));
  return there ? undefined : 'its libraries are not installed; cuda does without them';
}
