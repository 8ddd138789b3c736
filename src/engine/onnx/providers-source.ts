import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cudaProviderFiles } from './providers-present.ts';

/** Where the CUDA provider of the installed onnxruntime-node comes from. */
export interface CudaSource {
  /** Address of a NuGet feed: its service index. */
  readonly feed: string;
  readonly package: string;
  readonly version: string;
  /** What is taken out of the package: names of their own, and paths in it. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
}

interface Metadata {
  requirements: Record<string, string[]>;
  manifests: Record<string, Record<string, { package: string; path: string }>>;
  packages: Record<string, { name: string; versions: { feed: string; version: string }[] }>;
  feeds: Record<string, { index: string }>;
}

/**
 * By the lists that onnxruntime-node's own install script goes by, so that versions match; undefined where
 * they have nothing for the platform. TensorRT's provider, which lies in the same package, is left there.
 */
export function cudaSource(platform: string, arch: string): CudaSource | undefined {
  const require = createRequire(import.meta.url);
  const scripts = join(dirname(require.resolve('onnxruntime-node')), '../script');
  const lists = require(join(scripts, 'install-metadata.js')) as Metadata;
  const key = `${platform}/${arch}`;
  if (!lists.requirements[key]?.includes('cuda12')) return undefined;
  const manifest = lists.manifests[`${key}:cuda12`] ?? {};
  const files = cudaProviderFiles.flatMap((name) => {
    const entry = manifest[`./${name}`];
    return entry ? [{ name, ...entry }] : [];
  });
  const found = lists.packages[files[0]?.package ?? ''];
  const [version] = found?.versions ?? [];
  const feed = lists.feeds[version?.feed ?? ''];
  if (!found || !version || !feed || files.length < cudaProviderFiles.length) return undefined;
  return {
    feed: feed.index,
    package: found.name,
    version: version.version,
    files: files.map(({ name, path }) => ({ name, path })),
  };
}
