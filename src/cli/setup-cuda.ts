import { existsSync } from 'node:fs';
import { rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import {
  canLoad,
  cudaProviderFiles,
  type Machine,
  missingFor,
  runtimeFolder,
} from '../engine/onnx/providers-present.ts';
import { type CudaSource, cudaSource } from '../engine/onnx/providers-source.ts';
import { LikewiseError } from '../errors.ts';
import { type Command, runCommand, type Terminal } from './command.ts';
import { reasonOf } from './folders.ts';
import { inMegabytes, readOptions, wrongUse } from './model/words.ts';
import { fetchPackage, findPackage } from './setup/nuget.ts';
import { listZip, unpack, ZipError } from './setup/zip.ts';

const usage = `npm run setup:cuda [-- --feed URL]

Fetches ONNX Runtime's CUDA provider, which is not on npm, from NuGet: for an NVIDIA GPU, on Linux, x64.
It takes the version that fits the installed onnxruntime-node, checks it, and puts it beside it. Then it
says whether CUDA 12 and cuDNN 9, which the provider needs, can be loaded.

  --feed URL   service index of another NuGet feed, e.g. of a mirror
  --help       this text

docs/providers.md says more.
`;

/** Where it is put, and what of the machine counts. */
export interface SetupMachine extends Machine {
  /** Bytes that are free on the disk of a folder. */
  free(folder: string): Promise<number>;
}

/**
 * `npm run setup:cuda`.
 * @throws LikewiseError `USAGE`, `CUDA_PLATFORM`, `CUDA_UNREACHABLE`, `CUDA_CHECKSUM`, `CUDA_DISK_FULL`,
 *   `OUTPUT_UNWRITABLE`
 */
export async function setupCuda(
  args: readonly string[],
  terminal: Terminal,
  machine: SetupMachine = thisMachine(),
): Promise<void> {
  const { stdout } = terminal;
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(usage);
    return;
  }
  const { values, words } = readOptions(args, ['feed']);
  if (words.length > 0) throw wrongUse(`"${words[0]}" is one word too many`);
  const feed = values.feed;
  if (feed !== undefined && !/^https?:$/.test(URL.parse(feed)?.protocol ?? '')) {
    throw wrongUse(`"${feed}" is no address of a feed: it begins with https://`);
  }
  const { platform, arch, folder } = machine;
  const source = cudaSource(platform, arch);
  if (!source) throw new LikewiseError('CUDA_PLATFORM', { platform: `${platform}/${arch}` });
  if (cudaProviderFiles.every((file) => existsSync(join(folder, file)))) {
    stdout.write(`The CUDA provider ${source.version} is in ${folder} already.\n`);
  } else {
    await install({ ...source, ...(feed !== undefined && { feed }) }, terminal, machine);
    stdout.write(`The CUDA provider ${source.version} is in ${folder} now.\n`);
  }
  const missing = missingFor('cuda', machine);
  stdout.write(missing === undefined ? ready : notReady(missing));
}

const ready = 'CUDA 12 and cuDNN 9 can be loaded. Next: LIKEWISE_PROVIDER=cuda npm start\n';

const notReady = (missing: string) => `It cannot be used yet: ${missing}.
CUDA 12 and cuDNN 9 on Debian and Ubuntu, once NVIDIA's repository of packages is set up:
  apt-get install cuda-libraries-12-8 libcudnn9-cuda-12
Or use the image that has them: COMPOSE_PROFILES=gpu docker compose up --build
`;

async function install(source: CudaSource, terminal: Terminal, machine: SetupMachine) {
  const { signal, stderr } = terminal;
  const { folder } = machine;
  const archive = join(folder, `.cuda.${process.pid}.nupkg`);
  const parts = source.files.map((file) => ({ ...file, part: join(folder, `.${file.name}.part`) }));
  const view = progress(stderr);
  try {
    const wanted = { name: source.package, version: source.version };
    const found = await findPackage(source.feed, wanted, signal);
    await assertRoom(machine, found.size ?? 0);
    const onBytes = (bytes: number) => view.show(bytes, found.size);
    await fetchPackage(found, archive, { signal, onBytes });
    view.stop();
    const entries = await listZip(archive);
    const chosen = parts.map((part) => {
      const entry = entries.find(({ name }) => name === part.path);
      if (!entry) throw new ZipError(`it has no ${part.path}`);
      return { ...part, entry };
    });
    await assertRoom(
      machine,
      chosen.reduce((sum, { entry }) => sum + entry.size, 0),
    );
    for (const { entry, part } of chosen) {
      signal.throwIfAborted();
      await unpack(archive, entry, part);
    }
    // All of them are whole: only now do they take their places.
    for (const { part, name } of chosen) await rename(part, join(folder, name));
  } catch (error) {
    if (error instanceof ZipError) {
      const details = { file: `${source.package} ${source.version}`, reason: error.message };
      throw new LikewiseError('CUDA_CHECKSUM', details, { cause: error });
    }
    if (!(error as NodeJS.ErrnoException).syscall) throw error;
    throw new LikewiseError(
      'OUTPUT_UNWRITABLE',
      { path: folder, reason: reasonOf(error) },
      { cause: error },
    );
  } finally {
    view.stop();
    for (const path of [archive, ...parts.map(({ part }) => part)]) await rm(path, { force: true });
  }
}

async function assertRoom({ folder, free }: SetupMachine, bytes: number): Promise<void> {
  const room = await free(folder);
  if (room >= bytes) return;
  const [have, needed] = [Math.floor(room / 1e6), Math.ceil(bytes / 1e6)];
  throw new LikewiseError('CUDA_DISK_FULL', { path: folder, free: have, needed });
}

function thisMachine(): SetupMachine {
  const { platform, arch } = process;
  return {
    ...{ platform, arch, canLoad, folder: runtimeFolder(platform, arch) },
    async free(folder) {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
  };
}

/** A bar on a terminal; nothing where nobody watches. */
function progress(stream: NodeJS.WriteStream) {
  const bar =
    stream.isTTY &&
    new SingleBar(
      {
        stream,
        format: '{bar} {percentage}%  {have} of {all}',
        barsize: 28,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // Ctrl-C is the command's to handle
      },
      Presets.rect,
    );
  let started = false;
  return {
    show(bytes: number, total = bytes) {
      if (!bar) return;
      const told = { have: inMegabytes(bytes), all: inMegabytes(total) };
      if (!started) bar.start(total, bytes, told);
      started = true;
      bar.update(bytes, told);
    },
    stop() {
      if (bar && started) bar.stop();
      started = false;
    },
  };
}

if (import.meta.main) await runCommand(setupCuda as Command);
