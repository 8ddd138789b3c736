import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach } from 'vitest';
import type { SetupMachine } from '../../../src/cli/setup/install.ts';
import { setupCuda } from '../../../src/cli/setup-cuda.ts';
import { cudaProviderFiles } from '../../../src/engine/onnx/providers-present.ts';
import { cudaSource } from '../../../src/engine/onnx/providers-source.ts';
import type { LikewiseError } from '../../../src/errors.ts';
import { cudaLinks, elfOf } from '../../engine/onnx/elf-file.ts';
import { openRelease, type ReleaseOptions, type ReleaseServer, tgzOf } from './release-server.ts';

export const [sharedFile, providerFile] = cudaProviderFiles;
/** What is in the runtime's folder when the provider is. */
export const both = [providerFile, sharedFile].sort();
export const nameOf = (cuda: 12 | 13) => cudaSource('linux', 'x64', cuda)?.archive ?? '';
export const version = cudaSource('linux', 'x64', 12)?.version ?? '';

/** Does not get smaller by packing: its bytes are spread over several chunks of a connection. */
export const providers = {
  12: elfOf(cudaLinks(12), randomFillSync(Buffer.alloc(400_000))),
  13: elfOf(cudaLinks(13), randomFillSync(Buffer.alloc(300_000))),
};
export const shared = elfOf(['libc.so.6']);

export type Files = [path: string, data: Buffer | string][];

/** What a release's archive holds, as far as it counts. */
export function filesOf(cuda: 12 | 13): Files {
  const folder = nameOf(cuda).replace(/\.tgz$/, '');
  return [
    [`${folder}/VERSION_NUMBER`, Buffer.from(version)],
    [`${folder}/lib/libonnxruntime.so.1`, randomFillSync(Buffer.alloc(200_000))],
    [`${folder}/lib/libonnxruntime.so`, 'libonnxruntime.so.1'],
    [`${folder}/lib/${providerFile}`, providers[cuda]],
    [`${folder}/lib/${sharedFile}`, shared],
    [`${folder}/lib/libonnxruntime_providers_tensorrt.so`, Buffer.from('of no use')],
  ];
}

export const archive12 = tgzOf(filesOf(12));
export const archive13 = tgzOf(filesOf(13));
export const for12 = ['--cuda', '12'];

/** A machine with the libraries of one version of CUDA. */
export const only = (cuda: number) => ({
  canLoad: (library: string) =>
    !/cudart|cublas|nvrtc/.test(library) || library.endsWith(`.${cuda}`),
});

export const isProvider = (folder: string, cuda: 12 | 13) =>
  readFileSync(join(folder, providerFile)).equals(providers[cuda]) &&
  readFileSync(join(folder, sharedFile)).equals(shared);

/** Runs of the command, and releases to fetch from, for the tests of one file: what it makes goes with them. */
export function setupRuns() {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-cuda-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  let server: ReleaseServer | undefined;
  const close = () => {
    server?.close();
    server = undefined;
  };
  afterEach(close);

  /** A release of these archives; the one before is closed. */
  async function serve(archives: Readonly<Record<string, Buffer>>, options?: ReleaseOptions) {
    close();
    server = await openRelease(archives, options);
    return server;
  }

  return {
    dir,
    serve,
    /** A release in which the archive for CUDA 12 is this one. */
    release: (archive = archive12, options?: ReleaseOptions) =>
      serve({ [nameOf(12)]: archive, [nameOf(13)]: archive13 }, options),
    /** A folder as the runtime's, without a provider. */
    emptyFolder: () => mkdtempSync(join(dir, 'runtime-')),
    /** Runs the command on the release that is served, if one is. */
    async run(
      args: string[] = [],
      changed: Partial<SetupMachine> = {},
      signal = new AbortController().signal,
    ) {
      const folder = changed.folder ?? mkdtempSync(join(dir, 'runtime-'));
      const out = new PassThrough();
      const terminal = {
        env: {},
        stdout: out as unknown as NodeJS.WriteStream,
        stderr: new PassThrough() as unknown as NodeJS.WriteStream,
        signal,
      };
      const machine = {
        ...{ platform: 'linux', arch: 'x64', folder, free: async () => 1e9 },
        canLoad: () => true,
        ...changed,
      };
      const from = server && !args.includes('--archive') ? ['--releases', server.url] : [];
      const error = await setupCuda([...from, ...args], terminal, machine).then(
        () => undefined,
        (reason: unknown) => reason as LikewiseError,
      );
      return { folder, error, out: String(out.read() ?? ''), left: readdirSync(folder).sort() };
    },
  };
}
