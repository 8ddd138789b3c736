import { createRequire } from 'node:module';
import type { CudaVersion } from './providers-present.ts';

/** Where the CUDA provider of the installed onnxruntime-node comes from. */
export interface CudaSource {
  /** Of ONNX Runtime. */
  readonly version: string;
  /** What GitHub's API says of the release: https://docs.github.com/rest/releases/releases */
  readonly release: string;
  /** Name of the archive in it; inside, `NAME/lib/` holds the libraries. */
  readonly archive: string;
}

/** The version of the installed onnxruntime-node: only a provider of the same one fits. */
export function runtimeVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}

/**
 * Since 1.28 each release of ONNX Runtime has an archive for CUDA 12 and one for CUDA 13, while the packages
 * of NuGet, which onnxruntime-node's own install script fetches, are built for one of them: CUDA 13.
 * @returns undefined: there is none for the platform
 */
export function cudaSource(
  platform: string,
  arch: string,
  cuda: CudaVersion,
): CudaSource | undefined {
  if (platform !== 'linux' || arch !== 'x64') return undefined;
  const version = runtimeVersion();
  return {
    version,
    release: `https://api.github.com/repos/microsoft/onnxruntime/releases/tags/v${version}`,
    archive: `onnxruntime-linux-x64-gpu_cuda${cuda}-${version}.tgz`,
  };
}
